"""What happened to a rectification or a deduction; each fact carries the thing as it is afterwards."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from feedback.domain.ladder import Stage
from feedback.domain.words import Person

if TYPE_CHECKING:
    from feedback.domain.deductions import Deduction
    from feedback.domain.rectification import Finding, Rectification


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    item: "Rectification"
    by: Person
    on: date

    @property
    def note(self) -> str:
        """What people wrote about it, for the item's history."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRaised(_Happened):
    finding: "Finding"

    @property
    def note(self) -> str:
        return self.finding.text


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAdded(_Happened):
    """The same matter was found again while it is open."""

    finding: "Finding"

    @property
    def note(self) -> str:
        return self.finding.text


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeIssued(_Happened):
    """`working_days` from signing, unless the item carries an exact date."""

    working_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSigned(_Happened):
    """By the unit, or deemed so by the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(_Happened):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(_Happened):
    report: str

    @property
    def note(self) -> str:
        return self.report


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(_Happened):
    missing: str

    @property
    def note(self) -> str:
        return self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionAsked(_Happened):
    until: date
    reason: str

    @property
    def note(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionDecided(_Happened):
    granted: bool
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAccepted(_Happened):
    """情况说明 accepted: no criticism will be proposed for this item."""

    reason: str

    @property
    def note(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached(_Happened):
    """A stage of the ladder holds; `over` is in working days, `skipped` stages were missed for good."""

    due_on: date
    stage: Stage
    over: int
    skipped: tuple[Stage, ...]

    @property
    def note(self) -> str:
        return self.stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(_Happened):
    """`first_time`: never returned (一次验收通过)."""

    first_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(_Happened):
    """`late`: it was over a due date at least once."""

    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationAsked(_Happened):
    reason: str

    @property
    def note(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(_Happened):
    reason: str

    @property
    def note(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionProposed:
    deduction: "Deduction"
    by: Person
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionConfirmed:
    deduction: "Deduction"
    by: Person
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionRefused:
    deduction: "Deduction"
    by: Person
    on: date


ItemFact = (
    ProblemRaised
    | FindingAdded
    | NoticeIssued
    | NoticeSigned
    | Started
    | Submitted
    | Returned
    | ExtensionAsked
    | ExtensionDecided
    | StatementAccepted
    | StageReached
    | Verified
    | Closed
    | CancellationAsked
    | Cancelled
)
DeductionFact = DeductionProposed | DeductionConfirmed | DeductionRefused
Fact = ItemFact | DeductionFact
