"""One function per command or event, and the Protocols that they need; none of them commits."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Final, Protocol

from contracts import evidence, scoring
from feedback.domain import facts
from feedback.domain.deadlines import Policy
from feedback.domain.deductions import Decision, Deduction, DeductionId, Level, propose
from feedback.domain.errors import OtherUnit
from feedback.domain.ladder import Stage
from feedback.domain.rectification import Finding, Rectification
from feedback.domain.rectification import raise_problem as raised
from feedback.domain.states import State
from feedback.domain.words import PLATFORM, CycleKey, IndicatorKey, ItemId, Person, Severity, UnitCode
from kit.clock import Clock, today
from kit.errors import Refused
from kit.workdays import Calendar

LINE_SEVERITY: Final = {"yellow": Severity.MINOR, "red": Severity.MAJOR}
Line = Mapping[Any, Any]
DEDUCTED_STAGES: Final = frozenset({Stage.CRITICISM, Stage.INTERVIEW})


class Items(Protocol):
    """Rectifications within the caller's units; others do not exist."""

    async def locked(self, item: ItemId) -> Rectification:
        """The item, locked until the transaction ends; raises `NoSuchItem`."""

    async def locked_unlooked(self, item: ItemId, day: date) -> Rectification | None:
        """The item, locked, unless the timers looked at it on that day or another scheduler holds it."""

    async def open_matter(self, unit: UnitCode, indicator: IndicatorKey, cause: str) -> Rectification | None:
        """The open item of a matter, locked; the matter itself stays locked, so that nobody opens another one meanwhile."""

    async def save(self, item: Rectification) -> None:
        """Made or changed; the timers look at it again."""

    async def looked(self, item: ItemId, day: date, *, blocked: str | None = None) -> None: ...

    async def look_again(self) -> None:
        """The timers look at every item anew: the calendar changed."""

    async def remember(self, fact: facts.ItemFact) -> None:
        """A line in the item's history, and its finding if it is one."""


class Numbers(Protocol):
    async def next(self, cycle: CycleKey) -> int:
        """The cycle's next notice number; given back when the transaction fails, so that none is ever missing."""


class Stages(Protocol):
    async def told(self, item: ItemId, due_on: date) -> frozenset[Stage]: ...

    async def add(self, fact: facts.StageReached) -> None: ...


class Proofs(Protocol):
    async def add(self, item: ItemId, *, evidence: str, revision: int, unit: UnitCode | None, on: date) -> None: ...

    async def count(self, item: Rectification) -> int:
        """Accepted pieces of the item's own unit, or of none."""


class Deductions(Protocol):
    async def locked(self, deduction: DeductionId) -> Deduction:
        """Raises `NoSuchDeduction`."""

    async def of_matter(self, matter: str) -> Deduction | None:
        """Locked."""

    async def save(self, deduction: Deduction) -> None: ...


class Years(Protocol):
    async def calendar(self) -> Calendar:
        """The shipped calendar with the years that an admin entered."""

    async def enter(self, year: int, *, holidays: Collection[date], workdays: Collection[date], by: Person) -> None: ...


class Outbox(Protocol):
    async def add(self, fact: facts.Fact) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which items somebody wants to see; `None` is any."""

    is_open: bool | None = None
    cycle: CycleKey | None = None
    unit: UnitCode | None = None
    state: State | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An item with everything that happened to it; lines are rows by their column names."""

    item: Rectification
    findings: Sequence[Line]
    history: Sequence[Line]
    stages: Sequence[Line]
    proofs: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far time's work is: `pending` items wait for a look on `day`, the earliest was looked at on `earliest`."""

    day: date
    pending: int
    earliest: date | None
    unsent: int
    blocked: Mapping[ItemId, str]

    @property
    def through(self) -> date | None:
        """The last business day whose timers are all worked; `None` while a changed item waits for its first look."""
        return self.day if self.pending == 0 else self.earliest


