"""What evidence says."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Contract
from contracts.topics import EVIDENCE


class Subject(BaseModel):
    """What a file proves: an item of rectification, an indicator of a unit (`<cycle>/<unit>/<indicator>`), a bonus, a veto."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["item", "indicator", "bonus", "veto"]
    id: str


class AcceptedV1(Contract):
    """A revision lies re-hashed under retention lock and proves these subjects."""

    TYPE: ClassVar = "evidence.accepted.v1"
    TOPIC: ClassVar = EVIDENCE
    KEY: ClassVar = "evidence"

    evidence: str
    revision: int
    unit: str | None
    subjects: tuple[Subject, ...]
    sha256: str
    size: int
    media_type: str
    uploader: str


class IntegrityFailedV1(Contract):
    """The bytes in the store are no longer those that were accepted, or are gone."""

    TYPE: ClassVar = "evidence.integrity_failed.v1"
    TOPIC: ClassVar = EVIDENCE
    KEY: ClassVar = "evidence"

    evidence: str
    revision: int
    expected: str
    found: str | None
