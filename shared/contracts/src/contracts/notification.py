"""What notification says."""

from datetime import date, datetime
from typing import ClassVar

from contracts.envelope import Contract
from contracts.topics import NOTIFICATION


class ReceiptGivenV1(Contract):
    """A receiver confirmed a formal message (签收)."""

    TYPE: ClassVar = "notification.receipt_given.v1"
    TOPIC: ClassVar = NOTIFICATION
    KEY: ClassVar = "message"

    message: str
    item: str | None
    person: str
    at: datetime


class ReceiverUnreachableV1(Contract):
    """No channel that leaves the platform reaches this person; said by each message that meets it."""

    TYPE: ClassVar = "notification.receiver_unreachable.v1"
    TOPIC: ClassVar = NOTIFICATION
    KEY: ClassVar = "person"

    person: str
    on: date
