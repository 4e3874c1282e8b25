"""What evidence says."""

from datetime import date
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
    """A revision lies re-hashed under retention lock and proves these subjects.

    Said on acceptance with all subjects, and again with only the new ones when subjects are added later: readers keep the union.
    """

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
    name: str | None = None
    effective_on: date | None = None
    confidentiality: Literal["public", "internal", "work_secret"] | None = None


class RefusedV1(Contract):
    """An upload is not what was declared; its bytes were never accepted and prove nothing."""

    TYPE: ClassVar = "evidence.refused.v1"
    TOPIC: ClassVar = EVIDENCE
    KEY: ClassVar = "evidence"

    evidence: str
    revision: int
    unit: str | None
    name: str
    uploader: str
    fault: Literal["size_differs", "hash_differs", "type_differs"]


class IntegrityFailedV1(Contract):
    """The bytes in the store are no longer those that were accepted, or are gone."""

    TYPE: ClassVar = "evidence.integrity_failed.v1"
    TOPIC: ClassVar = EVIDENCE
    KEY: ClassVar = "evidence"

    evidence: str
    revision: int
    expected: str
    found: str | None
