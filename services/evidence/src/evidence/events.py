"""Facts of evidence in the public language; evidence hears nobody."""

from contracts import evidence as said
from contracts.envelope import Contract
from evidence.domain.revisions import Accepted, Fact, IntegrityFailed, UploadRefused


def contract_of(fact: Fact) -> Contract:
    match fact:
        case Accepted():
            return _accepted(fact)
        case UploadRefused(revision=revision, fault=fault):
            return said.RefusedV1(
                evidence=str(revision.evidence),
                revision=revision.number,
                unit=revision.unit,
                name=revision.claim.name,
                uploader=revision.uploader,
                fault=fault.value,
            )
        case IntegrityFailed(revision=revision, found=found):
            return said.IntegrityFailedV1(
                evidence=str(revision.evidence), revision=revision.number, expected=revision.claim.sha256, found=found
            )


def _accepted(fact: Accepted) -> said.AcceptedV1:
    revision, claim = fact.revision, fact.revision.claim
    return said.AcceptedV1(
        evidence=str(revision.evidence),
        revision=revision.number,
        unit=revision.unit,
        subjects=tuple(said.Subject(kind=subject.kind.value, id=subject.id) for subject in fact.subjects),
        sha256=claim.sha256,
        size=claim.size,
        media_type=claim.media_type,
        uploader=revision.uploader,
        name=claim.name,
        effective_on=claim.effective_on,
        confidentiality=claim.confidentiality.value,
    )
