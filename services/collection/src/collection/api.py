"""Routes, request and response models; the role stands in each signature."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, status
from fastapi.openapi.models import Example
from pydantic import BaseModel

from collection.domain.building import mapping_from
from collection.domain.documents import InvalidMapping, json_schema
from collection.domain.facts import Fact
from collection.domain.rows import Reject, UnreadableFile
from collection.domain.runs import NoSuchMapping, NoSuchRun, Run, RunEnded, RunId, RunUnderWay, SourceNotRegistered
from collection.domain.snapshots import SnapshotRefused
from collection.handlers.collecting import collect
from collection.handlers.dry_runs import dry_run
from collection.handlers.mappings import add_mapping
from collection.handlers.ports import Collect, Desk, StoredMapping, Work
from kit.auth import Principal
from kit.errors import Problem, Problems
from kit.http import anyone, caller_of, work_of

PROBLEMS: Final[Problems] = {
    InvalidMapping: Problem(422, "invalid-mapping"),
    NoSuchMapping: Problem(404, "no-such-mapping"),
    NoSuchRun: Problem(404, "no-such-run"),
    RunUnderWay: Problem(409, "run-under-way"),
    RunEnded: Problem(409, "run-ended"),
    SourceNotRegistered: Problem(409, "source-not-registered"),
    SnapshotRefused: Problem(409, "snapshot-refused"),
    UnreadableFile: Problem(422, "unreadable-file"),
}
MOST: Final = 500

OfficeWork = Annotated[Work, Depends(work_of("admin", "office"), scope="function")]
Office = Annotated[Principal, Depends(caller_of("admin", "office"))]
Document = Annotated[str, Body(media_type="application/toml", max_length=200_000)]
Shown = Callable[[Fact, str], dict[str, Any]]

router = APIRouter(tags=["collection"])


class MappingOut(BaseModel):
    """A mapping as it is kept; version 0 is shipped."""

    name: str
    version: int
    title: str
    mode: str
    source: str
    slug: str
    added_by: str
    added_at: datetime | None

    @classmethod
    def of(cls, stored: StoredMapping) -> "MappingOut":
        built = stored.built()
        return cls(
            name=stored.name,
            version=stored.version,
            title=built.title,
            mode=built.mode,
            source=built.source,
            slug=built.slug,
            added_by=stored.added_by,
            added_at=stored.added_at,
        )


class MappingText(MappingOut):
    text: str


class RunOut(BaseModel):
    """A run: its counts are of rows read, facts acknowledged, rows skipped on purpose and rows rejected; `units` counts unit codes."""

    id: UUID
    mapping: str
    version: int
    source: str
    file: str
    day: date | None
    state: str
    reason: str | None
    rows: int
    observed: int
    withdrawn: int
    skipped: int
    rejected: int
    units: Mapping[str, int]
    started_by: str
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> "RunOut":
        counts = run.counts
        return cls(
            id=run.id,
            mapping=run.mapping,
            version=run.version,
            source=run.slug,
            file=run.file,
            day=run.day,
            state=run.state,
            reason=run.reason,
            rows=counts.rows,
            observed=counts.observed,
            withdrawn=counts.withdrawn,
            skipped=counts.skipped,
            rejected=counts.rejected,
            units=run.units,
            started_by=run.started_by,
            started_at=run.started_at,
            ended_at=run.ended_at,
        )


class RejectOut(BaseModel):
    """A row that could not be used; `line` is the line of the file, for logs the position in the case."""

    number: int
    line: int
    case: str | None
    key: str | None
    reason: str

    @classmethod
    def of(cls, number: int, reject: Reject) -> "RejectOut":
        return cls(number=number, line=reject.place.number, case=reject.place.case, key=reject.key, reason=reject.reason)


class PreviewOut(BaseModel):
    """What a run would do: counts, the first facts as CloudEvents, the first rejects, the unit codes."""

    rows: int
    facts: int
    skipped: int
    rejected: int
    first_facts: Sequence[dict[str, Any]]
    first_rejects: Sequence[RejectOut]
    units: Mapping[str, int]


class Registered(BaseModel):
    """The register of a source that was taken last."""

    day: date | None
    edition: int | None
    rows: int
    unfinished: UUID | None


@router.get("/mappings/schema", dependencies=[Depends(anyone())])
async def schema_of_mappings() -> dict[str, Any]:
    """The JSON Schema of a mapping document."""
    return json_schema()


@router.get("/mappings")
async def mappings(work: OfficeWork) -> list[MappingOut]:
    """All mappings, the latest version of each."""
    return [MappingOut.of(one) for one in await work.mappings.all()]


@router.get("/mappings/{name}")
async def mapping(name: str, work: OfficeWork) -> MappingText:
    """A mapping with its text."""
    stored = await work.mappings.latest(name)
    return MappingText(**MappingOut.of(stored).model_dump(), text=stored.text)


@router.put("/mappings/{name}")
async def put_mapping(name: str, text: Document, work: OfficeWork) -> MappingOut:
    """Keep a mapping (TOML). The same text again changes nothing; another text is the next version. All faults are told at once."""
    return MappingOut.of(await add_mapping(name, text, work=work))


@router.post("/mappings/check", status_code=status.HTTP_204_NO_CONTENT)
async def check_mapping(text: Document, caller: Office) -> None:  # noqa: ARG001 - the role is what it declares
    """Whether a text is a mapping: 204, or 422 with every fault (path, what is wrong, what is allowed)."""
    mapping_from(text)


@router.get("/collections")
async def runs(
    work: OfficeWork, source: str | None = None, before: datetime | None = None, most: Annotated[int, Query(ge=1, le=MOST)] = 50
) -> list[RunOut]:
    """Runs, the latest first; go on with `before` = the last one's `started_at`."""
    return [RunOut.of(one) for one in await work.runs.list(slug=source, before=before, most=most)]


