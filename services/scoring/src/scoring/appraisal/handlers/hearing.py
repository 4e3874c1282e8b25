"""What feedback decided comes back as facts of the platform's own feed, the one way in; what evidence accepted proves claims."""

import json
from collections.abc import Mapping
from typing import Final

from contracts import evidence
from contracts.feed import PLATFORM_SLUG, PLATFORM_SOURCE, RECORD_OBSERVED
from contracts.feedback import DeductionConfirmedV1, VerifiedV1
from contracts.topics import feed_topic
from kit.ids import uuid7
from kit.outbox import Raw
from scoring.appraisal.domain.schemes import UnitCode
from scoring.appraisal.handlers.work import Work

RECTIFICATION: Final = "rectification"
DEDUCTION: Final = "deduction"
KINDS: Final = {  # the kinds that the platform itself reports on, registered at the service's start
    RECTIFICATION: {"cycle": "text", "indicator": "text", "number": "number", "verified_on": "date", "first_time": "boolean"},
    DEDUCTION: {"cycle": "text", "item": "text", "level": "text", "reason": "text", "confirmed_on": "date"},
}
NAMES: Final = {RECTIFICATION: "整改", DEDUCTION: "扣分"}


async def on_verified(event: VerifiedV1, work: Work) -> None:
    """A verified rectification is a record of its unit: whether it passed at the first time counts."""
    observed = {
        "cycle": event.cycle,
        "indicator": event.indicator,
        "number": str(event.number),
        "verified_on": event.verified_on.isoformat(),
        "first_time": event.first_time,
    }
    await _observe(event.item, RECTIFICATION, event.unit, observed, work)


async def on_deduction_confirmed(event: DeductionConfirmedV1, work: Work) -> None:
    """A matter is one record however often it is decided on: the same matter is deducted once.

    Its subject is not the matter alone: that is an item, which is a record of its own once it is verified, and a record has one kind.
    """
    observed = {
        "cycle": event.cycle,
        "item": event.item,
        "level": event.level,
        "reason": event.reason,
        "confirmed_on": event.confirmed_on.isoformat(),
    }
    await _observe(f"{DEDUCTION}-{event.matter}", DEDUCTION, event.unit, observed, work)


async def on_evidence_accepted(event: evidence.AcceptedV1, work: Work) -> None:
    """Kept whether or not somebody claims by it yet."""
    unit = None if event.unit is None else UnitCode(event.unit)
    await work.proofs.accept(event.evidence, event.revision, unit=unit, sha256=event.sha256)
    await _unsettle_claims(event.evidence, work)


async def on_integrity_failed(event: evidence.IntegrityFailedV1, work: Work) -> None:
    """Bytes that changed or are gone prove nothing any more; a later revision may."""
    await work.proofs.spoil(event.evidence, event.revision, sha256=event.expected)
    await _unsettle_claims(event.evidence, work)


async def _unsettle_claims(named: str, work: Work) -> None:
    """After the proof was written: who recognises a claim by it meanwhile waits for us or is seen here."""
    active = {kept.cycle: kept for kept in await work.schemes.all_active()}
    for cycle, unit in await work.claims.citing(named):
        if cycle in active:
            await work.scores.unsettle(cycle, active[cycle].version, [unit])


async def _observe(subject: str, kind: str, unit: str, attributes: Mapping[str, object], work: Work) -> None:
    """Ids sort by the millisecond of their making: of two decisions of one business instant, each a transaction, the later one wins."""
    fact = {
        "specversion": "1.0",
        "id": str(uuid7()),
        "source": PLATFORM_SOURCE,
        "type": RECORD_OBSERVED,
        "subject": subject,
        "time": work.clock.now().isoformat(),
        "datacontenttype": "application/json",
        "data": {"kind": kind, "unit": unit, "set": attributes},
    }
    value = json.dumps(fact, ensure_ascii=False).encode()
    await work.outbox.add_raw(Raw(topic=feed_topic(PLATFORM_SLUG), key=subject, value=value))
