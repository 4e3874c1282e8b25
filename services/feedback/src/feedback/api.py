"""Routes, request and response models."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Depends, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from feedback import handlers
from feedback.domain import errors
from feedback.domain.deadlines import Policy
from feedback.domain.deductions import Decision, Deduction, DeductionId, Level
from feedback.domain.rectification import Finding, Rectification
from feedback.domain.states import State
from feedback.domain.words import CycleKey, IndicatorKey, ItemId, Light, Severity, UnitCode
from feedback.handlers import Sought, Story, Work
from kit.errors import Problem, Problems
from kit.http import work_of
from kit.workdays import Calendar, NotCovered, WrongYear

PROBLEMS: Final[Problems] = {
    errors.NoSuchItem: Problem(404, "no-such-item"),
    errors.NoSuchDeduction: Problem(404, "no-such-deduction"),
    errors.OtherUnit: Problem(403, "other-unit"),
    errors.IllegalMove: Problem(409, "illegal-move"),
    errors.NotAllowed: Problem(409, "not-allowed"),
    NotCovered: Problem(409, "calendar-not-covered"),
    WrongYear: Problem(422, "wrong-year"),
}

UnitWork = Annotated[Work, Depends(work_of("unit"), scope="function")]
CheckerWork = Annotated[Work, Depends(work_of("assessor", "office"), scope="function")]
OfficeWork = Annotated[Work, Depends(work_of("office"), scope="function")]
LeaderWork = Annotated[Work, Depends(work_of("leader"), scope="function")]
AdminWork = Annotated[Work, Depends(work_of("admin"), scope="function")]
AnyWork = Annotated[Work, Depends(work_of("unit", "assessor", "office", "leader", "admin", "auditor"), scope="function")]
ReaderWork = Annotated[Work, Depends(work_of("unit", "assessor", "office", "leader"), scope="function")]

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Key = Annotated[str, Field(min_length=1, max_length=200)]

items = APIRouter(tags=["items"])
deductions = APIRouter(tags=["deductions"])
calendar = APIRouter(tags=["calendar"])
ROUTERS: Final = (items, deductions, calendar)


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProblemFound(Body):
    """What an assessor found; `due_on` is an exact date instead of working days, `held` keeps the notice back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cycle": "2026",
                    "unit": "wanglan",
                    "indicator": "hotline_in_time",
                    "indicator_name": "12345按期办结率",
                    "cause": "no_night_shift",
                    "finding": "夜间工单无人签收，六月共超期14件",
                    "severity": "major",
                }
            ]
        }
    )

    cycle: Key
    unit: Key
    indicator: Key
    indicator_name: Key | None = None
    cause: Annotated[str, Field(min_length=1, max_length=500)]
    finding: Text
    requirement: str = Field(default="", max_length=4000)
    severity: Severity = Severity.MINOR
    department: Key | None = None
    due_on: date | None = None
    held: bool = False

    def found(self) -> Finding:
        return Finding(
            cycle=CycleKey(self.cycle),
            unit=UnitCode(self.unit),
            indicator=IndicatorKey(self.indicator),
            indicator_name=self.indicator_name or self.indicator,
            cause=self.cause,
            text=self.finding,
            severity=self.severity,
            requirement=self.requirement,
            department=self.department,
            exact_on=self.due_on,
        )


class ItemsWanted(Body):
    is_open: bool | None = Field(default=None, alias="open")
    cycle: Key | None = None
    unit: Key | None = None
    state: State | None = None
    limit: int = Field(default=100, ge=1, le=500)
    offset: int = Field(default=0, ge=0)

    def sought(self) -> Sought:
        return Sought(
            is_open=self.is_open,
            cycle=None if self.cycle is None else CycleKey(self.cycle),
            unit=None if self.unit is None else UnitCode(self.unit),
            state=self.state,
            limit=self.limit,
            offset=self.offset,
        )


class Report(Body):
    report: str = Field(default="", max_length=4000, examples=["已补齐夜间值班，超期工单全部办结"])


class Missing(Body):
    missing: Text = Field(examples=["缺整改前后对比照片"])


class Reason(Body):
    reason: Text = Field(examples=["与另一整改项重复"])


class ExtensionWanted(Body):
    until: date
    reason: Text


class ExtensionDecision(Body):
    granted: bool


class DeductionWanted(Body):
    level: Level
    reason: Text