@router.get("/collections/{run}")
async def run_of(run: UUID, work: OfficeWork) -> RunOut:
    """One run; while it is running, its counts so far."""
    return RunOut.of(await work.runs.get(RunId(run)))


@router.get("/collections/{run}/rejects")
async def rejects(
    run: UUID, work: OfficeWork, after: Annotated[int, Query(ge=0)] = 0, most: Annotated[int, Query(ge=1, le=MOST)] = 100
) -> list[RejectOut]:
    """The rows that could not be used, with line and reason; go on with `after` = the last one's `number`."""
    await work.runs.get(RunId(run))
    return [RejectOut.of(number, one) for number, one in await work.runs.rejects(RunId(run), after=after, most=most)]


@router.get("/registers/{source}")
async def register(source: str, work: OfficeWork) -> Registered:
    """What is held of a source's register: the day taken last and its number of records."""
    held = await work.registers.held(source)
    taken = held.taken
    return Registered(
        day=taken.day if taken else None,
        edition=taken.edition if taken else None,
        rows=held.rows,
        unfinished=held.pending.run if held.pending else None,
    )


BYTES: Final = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
FILE: Final = {
    "log": Example(value="Road_Traffic_Fine_Management_Process.xes.gz"),
    "register": Example(value="register-2016-03-09.jsonl.xz"),
}


def uploads(desk: Desk, shown: Shown) -> APIRouter:
    """The routes that take a file as a stream; they open their own, short transactions."""
    taking = APIRouter(tags=["collection"])

    @taking.post("/collections", status_code=status.HTTP_201_CREATED, openapi_extra=BYTES)
    async def collect_file(  # noqa: PLR0917 - FastAPI reads parameters by name
        request: Request,
        caller: Office,
        mapping: str,
        file: Annotated[str, Query(min_length=1, max_length=255, openapi_examples=FILE)],
        day: date | None = None,
        allow_withdrawals: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> RunOut:
        """Take a file: its bytes are the body, plain, .gz or .xz, of any size. Answers when Kafka has every fact.

        The same file again changes nothing. A register's day stands in `file` or in `day`; one that lost too many rows at once is
        refused unless `allow_withdrawals` is true. Rows that cannot be used are listed under `/rejects`.
        """
        command = Collect(
            mapping=mapping, file=file, by=caller.subject, upload=_body(request), day=day, allow_withdrawals=allow_withdrawals
        )
        return RunOut.of(await collect(command, desk=desk))

    @taking.post("/collections/dry-run", openapi_extra=BYTES)
    async def dry_run_file(  # noqa: PLR0917 - FastAPI reads parameters by name
        request: Request,
        caller: Office,
        mapping: str,
        file: Annotated[str, Query(min_length=1, max_length=255, openapi_examples=FILE)],
        day: date | None = None,
        first: Annotated[int, Query(ge=0, le=MOST)] = 10,
    ) -> PreviewOut:
        """What a mapping would make of a file: the first facts and rejects; nothing is stated or kept."""
        command = Collect(mapping=mapping, file=file, by=caller.subject, upload=_body(request), day=day)
        found = await dry_run(command, first=first, desk=desk)
        return PreviewOut(
            rows=found.counts.rows,
            facts=found.counts.observed,
            skipped=found.counts.skipped,
            rejected=found.counts.rejected,
            first_facts=[shown(fact, found.source) for fact in found.facts],
            first_rejects=[RejectOut.of(number, one) for number, one in enumerate(found.rejects, 1)],
            units=found.units,
        )

    return taking


def _body(request: Request) -> AsyncIterator[bytes]:
    return cast("AsyncIterator[bytes]", request.stream())
