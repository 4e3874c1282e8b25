"""What a source says about its records: the three CloudEvents types of a feed and their payloads (domain.md §3)."""

from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

RECORD_OBSERVED: Final = "feed.record_observed.v1"
RECORD_WITHDRAWN: Final = "feed.record_withdrawn.v1"
BATCH_CLOSED: Final = "feed.batch_closed.v1"
TYPES: Final = (RECORD_OBSERVED, RECORD_WITHDRAWN, BATCH_CLOSED)

PLATFORM_SOURCE: Final = "urn:kaohe:platform"  # what the platform itself observed: rectifications, confirmed deductions
PLATFORM_SLUG: Final = "platform"


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RecordObserved(_Payload):
    """These attributes of the record now have these values; `unit` is the source's own code and may be left out."""

    kind: str
    unit: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)


class RecordWithdrawn(_Payload):
    """The record must not count; a later observation brings it back."""

    reason: str | None = None


class BatchClosed(_Payload):
    """How many events the source sent for a day (by `time`, in its stated zone), and the SHA-256 of their sorted ids joined by newlines."""

    day: date
    count: int = Field(ge=0)
    digest: str = Field(pattern="^[0-9a-f]{64}$")