class ItemShown(BaseModel):
    """A rectification with its light on the business day."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    cycle: str
    unit: str
    indicator: str
    indicator_name: str
    cause: str
    finding: str
    requirement: str
    department: str | None
    severity: Severity
    state: State
    light: Light
    number: int | None
    label: str | None
    raised_on: date
    sent_on: date | None
    signed_on: date | None
    deemed: bool
    due_on: date | None
    submitted_on: date | None
    returns: int
    extensions: int
    excused: bool
    was_overdue: bool
    verified_on: date | None
    ended_on: date | None

    @classmethod
    def of(cls, item: Rectification, *, today: date, policy: Policy, calendar: Calendar) -> Self:
        light = item.light(today=today, policy=policy, calendar=calendar)
        shown = {name: getattr(item, name) for name in cls.model_fields if name != "light"}
        return cls(**shown, light=light)


class ItemList(BaseModel):
    today: date
    items: list[ItemShown]


class StoryShown(BaseModel):
    item: ItemShown
    findings: list[dict[str, Any]]
    history: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    evidence: list[dict[str, Any]]


class DeductionShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    matter: str
    item: str
    cycle: str
    unit: str
    indicator: str
    level: Level
    reason: str
    proposed_by: str
    proposed_on: date
    decision: Decision
    decided_by: str | None
    decided_on: date | None


class DeductionList(BaseModel):
    deductions: list[DeductionShown]


class TimersShown(BaseModel):
    """`through` is the business day through which deemed signing and the ladder are worked; `blocked` says which item lacks what."""

    today: date
    through: date | None
    pending: int
    unsent: int
    blocked: dict[str, str]


class YearShown(BaseModel):
    year: int
    holidays: list[date]
    workdays: list[date]


class YearEntered(Body):
    """Days off that fall on Monday to Friday or a weekend, and moved days that are worked (调休上班)."""

    holidays: list[date]
    workdays: list[date] = []


async def shown(item: Rectification, work: Work) -> ItemShown:
    return ItemShown.of(item, today=work.today(), policy=work.policy, calendar=await work.years.calendar())


@items.post("/problems", status_code=status.HTTP_201_CREATED)
async def raise_problem(body: ProblemFound, work: CheckerWork) -> ItemShown:
    """Raise a problem (提出问题). The open item of the same unit, indicator and cause gets one finding more instead of a new item."""
    return await shown(await handlers.raise_problem(body.found(), work, held=body.held), work)


@items.get("/items")
async def list_items(work: AnyWork, wanted: Annotated[ItemsWanted, Query()]) -> ItemList:
    """Rectifications by due date, with their lights; a unit sees its own."""
    calendar, today = await work.years.calendar(), work.today()
    found = await work.reading.items(wanted.sought())
    return ItemList(today=today, items=[ItemShown.of(item, today=today, policy=work.policy, calendar=calendar) for item in found])


@items.get("/items/{item}")
async def story_of(item: ItemId, work: AnyWork) -> StoryShown:
    """An item with its findings, history, stages of the ladder and accepted evidence."""
    story: Story = await work.reading.story(item)
    lines = {name: [dict(line) for line in getattr(story, name)] for name in ("findings", "history", "stages")}
    return StoryShown(item=await shown(story.item, work), **lines, evidence=[dict(line) for line in story.proofs])


@items.post("/items/{item}/notice")
async def issue_notice(item: ItemId, work: CheckerWork) -> ItemShown:
    """Issue the notice of an item that was held (下达考核问题整改通知书)."""
    return await shown(await handlers.issue_notice(item, work), work)


@items.post("/items/{item}/sign")
async def sign(item: ItemId, work: UnitWork) -> ItemShown:
    """Sign the notice (签收); from the next day the deadline counts."""
    return await shown(await handlers.sign(item, work), work)


@items.post("/items/{item}/start")
async def start(item: ItemId, work: UnitWork) -> ItemShown:
    """Begin, or begin again after a return (开始整改)."""
    return await shown(await handlers.start(item, work), work)


@items.post("/items/{item}/submit")
async def submit(item: ItemId, work: UnitWork, body: Report | None = None) -> ItemShown:
    """Hand in for verification (提交整改); the ladder stops. Evidence is uploaded to the evidence service with this item as subject."""
    return await shown(await handlers.submit(item, body.report if body else "", work), work)


@items.post("/items/{item}/return")
async def return_for(item: ItemId, body: Missing, work: CheckerWork) -> ItemShown:
    """Return a submission and say what is missing (退回)."""
    return await shown(await handlers.return_for(item, body.missing, work), work)


@items.post("/items/{item}/verify")
async def verify(item: ItemId, work: CheckerWork) -> ItemShown:
    """Verify (核查验收): needs accepted evidence, and another person than the one who submitted."""
    return await shown(await handlers.verify(item, work), work)


@items.post("/items/{item}/close")
async def close(item: ItemId, work: OfficeWork) -> ItemShown:
    """Close a verified item (销号)."""
    return await shown(await handlers.close(item, work), work)


@items.post("/items/{item}/extensions", status_code=status.HTTP_202_ACCEPTED)
async def ask_for_extension(item: ItemId, body: ExtensionWanted, work: UnitWork) -> ItemShown:
    """Ask for a later deadline (申请延期), on the due date at the latest; the office decides."""
    return await shown(await handlers.ask_for_extension(item, body.until, body.reason, work), work)


@items.post("/items/{item}/extensions/decision")
async def decide_extension(item: ItemId, body: ExtensionDecision, work: OfficeWork) -> ItemShown:
    """Grant or refuse the extension that was asked for."""
    return await shown(await handlers.decide_extension(item, work, granted=body.granted), work)


@items.post("/items/{item}/statement")
async def accept_statement(item: ItemId, body: Reason, work: OfficeWork) -> ItemShown:
    """Accept the unit's statement (采纳情况说明): the item is not criticised."""
    return await shown(await handlers.accept_statement(item, body.reason, work), work)


