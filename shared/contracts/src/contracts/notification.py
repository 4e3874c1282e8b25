"""What notification says."""

from datetime import datetime
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
