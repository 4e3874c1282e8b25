"""Claims and accepted evidence in PostgreSQL; whoever moves a claim holds its row, whoever recognises one holds its proofs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.appraisal.domain.claims import Claim, ClaimId, Content, Document, Move, Proven, State, Step
from scoring.appraisal.domain.faults import NotFound
from scoring.appraisal.domain.given import Given, GivenOf
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode
from scoring.appraisal.domain.words import Text
from scoring.appraisal.store.tables import claims, proofs

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:place, 0))")


class SqlClaims:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def next_number(self, cycle: CycleKey) -> int:
        await self._session.execute(_LOCK, {"place": f"claims/{cycle}"})
        last = await self._session.execute(select(func.max(claims.c.number)).where(claims.c.cycle == cycle))
        return (last.scalar_one() or 0) + 1

    async def add(self, claim: Claim) -> None:
        fixed = {
            "id": claim.id,
            "number": claim.number,
            "cycle": claim.cycle,
            "unit": claim.unit,
            "indicator": claim.indicator,
            "applied_by": claim.applied_by,
            "applied_at": claim.applied_at,
        }
        await self._session.execute(insert(claims).values(**fixed, **_moved(claim)))

    async def held(self, claim: ClaimId) -> Claim:
        row = (await self._session.execute(select(claims).where(claims.c.id == claim).with_for_update())).one_or_none()
        if row is None:
            raise NotFound(Text(f"申报 {claim}", f"claim {claim}"))
        return _claim(row)

    async def write(self, claim: Claim) -> None:
        await self._session.execute(update(claims).where(claims.c.id == claim.id).values(**_moved(claim)))

    async def proven(self, claim: Claim) -> Proven:
        sound = _sound(claim.content.evidence).with_for_update(read=True)
        return Proven(claim=claim, accepted=_accepted(claim, await self._session.execute(sound)))

    async def of(
        self, cycle: CycleKey, *, units: Collection[UnitCode] | None, indicators: Collection[IndicatorKey] | None
    ) -> Sequence[Proven]:
        chosen = select(claims).where(claims.c.cycle == cycle)
        if units is not None:
            chosen = chosen.where(claims.c.unit.in_(units))
        if indicators is not None:
            chosen = chosen.where(claims.c.indicator.in_(indicators))
        return await self._proven(chosen)

    async def citing(self, evidence: str) -> Sequence[tuple[CycleKey, UnitCode]]:
        cited = select(claims.c.cycle, claims.c.unit).where(claims.c.evidence.contains([evidence])).distinct()
        return [
            (CycleKey(row.cycle), UnitCode(row.unit)) for row in await self._session.execute(cited.order_by(claims.c.cycle, claims.c.unit))
        ]

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        """The recognised ones, for settling."""
        chosen = select(claims).where(claims.c.cycle == cycle, claims.c.unit.in_(units), claims.c.state == State.RECOGNISED.value)
        by_place: dict[UnitCode, dict[IndicatorKey, list[Proven]]] = defaultdict(lambda: defaultdict(list))
        for one in await self._proven(chosen):
            by_place[one.claim.unit][one.claim.indicator].append(one)
        return {unit: {key: Given({}, {}, tuple(several)) for key, several in found.items()} for unit, found in by_place.items()}

    async def _proven(self, chosen: Select[Any]) -> Sequence[Proven]:
        found = [_claim(row) for row in await self._session.execute(chosen.order_by(claims.c.number))]
        named = sorted({evidence for claim in found for evidence in claim.content.evidence})
        rows = list(await self._session.execute(_sound(named))) if named else []
        return [Proven(claim=claim, accepted=_accepted(claim, rows)) for claim in found]


class SqlProofs:
    """Both ways round a damaged revision stays damaged: acceptance is said again when a file proves more."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def accept(self, evidence: str, revision: int, *, unit: UnitCode | None, sha256: str) -> None:
        row = {"evidence": evidence, "revision": revision, "unit": unit, "sha256": sha256, "is_sound": True}
        await self._session.execute(upsert(proofs).values(row).on_conflict_do_nothing())

    async def spoil(self, evidence: str, revision: int, *, sha256: str) -> None:
        row = {"evidence": evidence, "revision": revision, "unit": None, "sha256": sha256, "is_sound": False}
        spoiled = upsert(proofs).values(row).on_conflict_do_update(index_elements=["evidence", "revision"], set_={"is_sound": False})
        await self._session.execute(spoiled)


def _sound(evidence: Collection[str]) -> Select[Any]:
    sound = select(proofs).where(proofs.c.evidence.in_(evidence), proofs.c.is_sound)
    return sound.order_by(proofs.c.evidence, proofs.c.revision)


def _accepted(claim: Claim, rows: Iterable[Row[Any]]) -> Mapping[str, str]:
    """Of several revisions the newest; what another unit uploaded proves nothing for this one."""
    named = frozenset(claim.content.evidence)
    return {row.evidence: row.sha256 for row in rows if row.evidence in named and row.unit in {None, claim.unit}}


def _moved(claim: Claim) -> Mapping[str, Any]:
    content = claim.content
    return {
        "number_of_document": content.document.number if content.document else None,
        "organ": content.document.organ if content.document else None,
        "level": content.level,
        "matter": content.matter,
        "reason": content.reason,
        "evidence": list(content.evidence),
        "state": claim.state.value,
        "steps": [{"move": step.move.value, "by": step.by, "at": step.at.isoformat(), "reason": step.reason} for step in claim.steps],
    }


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        id=ClaimId(row.id),
        number=row.number,
        cycle=CycleKey(row.cycle),
        unit=UnitCode(row.unit),
        indicator=IndicatorKey(row.indicator),
        content=Content(
            document=Document(row.number_of_document, row.organ) if row.organ is not None else None,
            level=row.level,
            matter=row.matter,
            reason=row.reason,
            evidence=tuple(row.evidence),
        ),
        state=State(row.state),
        applied_by=row.applied_by,
        applied_at=row.applied_at,
        steps=tuple(_step(step) for step in row.steps),
    )


def _step(step: Mapping[str, str]) -> Step:
    return Step(move=Move(step["move"]), by=step["by"], at=datetime.fromisoformat(step["at"]), reason=step["reason"])
