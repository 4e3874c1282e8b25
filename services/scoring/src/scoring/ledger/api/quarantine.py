"""Messages that were set aside: why, what to do, and once more or never."""

import base64
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from scoring.ledger.api.desks import MessageNumber, Number, OfficeWork, Word
from scoring.ledger.domain.reasons import ADVICE, Reason
from scoring.ledger.handlers import mending
from scoring.ledger.handlers.work import Kept

router = APIRouter(tags=["feed: quarantine 隔离"])


class Asked(BaseModel):
    """`closed` shows messages that are done with too; `after` is the last id of the page before."""

    source: Word | None = None
    reason: Reason | None = None
    closed: bool = False
    after: Number = 0
    limit: int = Field(default=100, ge=1, le=500)


class SetAside(BaseModel):
    id: int
    source: str
    reason: Reason
    detail: str
    zh: str
    en: str
    event: str | None
    state: str
    times: int
    partition: int
    offset: int
    received_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, kept: Kept) -> "SetAside":
        advice = ADVICE[Reason(kept.reason)]
        own = {name: getattr(kept, name) for name in cls.model_fields if name not in ("zh", "en")}
        return cls(zh=advice.zh, en=advice.en, **own)


class Original(SetAside):
    """With the message as it came, in base64."""

    key: str | None
    value: str | None
    headers: dict[str, str]

    @classmethod
    def of(cls, kept: Kept) -> "Original":
        shown = SetAside.of(kept).model_dump()
        headers = {name: _base64(content) or "" for name, content in kept.headers}
        return cls(**shown, key=_base64(kept.key), value=_base64(kept.value), headers=headers)


class Listed(BaseModel):
    messages: list[SetAside]


class ReplayBody(BaseModel):
    source: Word
    reason: Reason | None = None


class Replayed(BaseModel):
    replayed: int


@router.get("/feed/quarantine")
async def listed(work: OfficeWork, asked: Annotated[Asked, Query()]) -> Listed:
    """Messages that can't be used, with the reason and what to do (隔离消息)."""
    found = await work.ledger.quarantine.listed(
        asked.source, is_open=not asked.closed, reason=asked.reason, after=asked.after, most=asked.limit
    )
    return Listed(messages=[SetAside.of(kept) for kept in found])


@router.get("/feed/quarantine/{message}")
async def original(message: MessageNumber, work: OfficeWork) -> Original:
    """One message with its key, bytes and headers as they came."""
    return Original.of(await work.ledger.quarantine.kept(message))


@router.post("/feed/quarantine/{message}/replay", status_code=202)
async def replay(message: MessageNumber, work: OfficeWork) -> Replayed:
    """Produce the message again as it was; it closes when it was applied (重放)."""
    await mending.replay(message, work=work.ledger)
    return Replayed(replayed=1)


@router.post("/feed/quarantine/replay", status_code=202)
async def replay_all(body: ReplayBody, work: OfficeWork) -> Replayed:
    """Replay the open messages of a source, at most 1,000, after its kind or its registration was corrected (批量重放)."""
    return Replayed(replayed=await mending.replay_all(body.source, body.reason, work=work.ledger))


@router.post("/feed/quarantine/{message}/discard")
async def discard(message: MessageNumber, work: OfficeWork) -> SetAside:
    """Close a message that will never be used; it is kept all the same (作废)."""
    return SetAside.of(await mending.discard(message, work=work.ledger))


def _base64(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()
