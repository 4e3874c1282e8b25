"""Looking into the feed: what came, what stands for no unit, what was compared, what a record is made of."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from scoring.ledger.api.desks import LookingWork, OfficeWork, PathWord, Word
from scoring.ledger.domain.records import Held
from scoring.ledger.handlers import mending
from scoring.ledger.handlers.mending import SourceNow
from scoring.ledger.handlers.refusals import NoSuch
from scoring.ledger.handlers.work import ClosedBatch

router = APIRouter(tags=["feed: state 数据状态"])

Page = Annotated[int, Query(ge=1, le=500)]


class Summary(BaseModel):
    source: str
    name: str
    received: int
    applied: int
    duplicates: int
    late: int
    corrected: int
    withdrawn: int
    conflicts: int
    quarantined: int
    open: int
    unassigned: int
    behind: int
    newest: datetime | None
    received_at: datetime | None
    paused: str | None

    @classmethod
    def of(cls, now: SourceNow) -> "Summary":
        return cls(behind=now.behind, **{name: getattr(now.summary, name) for name in cls.model_fields if name != "behind"})


class Undeclared(BaseModel):
    source: str
    kind: str
    attribute: str
    times: int


class FeedSummary(BaseModel):
    totals: dict[str, int]
    sources: list[Summary]
    undeclared: list[Undeclared]
    counting: str | None


class UnassignedCode(BaseModel):
    source: str
    code: str | None
    records: int
    example: str


class Unassigned(BaseModel):
    codes: list[UnassignedCode]


class Batch(BaseModel):
    source: str
    id: str
    day: date
    state: str
    count: int
    digest: str
    held_count: int | None
    held_digest: str | None
    compared_at: datetime | None

    @classmethod
    def of(cls, batch: ClosedBatch) -> "Batch":
        return cls(**{name: getattr(batch, name) for name in cls.model_fields})


class Batches(BaseModel):
    batches: list[Batch]


class Attribute(BaseModel):
    value: Any
    fact: str

    @classmethod
    def of(cls, held: Held) -> "Attribute":
        return cls(value=held.value, fact=held.stamp[1])


class RecordState(BaseModel):
    source: str
    subject: str
    kind: str | None
    unit_code: str | None
    withdrawn: bool
    attributes: dict[str, Attribute]
    histories: dict[str, list[Attribute]] = Field(description="every value of the attributes with history, the first one first")
    units: list[Attribute] = Field(description="where history is kept: the codes of all units that held it, the first one first")
    facts: list[dict[str, Any]]


class Recount(BaseModel):
    holds: bool
    facts: int
    records: int
    places: int
    wrong_records: list[tuple[str, str]]
    wrong_totals: list[dict[str, str]]


COUNTED = tuple(name for name, field in Summary.model_fields.items() if field.annotation is int)


@router.get("/feed/summary")
async def summary(work: LookingWork) -> FeedSummary:
    """What came so far, by source and in all; `behind` are messages that lie on the log and are not taken yet (接入概况)."""
    found = [Summary.of(now) for now in await mending.sources_now(work=work.ledger)]
    undeclared = await work.ledger.readings.undeclared()
    return FeedSummary(
        totals={name: sum(getattr(one, name) for one in found) for name in COUNTED},
        sources=found,
        undeclared=[Undeclared(source=source, kind=kind, attribute=name, times=times) for source, kind, name, times in undeclared],
        counting=await work.ledger.readings.counting(),
    )


@router.get("/feed/unassigned")
async def unassigned(
    work: LookingWork, source: Word | None = None, after_source: Word | None = None, after_code: Word | None = None, limit: Page = 100
) -> Unassigned:
    """Codes that stand for no unit, so that their records count for nobody; give them an alias (未对照单位)."""
    codes = await work.ledger.readings.unassigned(source, after=(after_source or "", after_code or ""), most=limit)
    return Unassigned(codes=[UnassignedCode(source=one.source, code=one.code, records=one.records, example=one.example) for one in codes])


@router.get("/feed/batches")
async def batches(work: LookingWork, source: Word | None = None, limit: Page = 100) -> Batches:
    """Days that sources closed, beside what is held of them: waiting, equal or different (对账)."""
    return Batches(batches=[Batch.of(one) for one in await work.ledger.readings.batches(source, most=limit)])


@router.get("/feed/records/{source}/{subject:path}")
async def record(source: PathWord, subject: PathWord, work: LookingWork) -> RecordState:
    """A record with the fact behind each value, and all its facts with where they came from (记录与事实)."""
    found = await work.ledger.readings.record(source, subject)
    if found is None:
        raise NoSuch("业务记录", "record", f"{source} {subject}")
    kinds = {entry.kind.key: entry.kind for entry in await work.ledger.catalogue.kinds()}
    declared = kinds[found.kind].attributes if found.kind in kinds else {}
    shown = {name: Attribute.of(held) for name, held in found.attributes.items() if name in declared}
    return RecordState(
        source=source,
        subject=subject,
        kind=found.kind,
        unit_code=found.unit_code,
        withdrawn=found.is_withdrawn,
        attributes=shown,
        histories={name: [Attribute.of(held) for held in history] for name, history in found.histories.items()},
        units=[Attribute.of(held) for held in found.units],
        facts=[dict(fact) for fact in await work.ledger.readings.facts_of(source, subject)],
    )


@router.post("/feed/recount")
async def recount(work: OfficeWork) -> Recount:
    """Prove that totals are a recount of the records and records the fold of their facts; changes nothing (复算)."""
    proof = await work.ledger.recounts.prove()
    return Recount(
        holds=proof.holds,
        facts=proof.facts,
        records=proof.records,
        places=proof.places,
        wrong_records=list(proof.wrong_records),
        wrong_totals=[dict(one) for one in proof.wrong_totals],
    )