class Reading(Protocol):
    """What is read for people, within the caller's units."""

    async def items(self, sought: Sought) -> Sequence[Rectification]:
        """By due date, those without one last."""

    async def story(self, item: ItemId) -> Story:
        """Raises `NoSuchItem`."""

    async def deductions(self, *, decision: Decision | None, cycle: CycleKey | None) -> Sequence[Deduction]: ...

    async def progress(self, day: date) -> Progress: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one transaction may use; `units` is the caller's scope, `None` for everybody's."""

    items: Items
    numbers: Numbers
    stages: Stages
    proofs: Proofs
    deductions: Deductions
    years: Years
    outbox: Outbox
    clock: Clock
    zone: tzinfo
    policy: Policy
    reading: Reading
    new_id: Callable[[], str]
    who: Person = PLATFORM
    units: frozenset[UnitCode] | None = None

    def today(self) -> date:
        return today(self.clock, self.zone)

    async def record(self, fact: facts.ItemFact) -> Rectification:
        """The item as it is now, the line in its history, and the word to everybody."""
        await self.items.save(fact.item)
        await self.items.remember(fact)
        await self.outbox.add(fact)
        return fact.item


async def raise_problem(found: Finding, work: Work, *, held: bool = False) -> Rectification:
    """A new item, or one finding more of the open one of this matter; noticed at once unless it is held."""
    if work.units is not None and found.unit not in work.units:
        raise OtherUnit(found.unit)
    standing = await work.items.open_matter(found.unit, found.indicator, found.cause)
    if standing is None:
        calendar = await work.years.calendar()
        item = await work.record(raised(ItemId(work.new_id()), found, by=work.who, today=work.today(), calendar=calendar))
    else:
        item = await work.record(standing.add(found, by=work.who, today=work.today()))
    return item if held or item.state is not State.OPEN else await _noticed(item, work)


async def issue_notice(item: ItemId, work: Work) -> Rectification:
    return await _noticed(await work.items.locked(item), work)


async def _noticed(item: Rectification, work: Work) -> Rectification:
    number = await work.numbers.next(item.cycle)
    return await work.record(item.notice(number=number, by=work.who, today=work.today(), policy=work.policy))


async def sign(item: ItemId, work: Work) -> Rectification:
    found, calendar = await work.items.locked(item), await work.years.calendar()
    return await work.record(found.sign(by=work.who, today=work.today(), policy=work.policy, calendar=calendar))


async def start(item: ItemId, work: Work) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.start(by=work.who, today=work.today()))


async def submit(item: ItemId, report: str, work: Work) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.submit(report=report, by=work.who, today=work.today()))


async def return_for(item: ItemId, missing: str, work: Work) -> Rectification:
    found, calendar = await work.items.locked(item), await work.years.calendar()
    return await work.record(found.return_for(missing=missing, by=work.who, today=work.today(), policy=work.policy, calendar=calendar))


async def verify(item: ItemId, work: Work) -> Rectification:
    found = await work.items.locked(item)
    accepted = await work.proofs.count(found)
    return await work.record(found.verify(by=work.who, today=work.today(), accepted=accepted))


async def close(item: ItemId, work: Work) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.close(by=work.who, today=work.today()))


async def ask_for_extension(item: ItemId, until: date, reason: str, work: Work) -> Rectification:
    found, calendar = await work.items.locked(item), await work.years.calendar()
    fact = found.ask_for_extension(until=until, reason=reason, by=work.who, today=work.today(), policy=work.policy, calendar=calendar)
    return await work.record(fact)


async def decide_extension(item: ItemId, work: Work, *, granted: bool) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.decide_extension(granted=granted, by=work.who, today=work.today()))


async def accept_statement(item: ItemId, reason: str, work: Work) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.accept_statement(reason=reason, by=work.who, today=work.today()))


async def ask_for_cancellation(item: ItemId, reason: str, work: Work) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.ask_for_cancellation(reason=reason, by=work.who, today=work.today()))


async def cancel(item: ItemId, work: Work) -> Rectification:
    found = await work.items.locked(item)
    return await work.record(found.cancel(by=work.who, today=work.today()))


async def propose_deduction(item: ItemId, level: Level, reason: str, work: Work) -> Deduction | None:
    """`None` when the matter is deducted at this level or a higher one already."""
    return await _proposed(await work.items.locked(item), level, reason, work)


async def _proposed(item: Rectification, level: Level, reason: str, work: Work) -> Deduction | None:
    wanted = Deduction(
        id=DeductionId(work.new_id()),
        matter=item.id,
        item=item.id,
        cycle=item.cycle,
        unit=item.unit,
        indicator=item.indicator,
        level=level,
        reason=reason,
        proposed_by=work.who,
        proposed_on=work.today(),
    )
    fact = propose(wanted, standing=await work.deductions.of_matter(wanted.matter))
    return None if fact is None else await _settled(fact, work)


async def confirm_deduction(deduction: DeductionId, work: Work) -> Deduction:
    found = await work.deductions.locked(deduction)
    return await _settled(found.confirm(by=work.who, today=work.today()), work)


async def refuse_deduction(deduction: DeductionId, work: Work) -> Deduction:
    found = await work.deductions.locked(deduction)
    return await _settled(found.refuse(by=work.who, today=work.today()), work)


async def _settled(fact: facts.DeductionFact, work: Work) -> Deduction:
    await work.deductions.save(fact.deduction)
    await work.outbox.add(fact)
    return fact.deduction


async def enter_year(year: int, work: Work, *, holidays: Sequence[date], workdays: Sequence[date]) -> None:
    """Replace a year of the calendar whole; due dates that run stay, the timers look at every item anew. Raises `WrongYear`."""
    (await work.years.calendar()).with_year(year, holidays, workdays)
    await work.years.enter(year, holidays=holidays, workdays=workdays, by=work.who)
    await work.items.look_again()


async def on_line_crossed(event: scoring.LineCrossedV1, work: Work) -> None:
    """A measure that fell under a line is a problem; a recovered one changes nothing: the matter is still to be verified."""
    if event.direction == "recovered":
        return
    found = Finding(
        cycle=CycleKey(event.cycle),
        unit=UnitCode(event.unit),
        indicator=IndicatorKey(event.indicator),
        indicator_name=event.indicator_name,
        cause=event.cause,
        text=event.finding,
        severity=LINE_SEVERITY[event.line],
        department=event.department or None,
    )
    await raise_problem(found, work)


async def on_evidence_accepted(event: evidence.AcceptedV1, work: Work) -> None:
    """Kept whether or not the item is known yet: it counts when somebody verifies."""
    unit = None if event.unit is None else UnitCode(event.unit)
    for subject in event.subjects:
        if subject.kind == "item":
            await work.proofs.add(ItemId(subject.id), evidence=event.evidence, revision=event.revision, unit=unit, on=work.today())


async def look(item: ItemId, work: Work) -> bool:
    """What time itself does to an item today: deemed signing, then the ladder; once a day, whoever looks first. Whether it was us.

    A calendar that lacks a year blocks this item alone, says so, and is tried again tomorrow or when the year is entered.
    """
    day = work.today()  # read once: at midnight a second reading would mark a day as looked at on which nothing was looked for
    found = await work.items.locked_unlooked(item, day)
    if found is None:
        return False
    try:
        item_now = await _deemed(found, day, work)
        await _laddered(item_now, day, work)
    except Refused as refusal:
        await work.items.looked(item, day, blocked=f"{refusal.zh} / {refusal.en}")
    else:
        await work.items.looked(item, day)
    return True


async def _deemed(item: Rectification, day: date, work: Work) -> Rectification:
    if not item.is_deemed_signed(today=day, policy=work.policy):
        return item
    calendar = await work.years.calendar()
    return await work.record(item.sign(by=PLATFORM, today=day, policy=work.policy, calendar=calendar))


async def _laddered(item: Rectification, day: date, work: Work) -> None:
    if item.due_on is None:
        return
    told, calendar = await work.stages.told(item.id, item.due_on), await work.years.calendar()
    fact = item.stage_reached(today=day, told=told, policy=work.policy, calendar=calendar)
    if fact is None:
        return
    await work.stages.add(fact)
    await work.items.remember(fact)
    await work.outbox.add(fact)
    if fact.stage in DEDUCTED_STAGES and not item.excused:
        await _proposed(item, Level.OVERDUE, f"逾期{fact.over}个工作日未完成整改（{item.label}）", work)
