"""Events over HTTP: judged as CloudEvents, all or nothing, and produced to their source's topic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from kit.auth import Principal
from scoring.ledger.domain.facts import STRUCTURED, Event, event_of, parse, parts, structured
from scoring.ledger.domain.reasons import ADVICE, Reason, Refused
from scoring.ledger.handlers.refusals import NotYourSource, UnusableEvents
from scoring.ledger.handlers.registering import SourceEntry
from scoring.ledger.handlers.work import KeptFact, Outgoing, Work

BATCH: Final = "application/cloudevents-batch+json"
SINGLE: Final = "application/cloudevents+json"
HEADERS: Final = (("content-type", STRUCTURED),)


class Status(StrEnum):
    PENDING = "pending"
    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an event, and what to do."""

    status: Status
    zh: str
    en: str
    reason: str | None = None
    detail: str | None = None
    message: int | None = None


def bodies(content_type: str, headers: Mapping[str, str], body: bytes) -> list[bytes]:
    """The structured events of a request in any of the three modes; raises `UnusableEvents`."""
    of = content_type.split(";", maxsplit=1)[0].strip().lower()
    try:
        return _bodies(of, headers, body)
    except Refused as refused:
        raise _unusable(0, refused) from None


def prepared(events: Sequence[bytes], *, sources: Sequence[SourceEntry], caller: Principal) -> list[Outgoing]:
    """The messages for Kafka; raises `UnusableEvents` with every index that is wrong, `NotYourSource`."""
    by_uri = {source.uri: source for source in sources}
    errors: list[Mapping[str, str]] = []
    found: list[Outgoing] = []
    for index, body in enumerate(events):
        try:
            found.append(_outgoing(index, event_of(parse(body)), body, by_uri))
        except Refused as refused:
            errors += _unusable(index, refused).errors
        except UnusableEvents as wrong:
            errors += wrong.errors
    if errors:
        raise UnusableEvents(errors)
    for slug in {outgoing.slug for outgoing in found}:
        _belongs(slug, by_uri.values(), caller)
    return found


async def answer_about(source: str, event: str, *, work: Work) -> Answer:
    """What became of an event of a source; only its own feed and the office may ask."""
    sources = await work.catalogue.sources()
    slug = next((entry.slug for entry in sources if source in (entry.slug, entry.uri)), source)
    if not work.caller.roles & {"admin", "office"}:
        _belongs(slug, sources, work.caller)
    aside = next(iter(await work.quarantine.of_event(slug, event)), None)
    if aside is not None:
        reason = Reason(aside.reason)
        status = Status.CONFLICT if reason is Reason.OTHER_CONTENT else Status.QUARANTINED
        return Answer(status, ADVICE[reason].zh, ADVICE[reason].en, reason, aside.detail, aside.id)
    return _told(await work.readings.applied(slug, event))


def _told(fact: KeptFact | None) -> Answer:
    if fact is None:
        return Answer(
            Status.PENDING,
            "尚未处理。请稍候；若长时间如此，可重新发送，重复发送不影响结果。",
            "Not taken yet. Wait a moment; if it stays so, send it again: a duplicate does no harm.",
        )
    if fact.copies:
        return Answer(Status.DUPLICATE, "已计入一次，其余为重复，无需处理。", "Counted once, the others were duplicates. Nothing to do.")
    return Answer(Status.APPLIED, "已计入，无需处理。", "Counted. Nothing to do.")


def _bodies(of: str, headers: Mapping[str, str], body: bytes) -> list[bytes]:
    if of == BATCH or (of != SINGLE and body.lstrip()[:1] == b"["):
        return parts(body)
    if of != SINGLE and "ce-specversion" in headers:
        attributes = {name.removeprefix("ce-"): _unquoted(value) for name, value in headers.items() if name.startswith("ce-")}
        return [structured(attributes, body)]
    return [body]


def _unquoted(value: str) -> str:
    """CloudEvents' HTTP binding: quotes are taken off, percent sequences are UTF-8."""
    try:
        return unquote(value.strip('"'), errors="strict")
    except UnicodeDecodeError:
        raise Refused(Reason.NOT_UTF8, "headers") from None


def _unusable(index: int, refused: Refused) -> UnusableEvents:
    advice = ADVICE[refused.reason]
    error = {"path": f"[{index}]", "reason": refused.reason.value, "detail": refused.detail, "zh": advice.zh, "en": advice.en}
    return UnusableEvents([error])


def _outgoing(index: int, event: Event, body: bytes, by_uri: Mapping[str, SourceEntry]) -> Outgoing:
    source = by_uri.get(event.source)
    if source is None:
        zh, en = "来源未登记，请先登记或改正 source。", "The source is not registered: register it, or correct `source`."
        error = {"path": f"[{index}].source", "reason": "unknown_source", "detail": event.source, "zh": zh, "en": en}
        raise UnusableEvents([error])
    return Outgoing(slug=source.slug, key=event.subject.encode(), value=body, headers=HEADERS)


def _belongs(slug: str, sources: Iterable[SourceEntry], caller: Principal) -> None:
    uris = {entry.uri for entry in sources if entry.slug == slug}
    if not caller.units & ({slug} | uris):
        raise NotYourSource(slug)
