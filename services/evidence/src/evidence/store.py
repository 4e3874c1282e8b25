"""Tables and queries of evidence: the only place with SQL."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from evidence.domain.claims import Claim, Confidentiality, EvidenceId, Fault, Subject, SubjectKind, UnitCode
from evidence.domain.readers import Reader
from evidence.domain.refusals import NoSuchEvidence
from evidence.domain.revisions import Locked, Revision, State
from evidence.handlers import Piece, Read
from kit.tables import plumbing

metadata: Final = MetaData()
tables: Final = plumbing(metadata)
MOST: Final = 100  # chores taken at a time

evidence = Table(
    "evidence",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("unit", Text, index=True),
)
subject = Table(
    "subject",
    metadata,
    Column("evidence", ForeignKey("evidence.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Index("subject_by_what_it_is", "kind", "id"),
)
revision = Table(
    "revision",
    metadata,
    Column("evidence", ForeignKey("evidence.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("confidentiality", Text, nullable=False),
    Column("uploader", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("declared_at", DateTime(timezone=True), nullable=False),
    Column("upload_until", DateTime(timezone=True), nullable=False),
    Column("fault", Text),
    Column("version", Text),
    Column("locked_until", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
    Column("checked_at", DateTime(timezone=True)),
    Column("damaged", Boolean, nullable=False),
    Column("quarantined", Boolean, nullable=False, default=True),
)
Index("revision_unsettled", revision.c.state, revision.c.upload_until, postgresql_where=revision.c.quarantined)
Index("revision_by_check", revision.c.checked_at.nulls_first(), postgresql_where=revision.c.version.is_not(None))
read = Table(
    "read",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("evidence", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reader", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["evidence", "revision"], ["revision.evidence", "revision.number"]),
    Index("read_by_evidence", "evidence", "id"),
)


def visible(reader: Reader) -> ColumnElement[bool]:
    """Revisions that this reader may see: the scope stands in the query, never after it."""
    return or_(evidence.c.unit.in_(reader.units) if reader.units else false(), revision.c.confidentiality.in_(reader.levels))


def _row(one: Revision) -> dict[str, Any]:
    claim = one.claim
    return {
        "evidence": one.evidence,
        "number": one.number,
        "name": claim.name,
        "size": claim.size,
        "sha256": claim.sha256,
        "media_type": claim.media_type,
        "effective_on": claim.effective_on,
        "confidentiality": claim.confidentiality,
        "uploader": one.uploader,
        "state": one.state,
        "declared_at": one.declared_at,
        "upload_until": one.upload_until,
        "fault": one.fault,
        "version": one.locked and one.locked.version,
        "locked_until": one.locked and one.locked.until,
        "settled_at": one.settled_at,
        "checked_at": one.checked_at,
        "damaged": one.damaged,
    }


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        evidence=EvidenceId(row.evidence),
        number=row.number,
        unit=row.unit,
        claim=Claim(
            name=row.name,
            size=row.size,
            sha256=row.sha256,
            media_type=row.media_type,
            effective_on=row.effective_on,
            confidentiality=Confidentiality(row.confidentiality),
        ),
        uploader=row.uploader,
        state=State(row.state),
        declared_at=row.declared_at,
        upload_until=row.upload_until,
        fault=row.fault and Fault(row.fault),
        locked=Locked(row.version, row.locked_until) if row.version else None,
        settled_at=row.settled_at,
        checked_at=row.checked_at,
        damaged=row.damaged,
    )


def _revisions() -> Select[Any]:
    return select(revision, evidence.c.unit).join(evidence, evidence.c.id == revision.c.evidence)


def _is(one: Revision) -> ColumnElement[bool]:
    return and_(revision.c.evidence == one.evidence, revision.c.number == one.number)


class SqlPieces:
    """Pieces and revisions as one reader may see them."""

    def __init__(self, session: AsyncSession, reader: Reader) -> None:
        self._session = session
        self._reader = reader

    async def add(self, piece: EvidenceId, unit: UnitCode | None) -> None:
        await self._session.execute(insert(evidence).values(id=piece, unit=unit))

    async def add_subjects(self, piece: EvidenceId, subjects: Iterable[Subject]) -> Sequence[Subject]:
        wanted = list(dict.fromkeys(subjects))
        if not wanted:
            return []
        rows = [{"evidence": piece, "kind": one.kind, "id": one.id} for one in wanted]
        statement = upsert(subject).values(rows).on_conflict_do_nothing().returning(subject.c.kind, subject.c.id)
        added = {Subject(SubjectKind(row.kind), row.id) for row in await self._session.execute(statement)}
        return [one for one in wanted if one in added]

    async def add_revision(self, one: Revision) -> None:
        await self._session.execute(insert(revision).values(**_row(one)))

    async def change(self, one: Revision) -> None:
        await self._session.execute(update(revision).where(_is(one)).values(**_row(one)))

    async def hold(self, piece: EvidenceId) -> UnitCode | None:
        mine = or_(
            evidence.c.unit.in_(self._reader.units) if self._reader.units else false(),
            true() if self._reader.levels else false(),
        )
        row = (await self._session.execute(select(evidence).where(evidence.c.id == piece, mine).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchEvidence(piece)
        unit: UnitCode | None = row.unit
        return unit

    async def revision(self, piece: EvidenceId, number: int) -> Revision:
        wanted = _revisions().where(revision.c.evidence == piece, revision.c.number == number, visible(self._reader))
        row = (await self._session.execute(wanted.with_for_update())).one_or_none()
        if row is None:
            raise NoSuchEvidence(piece, number)
        return _revision(row)

    async def piece(self, piece: EvidenceId) -> Piece:
        found = await self._pieces(_revisions().where(revision.c.evidence == piece, visible(self._reader)))
        if not found:
            raise NoSuchEvidence(piece)
        return found[0]

    async def proving(self, proved: Subject | None, unit: UnitCode | None, *, after: UUID | None, most: int) -> Sequence[Piece]:
        chosen = select(revision.c.evidence).join(evidence, evidence.c.id == revision.c.evidence).where(visible(self._reader)).distinct()
        if proved is not None:
            named = select(subject.c.evidence).where(subject.c.kind == proved.kind, subject.c.id == proved.id)
            chosen = chosen.where(evidence.c.id.in_(named))
        if unit is not None:
            chosen = chosen.where(evidence.c.unit == unit)
        if after is not None:
            chosen = chosen.where(evidence.c.id > after)
        chosen = chosen.order_by(revision.c.evidence).limit(most)
        return await self._pieces(_revisions().where(revision.c.evidence.in_(chosen), visible(self._reader)))

    async def _pieces(self, wanted: Select[Any]) -> list[Piece]:
        """Pieces in the order of their ids, with those of their revisions that `wanted` gives."""
        rows = (await self._session.execute(wanted.order_by(revision.c.evidence, revision.c.number))).all()
        grouped: dict[EvidenceId, list[Revision]] = defaultdict(list)
        for row in rows:
            grouped[row.evidence].append(_revision(row))
        subjects = await self._subjects(grouped)
        return [Piece(piece, found[0].unit, tuple(subjects[piece]), tuple(found)) for piece, found in grouped.items()]

    async def _subjects(self, pieces: Iterable[EvidenceId]) -> dict[EvidenceId, list[Subject]]:
        found: dict[EvidenceId, list[Subject]] = defaultdict(list)
        wanted = select(subject).where(subject.c.evidence.in_(list(pieces))).order_by(subject.c.kind, subject.c.id)
        for row in await self._session.execute(wanted):
            found[row.evidence].append(Subject(SubjectKind(row.kind), row.id))
        return found


class SqlChores:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def unfinished(self, *, over_since: datetime) -> Sequence[Revision]:
        forgotten = and_(revision.c.state == State.DECLARED, revision.c.upload_until < over_since)
        return await self._some(or_(revision.c.state == State.UPLOADED, forgotten), revision.c.upload_until)

    async def leftovers(self, *, now: datetime) -> Sequence[Revision]:
        settled = revision.c.state.in_((State.ACCEPTED, State.REFUSED, State.LAPSED))
        return await self._some(and_(settled, revision.c.quarantined, revision.c.upload_until < now), revision.c.upload_until)

    async def cleaned(self, one: Revision) -> None:
        await self._session.execute(update(revision).where(_is(one)).values(quarantined=False))

    async def unchecked(self, *, since: datetime) -> Sequence[Revision]:
        stale = or_(revision.c.checked_at.is_(None), revision.c.checked_at < since)
        return await self._some(and_(revision.c.version.is_not(None), stale), revision.c.checked_at.nulls_first())

    async def damaged(self) -> int:
        count = await self._session.execute(select(func.count()).select_from(revision).where(revision.c.damaged))
        return count.scalar_one()

    async def _some(self, wanted: ColumnElement[bool], order: ColumnElement[Any]) -> Sequence[Revision]:
        chosen = _revisions().where(wanted).order_by(order, revision.c.evidence, revision.c.number).limit(MOST)
        rows = await self._session.execute(chosen)
        return [_revision(row) for row in rows]


class SqlReads:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, piece: EvidenceId, one: Read) -> None:
        await self._session.execute(insert(read).values(evidence=piece, revision=one.revision, reader=one.reader, name=one.name, at=one.at))

    async def of(self, piece: EvidenceId) -> Sequence[Read]:
        rows = await self._session.execute(select(read).where(read.c.evidence == piece).order_by(read.c.id))
        return [Read(row.revision, row.reader, row.name, row.at) for row in rows]