@items.post("/items/{item}/cancellation", status_code=status.HTTP_202_ACCEPTED)
async def ask_for_cancellation(item: ItemId, body: Reason, work: OfficeWork) -> ItemShown:
    """Ask for an item to be cancelled (申请撤销); a leader approves."""
    return await shown(await handlers.ask_for_cancellation(item, body.reason, work), work)


@items.post("/items/{item}/cancellation/approval")
async def cancel(item: ItemId, work: LeaderWork) -> ItemShown:
    """Approve the cancellation that was asked for by another person (批准撤销)."""
    return await shown(await handlers.cancel(item, work), work)


@deductions.post("/items/{item}/deductions", status_code=status.HTTP_201_CREATED)
async def propose_deduction(item: ItemId, body: DeductionWanted, work: CheckerWork) -> DeductionList:
    """Propose a deduction; empty when the matter is deducted at this level or a higher one already (同一事项不重复扣分)."""
    made = await handlers.propose_deduction(item, body.level, body.reason, work)
    return _listed([] if made is None else [made])


@deductions.get("/deductions")
async def list_deductions(work: ReaderWork, decision: Decision | None = None, cycle: str | None = None) -> DeductionList:
    """Deductions, proposed and decided; a unit sees its own."""
    return _listed(await work.reading.deductions(decision=decision, cycle=None if cycle is None else CycleKey(cycle)))


@deductions.post("/deductions/{deduction}/{verdict}")
async def decide_deduction(deduction: DeductionId, verdict: Literal["confirm", "refuse"], work: OfficeWork) -> DeductionShown:
    """Confirm or refuse a deduction that another person or the platform proposed; a confirmed one counts as a fact."""
    decide = handlers.confirm_deduction if verdict == "confirm" else handlers.refuse_deduction
    return DeductionShown.model_validate(await decide(deduction, work))


def _listed(found: Iterable[Deduction]) -> DeductionList:
    return DeductionList(deductions=[DeductionShown.model_validate(each) for each in found])


@calendar.get("/timers")
async def timers(work: AnyWork) -> TimersShown:
    """Through which business day deemed signing and the ladder are worked, and what waits."""
    found = await work.reading.progress(work.today())
    blocked = {str(item): why for item, why in found.blocked.items()}
    return TimersShown(today=found.day, through=found.through, pending=found.pending, unsent=found.unsent, blocked=blocked)


Year = Annotated[int, Path(ge=2000, le=2100)]


@calendar.get("/calendar/{year}")
async def year_of(year: Year, work: AnyWork) -> YearShown:
    """The days off and moved working days of a year, shipped or entered; an unknown year is an error, never a guess."""
    known = (await work.years.calendar()).years.get(year)
    if known is None:
        raise NotCovered(year)
    return YearShown(year=year, holidays=sorted(known.holidays), workdays=sorted(known.workdays))


@calendar.put("/calendar/{year}")
async def enter_year(year: Year, body: YearEntered, work: AdminWork) -> YearShown:
    """Replace a year whole. Due dates that run stay; the ladder counts by the new days at once."""
    await handlers.enter_year(year, work, holidays=body.holidays, workdays=body.workdays)
    return await year_of(year, work)
