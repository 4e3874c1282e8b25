"""Events in, and what became of them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel

from kit.auth import Principal
from kit.http import Edge, caller_of
from kit.logs import correlation
from kit.outbox import Cause
from scoring.ledger.api.desks import FeedWork, PathWord
from scoring.ledger.handlers import intake
from scoring.ledger.handlers.intake import BATCH, SINGLE
from scoring.ledger.handlers.refusals import NotPossible
from scoring.ledger.handlers.registering import SourceEntry
from scoring.ledger.handlers.work import Feed, HasLedger

router = APIRouter(tags=["feed: events 数据接入"])

MOST_BYTES: Final = 16_000_000  # of one request
EVENT: Final = {
    "specversion": "1.0",
    "id": "2026-000123-7",
    "source": "urn:source:case-system",
    "type": "feed.record_observed.v1",
    "subject": "2026-000123",
    "time": "2026-03-02T09:00:00+08:00",
    "data": {"kind": "case", "unit": "3302-01", "set": {"status": "closed", "closed_on": "2026-03-02"}},
}
ACCEPTED: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            SINGLE: {"schema": {"type": "object"}, "example": EVENT},
            BATCH: {"schema": {"type": "array", "items": {"type": "object"}}, "example": [EVENT]},
        },
    }
}


class Accepted(BaseModel):
    accepted: int


class WhatBecame(BaseModel):
    status: intake.Status
    zh: str
    en: str
    reason: str | None
    detail: str | None
    message: int | None


@router.post("/feed/events", status_code=status.HTTP_202_ACCEPTED, openapi_extra=ACCEPTED)
async def take_events(request: Request, caller: Annotated[Principal, Depends(caller_of("feed"))]) -> Accepted:
    """Send CloudEvents: one structured, one binary, or a batch. All or nothing; answered once the log has them (接入业务事件).

    No transaction is open while the log is written: it may take longer than a transaction may last.
    """
    body = await _body(request)
    events = intake.bodies(request.headers.get("content-type", ""), dict(request.headers), body)
    sources, feed = await _known(request, caller)
    outgoing = intake.prepared(events, sources=sources, caller=caller)
    await feed.send(outgoing)
    return Accepted(accepted=len(outgoing))


@router.get("/feed/events/{source}/{event:path}")
async def event(source: PathWord, event: PathWord, work: FeedWork) -> WhatBecame:
    """What became of an event: pending, applied, duplicate, conflict or quarantined, and what to do (事件处理结果)."""
    answer = await intake.answer_about(source, event, work=work.ledger)
    return WhatBecame(status=answer.status, zh=answer.zh, en=answer.en, reason=answer.reason, detail=answer.detail, message=answer.message)


async def _known(request: Request, caller: Principal) -> tuple[list[SourceEntry], Feed]:
    edge: Edge[HasLedger] = request.app.state.edge
    async with edge.database.transaction() as session:
        work = edge.open_work(session, caller, Cause(correlation=correlation.get())).ledger
        return list(await work.catalogue.sources()), work.feed


async def _body(request: Request) -> bytes:
    """The body as it comes, given up as soon as it is too long."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            raise NotPossible("一次请求最多 16 MB，请分批发送", "a request has at most 16 MB: send smaller batches")
    return bytes(found)
