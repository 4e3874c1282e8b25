"""Sources, kinds and aliases."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from scoring.ledger.api.desks import LookingWork, Name, OfficeWork, PathWord
from scoring.ledger.domain.values import Declared
from scoring.ledger.handlers import mending, registering
from scoring.ledger.handlers.registering import KindEntry, SourceEntry

router = APIRouter(tags=["feed: registration 数据来源登记"])


class SourceBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"uri": "urn:source:case-system", "name": "执法办案系统"}]})

    uri: Name
    name: Name
    zone: str = "Asia/Shanghai"


class Source(SourceBody):
    slug: str
    paused: str | None

    @classmethod
    def of(cls, entry: SourceEntry) -> "Source":
        return cls(slug=entry.slug, uri=entry.uri, name=entry.name, zone=entry.zone, paused=entry.paused)


class Sources(BaseModel):
    sources: list[Source]


class Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: str
    history: bool = Field(default=False, description="records keep every value of it, and of their unit")


_CASE: JsonDict = {"status": "text", "closed_on": "date", "due_on": {"type": "date", "history": True}}


class KindBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "案件", "attributes": _CASE}]})

    name: Name
    attributes: dict[Name, str | Kept]

    def declared(self) -> dict[str, Declared]:
        return {name: one if isinstance(one, str) else one.model_dump() for name, one in self.attributes.items()}


class Kind(KindBody):
    key: str
    refolding: bool = Field(default=False, description="what its records keep changed: they are being folded again from their facts")

    @classmethod
    def of(cls, entry: KindEntry) -> "Kind":
        found = {"key": entry.kind.key, "name": entry.name, "attributes": entry.kind.declared, "refolding": entry.refolding}
        return cls.model_validate(found)


class Kinds(BaseModel):
    kinds: list[Kind]


class AliasesBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"aliases": {"3302-01": "yandong"}}]})

    aliases: dict[Name, Name]


class AliasChanges(BaseModel):
    aliases: dict[Name, Name | None]


class Aliases(BaseModel):
    aliases: dict[str, str]
    recounting: bool = Field(default=False, description="the source's records are being counted anew; the feed waits meanwhile")


@router.put("/sources/{slug}")
async def put_source(slug: PathWord, body: SourceBody, work: OfficeWork) -> Source:
    """Register a source and make its topic `feed.<slug>`; again only changes its name and zone (登记数据来源)."""
    entry = SourceEntry(slug=slug, uri=body.uri, name=body.name, zone=body.zone)
    return Source.of(await registering.put_source(entry, catalogue=work.ledger.catalogue, topics=work.ledger.feed))


@router.get("/sources")
async def sources(work: LookingWork) -> Sources:
    """All registered sources."""
    return Sources(sources=[Source.of(entry) for entry in await work.ledger.catalogue.sources()])


@router.get("/sources/{slug}")
async def source(slug: PathWord, work: LookingWork) -> Source:
    """One registered source."""
    return Source.of(await registering.source_of(slug, catalogue=work.ledger.catalogue))


@router.post("/sources/{slug}/resume")
async def resume(slug: PathWord, work: OfficeWork) -> Source:
    """Go on with a source that was paused because too much of it was unusable (恢复接收)."""
    return Source.of(await registering.resume(slug, catalogue=work.ledger.catalogue))


@router.post("/sources/{slug}/adopt", status_code=204)
async def adopt(slug: PathWord, work: OfficeWork) -> None:
    """Take the log that is there now for the known one: only after the topic was made anew on purpose (认可新日志)."""
    await mending.adopt(slug, work=work.ledger)


@router.get("/sources/{slug}/aliases")
async def aliases(slug: PathWord, work: LookingWork) -> Aliases:
    """The units behind the source's own codes."""
    await registering.source_of(slug, catalogue=work.ledger.catalogue)
    return Aliases(aliases=dict(await work.ledger.catalogue.aliases(slug)))


@router.put("/sources/{slug}/aliases")
async def put_aliases(slug: PathWord, body: AliasesBody, work: OfficeWork) -> Aliases:
    """Replace all aliases of the source; its records are counted anew (单位代码对照)."""
    recounting = await registering.put_aliases(slug, body.aliases, catalogue=work.ledger.catalogue)
    return Aliases(aliases=dict(await work.ledger.catalogue.aliases(slug)), recounting=recounting)


@router.patch("/sources/{slug}/aliases")
async def change_aliases(slug: PathWord, body: AliasChanges, work: OfficeWork) -> Aliases:
    """Change some aliases only; `null` takes one away."""
    recounting = await registering.merge_aliases(slug, body.aliases, catalogue=work.ledger.catalogue)
    return Aliases(aliases=dict(await work.ledger.catalogue.aliases(slug)), recounting=recounting)


@router.put("/kinds/{key}")
async def put_kind(key: PathWord, body: KindBody, work: OfficeWork) -> Kind:
    """Declare a record kind and its attributes: text, number, boolean, date, instant (登记业务类别).

    With `history: true` records keep every value of the attribute, and of their unit (保留历史); those that are there already are folded
    again from their facts while the feed goes on, and `refolding` says so until it is done.
    """
    return Kind.of(await registering.put_kind(key, body.name, body.declared(), catalogue=work.ledger.catalogue))


@router.get("/kinds")
async def kinds(work: LookingWork) -> Kinds:
    """All record kinds."""
    return Kinds(kinds=[Kind.of(entry) for entry in await work.ledger.catalogue.kinds()])
