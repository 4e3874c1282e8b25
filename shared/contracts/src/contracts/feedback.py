"""What feedback says about problems and their rectification."""

from datetime import date
from typing import ClassVar, Literal

from contracts.envelope import Contract
from contracts.topics import FEEDBACK

Severity = Literal["minor", "major", "severe"]
Stage = Literal["before_due", "due_today", "overdue_notice", "criticism", "interview"]
Level = Literal["overdue", "recurred", "untrue"]


class _AboutItem(Contract):
    """`label` is the notice's number as it is printed (考整〔2026〕7号), `department` the responsible one (责任科室)."""

    TOPIC: ClassVar = FEEDBACK
    KEY: ClassVar = "item"

    item: str
    cycle: str
    unit: str
    label: str | None = None
    department: str | None = None


class ProblemRaisedV1(_AboutItem):
    TYPE: ClassVar = "feedback.problem_raised.v1"

    indicator: str
    indicator_name: str
    cause: str
    severity: Severity
    finding: str


class FindingAddedV1(_AboutItem):
    """The same matter (unit, indicator, cause) was found again while its item is open; `severity` is the item's now."""

    TYPE: ClassVar = "feedback.finding_added.v1"

    indicator: str
    indicator_name: str
    severity: Severity
    finding: str


class NoticeIssuedV1(_AboutItem):
    """考核问题整改通知书: numbered without gaps within the cycle; due `working_days` after it is signed, or on an exact date."""

    TYPE: ClassVar = "feedback.notice_issued.v1"

    number: int
    indicator: str
    indicator_name: str
    severity: Severity
    finding: str
    requirement: str = ""
    sent_on: date
    working_days: int | None
    due_on: date | None
    deemed_on: date | None = None


class NoticeSignedV1(_AboutItem):
    """Signed, or deemed signed n calendar days after it was sent; from here the deadline counts."""

    TYPE: ClassVar = "feedback.notice_signed.v1"

    number: int
    signed_on: date
    deemed: bool
    due_on: date
    indicator_name: str | None = None


class StartedV1(_AboutItem):
    TYPE: ClassVar = "feedback.started.v1"

    number: int
    indicator_name: str


class StageReachedV1(_AboutItem):
    """A stage of the reminder ladder holds today; said once for (item, due date, stage). `over` is in working days."""

    TYPE: ClassVar = "feedback.stage_reached.v1"

    number: int
    indicator_name: str
    finding: str
    due_on: date
    stage: Stage
    over: int


class SubmittedV1(_AboutItem):
    TYPE: ClassVar = "feedback.submitted.v1"

    number: int
    indicator_name: str
    report: str = ""


class ReturnedV1(_AboutItem):
    TYPE: ClassVar = "feedback.returned.v1"

    number: int
    indicator_name: str
    missing: str
    due_on: date


class ExtensionAskedV1(_AboutItem):
    TYPE: ClassVar = "feedback.extension_asked.v1"

    number: int
    indicator_name: str
    due_on: date
    until: date
    reason: str


class ExtensionDecidedV1(_AboutItem):
    """`due_on` is what holds from now: `until` if it was granted, else the date before."""

    TYPE: ClassVar = "feedback.extension_decided.v1"

    number: int
    indicator_name: str
    granted: bool
    until: date
    due_on: date


class StatementAcceptedV1(_AboutItem):
    """情况说明 accepted: the item will not be criticised."""

    TYPE: ClassVar = "feedback.statement_accepted.v1"

    number: int
    indicator_name: str
    reason: str


class VerifiedV1(_AboutItem):
    """`first_time`: the submission was never returned (整改一次验收通过)."""

    TYPE: ClassVar = "feedback.verified.v1"

    number: int
    indicator: str
    indicator_name: str
    verified_on: date
    first_time: bool


class ClosedV1(_AboutItem):
    """销号; `late`: it was over a due date at least once."""

    TYPE: ClassVar = "feedback.closed.v1"

    number: int
    indicator_name: str
    closed_on: date
    late: bool


class CancellationAskedV1(_AboutItem):
    TYPE: ClassVar = "feedback.cancellation_asked.v1"

    number: int | None
    indicator_name: str
    reason: str


class CancelledV1(_AboutItem):
    TYPE: ClassVar = "feedback.cancelled.v1"

    number: int | None
    reason: str
    indicator_name: str | None = None


class DeductionProposedV1(_AboutItem):
    """A deduction waits for the office's decision."""

    TYPE: ClassVar = "feedback.deduction_proposed.v1"

    deduction: str
    matter: str
    level: Level
    reason: str
    proposed_on: date


class DeductionConfirmedV1(_AboutItem):
    """The office confirmed a deduction; one matter deducts once, so a later one of the same `matter` replaces it."""

    TYPE: ClassVar = "feedback.deduction_confirmed.v1"

    matter: str
    level: Level
    reason: str
    confirmed_on: date
    deduction: str | None = None


class DeductionRefusedV1(_AboutItem):
    TYPE: ClassVar = "feedback.deduction_refused.v1"

    deduction: str
    matter: str
    level: Level
    refused_on: date
