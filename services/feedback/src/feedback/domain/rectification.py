"""A rectification: the duty of a unit to repair a problem, from the finding to its closure."""

from dataclasses import dataclass, replace
from datetime import date

from feedback.domain import facts
from feedback.domain.deadlines import Policy, deemed_on, due_after, due_after_return, signing_day
from feedback.domain.errors import (
    AlreadyAsked,
    NoAcceptedEvidence,
    NoExtensionLeft,
    NothingAsked,
    NotLater,
    OwnProposal,
    SubmitterCannotVerify,
    TooLate,
)
from feedback.domain.ladder import Stage, stage_on, step
from feedback.domain.states import RUNNING, Move, State, after
from feedback.domain.words import PLATFORM, CycleKey, IndicatorKey, ItemId, Light, Person, Severity, UnitCode
from kit.workdays import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What somebody found at a unit; two findings with one (unit, indicator, cause) are the same matter."""

    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    indicator_name: str
    cause: str
    text: str
    severity: Severity
    requirement: str = ""
    department: str | None = None
    exact_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request for a later due date or for cancellation, until it is decided."""

    by: Person
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    id: ItemId
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    indicator_name: str
    cause: str
    finding: str
    requirement: str
    department: str | None
    severity: Severity
    raised_by: Person
    raised_on: date
    state: State = State.OPEN
    exact_on: date | None = None
    number: int | None = None
    sent_on: date | None = None
    signed_on: date | None = None
    deemed: bool = False
    due_on: date | None = None
    submitted_by: Person | None = None
    submitted_on: date | None = None
    returns: int = 0
    extensions: int = 0
    extension: Request | None = None
    cancellation: Request | None = None
    excused: bool = False
    was_overdue: bool = False
    verified_on: date | None = None
    ended_on: date | None = None

    @property
    def label(self) -> str | None:
        """The number of the notice as it is printed."""
        return None if self.number is None else f"考整〔{self.cycle}〕{self.number}号"

    def add(self, finding: Finding, *, by: Person, today: date) -> facts.FindingAdded:
        """The same matter again: the worse severity stays; a due date that runs is not moved."""
        worse = max(self.severity, finding.severity, key=lambda severity: severity.rank)
        return facts.FindingAdded(item=replace(self, severity=worse), by=by, on=today, finding=finding)

    def notice(self, *, number: int, by: Person, today: date, policy: Policy) -> facts.NoticeIssued:
        """`number` is the cycle's next one, drawn in the same transaction so that none is ever missing."""
        if self.exact_on is not None and self.exact_on <= today:
            raise NotLater(self.exact_on, today)
        item = replace(self, state=after(self.state, Move.NOTICE), number=number, sent_on=today)
        days = None if self.exact_on else policy.working_days[self.severity]
        return facts.NoticeIssued(item=item, by=by, on=today, working_days=days)

    def sign(self, *, by: Person, today: date, policy: Policy, calendar: Calendar) -> facts.NoticeSigned:
        """From here the deadline counts; signed later than it was deemed signed changes nothing. Raises `NotCovered`."""
        state = after(self.state, Move.SIGN)
        signed = signing_day(signed_on=today, sent_on=self.sent_on, deemed_after=policy.deemed_after)
        due_on = self.exact_on or due_after(signed, policy.working_days[self.severity], calendar)
        deemed = by == PLATFORM or signed < today
        item = replace(self, state=state, signed_on=signed, deemed=deemed, due_on=due_on)
        return facts.NoticeSigned(item=item, by=by, on=today)

    def is_deemed_signed(self, *, today: date, policy: Policy) -> bool:
        return self.state is State.NOTICED and self.sent_on is not None and deemed_on(self.sent_on, policy.deemed_after) <= today

    def start(self, *, by: Person, today: date) -> facts.Started:
        return facts.Started(item=replace(self, state=after(self.state, Move.START)), by=by, on=today)

    def submit(self, *, report: str, by: Person, today: date) -> facts.Submitted:
        state = after(self.state, Move.SUBMIT)
        item = replace(self, state=state, submitted_by=by, submitted_on=today, was_overdue=self._ever_overdue(today))
        return facts.Submitted(item=item, by=by, on=today, report=report)

    def return_for(self, *, missing: str, by: Person, today: date, policy: Policy, calendar: Calendar) -> facts.Returned:
        """Say what is missing; the due date stands unless too few working days are left. Raises `NotCovered`."""
        state = after(self.state, Move.RETURN)
        due_on = due_after_return(self._due(), today, least=policy.days_after_return, calendar=calendar)
        item = replace(self, state=state, due_on=due_on, returns=self.returns + 1)
        return facts.Returned(item=item, by=by, on=today, missing=missing)

    def verify(self, *, by: Person, today: date, accepted: int) -> facts.Verified:
        """`accepted` pieces of evidence prove this item."""
        state = after(self.state, Move.VERIFY)
        if by == self.submitted_by:
            raise SubmitterCannotVerify
        if accepted < 1:
            raise NoAcceptedEvidence
        return facts.Verified(item=replace(self, state=state, verified_on=today), by=by, on=today, first_time=self.returns == 0)

    def close(self, *, by: Person, today: date) -> facts.Closed:
        item = replace(self, state=after(self.state, Move.CLOSE), ended_on=today)
        return facts.Closed(item=item, by=by, on=today, late=self.was_overdue)

    def ask_for_extension(
        self, *, until: date, reason: str, by: Person, today: date, policy: Policy, calendar: Calendar
    ) -> facts.ExtensionAsked:
        """On the due date at the latest (市政府督查工作规则: 到期前提出), one at a time, at most n times. Raises `NotCovered`."""
        after(self.state, Move.EXTEND)
        if self.extension is not None:
            raise AlreadyAsked
        if today > self._due():
            raise TooLate(self._due(), today)
        if self.extensions >= policy.extensions:
            raise NoExtensionLeft(policy.extensions)
        if until <= self._due():
            raise NotLater(until, self._due())
        calendar.is_working(until)
        item = replace(self, extension=Request(by=by, reason=reason, until=until))
        return facts.ExtensionAsked(item=item, by=by, on=today, until=until, reason=reason)

    def decide_extension(self, *, granted: bool, by: Person, today: date) -> facts.ExtensionDecided:
        """A granted one sets the date that was asked for, and the ladder starts again.

        Raises `NotLater` when that date has come, or when a return has set a later one since it was asked for.
        """
        if self.extension is None or self.extension.until is None:
            raise NothingAsked
        until = self.extension.until
        item = replace(self, extension=None)
        if granted:
            state = after(self.state, Move.EXTEND)
            standing = max(today, self._due())
            if until <= standing:
                raise NotLater(until, standing)
            overdue = self._ever_overdue(today)
            item = replace(item, state=state, due_on=until, extensions=self.extensions + 1, was_overdue=overdue)
        return facts.ExtensionDecided(item=item, by=by, on=today, granted=granted, until=until)

    def accept_statement(self, *, reason: str, by: Person, today: date) -> facts.StatementAccepted:
        """情况说明: it stops the criticism of this item, nothing else."""
        item = replace(self, state=after(self.state, Move.EXCUSE), excused=True)
        return facts.StatementAccepted(item=item, by=by, on=today, reason=reason)

    def ask_for_cancellation(self, *, reason: str, by: Person, today: date) -> facts.CancellationAsked:
        after(self.state, Move.CANCEL)
        if self.cancellation is not None:
            raise AlreadyAsked
        item = replace(self, cancellation=Request(by=by, reason=reason))
        return facts.CancellationAsked(item=item, by=by, on=today, reason=reason)

    def cancel(self, *, by: Person, today: date) -> facts.Cancelled:
        """The approver is another person than the one who asked."""
        state = after(self.state, Move.CANCEL)
        if self.cancellation is None:
            raise NothingAsked
        if by == self.cancellation.by:
            raise OwnProposal
        item = replace(self, state=state, ended_on=today)
        return facts.Cancelled(item=item, by=by, on=today, reason=self.cancellation.reason)

    def stage_reached(self, *, today: date, told: frozenset[Stage], policy: Policy, calendar: Calendar) -> facts.StageReached | None:
        """The stage to tell today, if one is left; `told` ones were sent or skipped for this due date. Raises `NotCovered`."""
        if self.state not in RUNNING or self.due_on is None:
            return None
        stopped = {Stage.CRITICISM} if self.excused else frozenset[Stage]()
        found = step(self.due_on, today, sent=told, calendar=calendar, ladder=policy.ladder, stopped=stopped)
        if found.stage is None:
            return None
        return facts.StageReached(
            item=self, by=PLATFORM, on=today, due_on=self.due_on, stage=found.stage, over=found.over, skipped=found.skipped
        )

    def light(self, *, today: date, policy: Policy, calendar: Calendar) -> Light:
        """Red over the due date, yellow shortly before it; one that was red turns yellow when it is repaired, not green."""
        if self.state in RUNNING and self._due() < today:
            return Light.RED
        soon = self.state in RUNNING and stage_on(self._due(), today, calendar, policy.ladder) is not None
        return Light.YELLOW if soon or self.was_overdue else Light.GREEN

    def _due(self) -> date:
        assert self.due_on is not None, "an item in this state was signed"  # noqa: S101 - the table of moves leads here through SIGN only
        return self.due_on

    def _ever_overdue(self, today: date) -> bool:
        return self.was_overdue or today > self._due()


def raise_problem(item: ItemId, finding: Finding, *, by: Person, today: date, calendar: Calendar) -> facts.ProblemRaised:
    """A finding that no open item covers becomes an item of its own. Raises `NotCovered` for an exact date that is not."""
    if finding.exact_on is not None:
        if finding.exact_on <= today:
            raise NotLater(finding.exact_on, today)
        calendar.is_working(finding.exact_on)
    raised = Rectification(
        id=item,
        cycle=finding.cycle,
        unit=finding.unit,
        indicator=finding.indicator,
        indicator_name=finding.indicator_name,
        cause=finding.cause,
        finding=finding.text,
        requirement=finding.requirement,
        department=finding.department,
        severity=finding.severity,
        exact_on=finding.exact_on,
        raised_by=by,
        raised_on=today,
    )
    return facts.ProblemRaised(item=raised, by=by, on=today, finding=finding)
