"""What feedback says about problems and their rectification."""

from datetime import date
from typing import ClassVar, Literal

from contracts.envelope import Contract
from contracts.topics import FEEDBACK

Severity = Literal["minor", "major", "severe"]
Stage = Literal["before_due", "due_today", "overdue_notice", "criticism", "interview"]


class _AboutItem(Contract):
    TOPIC: ClassVar = FEEDBACK
    KEY: ClassVar = "item"

    item: str
    cycle: str
    unit: str


class ProblemRaisedV1(_AboutItem):
    TYPE: ClassVar = "feedback.problem_raised.v1"

    indicator: str
    indicator_name: str
    cause: str
    severity: Severity
    finding: str


class NoticeIssuedV1(_AboutItem):
    """考核问题整改通知书: numbered without gaps within the cycle."""

    TYPE: ClassVar = "feedback.notice_issued.v1"

    number: int
    indicator: str
    indicator_name: str
    severity: Severity
    finding: str
    sent_on: date
    working_days: int | None
    due_on: date | None


class NoticeSignedV1(_AboutItem):
    """Signed, or deemed signed n calendar days after it was sent; from here the deadline counts."""

    TYPE: ClassVar = "feedback.notice_signed.v1"

    number: int
    signed_on: date
    deemed: bool
    due_on: date


class StageReachedV1(_AboutItem):
    """A stage of the reminder ladder holds today; said once for (item, due date, stage)."""

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


class ReturnedV1(_AboutItem):
    TYPE: ClassVar = "feedback.returned.v1"

    number: int
    indicator_name: str
    missing: str
    due_on: date


class VerifiedV1(_AboutItem):
    """`first_time`: the submission was never returned (整改一次验收通过)."""

    TYPE: ClassVar = "feedback.verified.v1"

    number: int
    indicator: str
    indicator_name: str
    verified_on: date
    first_time: bool


class ClosedV1(_AboutItem):
    """销号; `late`: submitted for the last time after the due date."""

    TYPE: ClassVar = "feedback.closed.v1"

    number: int
    indicator_name: str
    closed_on: date
    late: bool


class CancelledV1(_AboutItem):
    TYPE: ClassVar = "feedback.cancelled.v1"

    number: int | None
    reason: str


class DeductionConfirmedV1(_AboutItem):
    """The office confirmed a deduction; one matter deducts once, so a later one of the same `matter` replaces it."""

    TYPE: ClassVar = "feedback.deduction_confirmed.v1"

    matter: str
    level: Literal["overdue", "recurred", "untrue"]
    reason: str
    confirmed_on: date
