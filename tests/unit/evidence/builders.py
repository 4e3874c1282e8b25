"""Pieces of evidence for tests."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from evidence.domain.claims import Claim, Confidentiality, EvidenceId, UnitCode
from evidence.domain.revisions import Locked, Revision, State

NOW = datetime(2026, 9, 14, 2, tzinfo=UTC)
EVIDENCE = EvidenceId(UUID("0199c0de-0000-7000-8000-000000000001"))
SHA = "a" * 64


def a_claim(**changed: object) -> Claim:
    values: dict[str, object] = {
        "name": "整改报告.pdf",
        "size": 10,
        "sha256": SHA,
        "media_type": "application/pdf",
        "effective_on": date(2026, 9, 10),
        "confidentiality": Confidentiality.INTERNAL,
    }
    return Claim(**(values | changed))  # type: ignore[arg-type]  # the names are the fields'


def a_revision(state: State = State.DECLARED) -> Revision:
    accepted = state is State.ACCEPTED
    return Revision(
        evidence=EVIDENCE,
        number=1,
        unit=UnitCode("wanglan"),
        claim=a_claim(),
        uploader="contact-1",
        state=state,
        declared_at=NOW,
        upload_until=NOW + timedelta(hours=1),
        locked=Locked("v1", NOW + timedelta(days=3650)) if accepted else None,
    )
