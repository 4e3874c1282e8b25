"""Register sources, kinds and aliases; whatever changes how records count makes them be counted anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from contracts.topics import SLUG
from scoring.ledger.domain.measures import Measure
from scoring.ledger.domain.values import AttributeType, Declared, Kind
from scoring.ledger.handlers.refusals import InTheWay, NoSuch, NotPossible

MOST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A source as it is registered; `uri` stands in its events, `slug` names its topic, `zone` says what its days are."""

    slug: str
    uri: str
    name: str
    zone: str = "Asia/Shanghai"
    paused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindEntry:
    """`refolding`: what its records keep changed, and they are being folded again from their facts."""

    kind: Kind
    name: str
    refolding: bool = field(default=False, compare=False)


class Catalogue(Protocol):
    """What is registered. Every change takes the control row: workers notice it before their next commit."""

    async def sources(self) -> Sequence[SourceEntry]: ...

    async def put_source(self, entry: SourceEntry) -> None: ...

    async def resume(self, slug: str) -> bool:
        """Whether it was paused."""

    async def kinds(self) -> Sequence[KindEntry]: ...

    async def put_kind(self, entry: KindEntry) -> bool:
        """Whether its records have to be folded again, which is then on its way."""

    async def measures_in_use(self, kind: str) -> Sequence[Measure]:
        """Those that count its records, in force or over."""

    async def aliases(self, slug: str) -> Mapping[str, str]: ...

    async def put_aliases(self, slug: str, aliases: Mapping[str, str]) -> bool:
        """Whether the source's records have to be counted anew, which is then on its way; raises `CountingUnderWay`."""


class Topics(Protocol):
    """The topics of sources on Kafka."""

    async def ensure(self, slug: str) -> None: ...

    async def begins(self, slug: str) -> Mapping[int, int]:
        """The first offset of each partition."""


async def put_source(entry: SourceEntry, *, catalogue: Catalogue, topics: Topics) -> SourceEntry:
    """Register the source and make its topic; doing it again changes its name or zone only.

    The topic comes first: making it may take longer than a transaction may stand still.
    """
    _check_source(entry)
    await topics.ensure(entry.slug)
    for other in await catalogue.sources():
        if other.slug == entry.slug and other.uri != entry.uri:
            raise InTheWay(
                f"来源“{entry.slug}”已以 {other.uri} 登记，不能更换", f"{entry.slug!r} is registered with {other.uri}, which stays"
            )
        if other.slug != entry.slug and other.uri == entry.uri:
            raise InTheWay(f"{entry.uri} 已登记为“{other.slug}”", f"{entry.uri} is registered as {other.slug!r}")
    await catalogue.put_source(entry)
    return await source_of(entry.slug, catalogue=catalogue)


async def source_of(slug: str, *, catalogue: Catalogue) -> SourceEntry:
    """Raises `NoSuch`."""
    for entry in await catalogue.sources():
        if entry.slug == slug:
            return entry
    raise NoSuch("数据来源", "source", slug)


async def resume(slug: str, *, catalogue: Catalogue) -> SourceEntry:
    """Go on with a source that was paused because too much of it was unusable."""
    await source_of(slug, catalogue=catalogue)
    await catalogue.resume(slug)
    return await source_of(slug, catalogue=catalogue)


async def put_kind(key: str, name: str, attributes: Mapping[str, Declared], *, catalogue: Catalogue) -> KindEntry:
    """Declare a kind's attributes. More may come at any time; what a counted measure reads keeps its type and its history."""
    if not key or len(key) > MOST_NAME or "" in attributes:
        raise NotPossible("类别与字段须有名称", "a kind and its attributes need names", field="attributes")
    try:
        kind = Kind.of(key, attributes)
    except ValueError as error:
        types = ", ".join(AttributeType)
        zh, en = f"字段声明有误，可用类型：{types}", f"{error}: the types are {types}; with history: {{type: date, history: true}}"
        raise NotPossible(zh, en, field="attributes") from None
    _check_use(kind, await catalogue.measures_in_use(key))
    entry = KindEntry(kind=kind, name=name)
    return replace(entry, refolding=await catalogue.put_kind(entry))


def _check_use(kind: Kind, measures: Sequence[Measure]) -> None:
    changed = {name for measure in measures for name in measure.reads if measure.kind.attributes[name] != kind.attributes.get(name)}
    forgotten = {name for measure in measures for name in measure.histories - kind.history}
    if not kind.history:
        forgotten |= {measure.unit_on.attribute for measure in measures if measure.unit_on}
    if changed:
        names = ", ".join(sorted(changed))
        raise InTheWay(f"启用中的度量正在使用字段 {names}，不能更改其类型", f"measures in force read {names}: keep these as they are")
    if forgotten:
        names = ", ".join(sorted(forgotten))
        raise InTheWay(
            f"启用中的度量正在使用 {names} 的历史，请保留 history: true",
            f"measures in force read histories ({names}): keep history: true",
        )


async def put_aliases(slug: str, aliases: Mapping[str, str], *, catalogue: Catalogue) -> bool:
    """Replace the units behind a source's codes; whether its records are being counted anew."""
    await source_of(slug, catalogue=catalogue)
    return await catalogue.put_aliases(slug, aliases)


async def merge_aliases(slug: str, changes: Mapping[str, str | None], *, catalogue: Catalogue) -> bool:
    """Change some codes only; `None` takes an alias away."""
    await source_of(slug, catalogue=catalogue)
    merged: dict[str, Any] = {**await catalogue.aliases(slug), **changes}
    return await catalogue.put_aliases(slug, {code: unit for code, unit in merged.items() if unit is not None})


def _check_source(entry: SourceEntry) -> None:
    if not SLUG.fullmatch(entry.slug):
        raise NotPossible("来源代号只能用 a-z、0-9 与 -，最长 60", "a source's slug has a-z, 0-9 and -, at most 60", field="slug")
    if not entry.uri or len(entry.uri) > MOST_NAME:
        raise NotPossible("请给出事件中的 source（最长 200 字）", "give the `source` that stands in the events (at most 200)", field="uri")
    try:
        ZoneInfo(entry.zone)
    except (ValueError, OSError, LookupError):
        raise NotPossible("时区不存在，例如 Asia/Shanghai", "there is no such zone; write Asia/Shanghai", field="zone") from None
