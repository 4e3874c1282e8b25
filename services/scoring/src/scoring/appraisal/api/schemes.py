"""Schemes over HTTP: the grammar, the check, drafts and activation."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, status
from pydantic import BaseModel

from kit.http import anyone
from scoring.appraisal.api.counts import CountView, count_view
from scoring.appraisal.api.desks import Anybody, Configurer, KeyPath
from scoring.appraisal.domain.documents import MOST_CHARACTERS
from scoring.appraisal.domain.faults import Fault, SchemeRefused
from scoring.appraisal.domain.marks import assessors_mark
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.rules import KINDS, kind_shape, worked
from scoring.appraisal.domain.scheme_documents import published_shape
from scoring.appraisal.domain.schemes import CycleKey, Indicator, Scheme, Version, count_name
from scoring.appraisal.domain.words import Text
from scoring.appraisal.handlers import schemes as handlers
from scoring.appraisal.handlers.work import KeptScheme

router = APIRouter(tags=["schemes 考核方案"])

VersionPath = Annotated[int, Path(ge=1, le=10_000)]
YAML_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The scheme as YAML (JSON is YAML too). Its JSON Schema: GET /v1/schemes/schema",
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}


class SchemeSummary(BaseModel):
    cycle: str
    title: str
    parts: list[str]
    indicators: int
    measures: int
    points: str
    effective: str | None
    restates: bool


class SchemeView(SchemeSummary):
    version: int
    state: str
    made_by: str
    made_at: datetime
    activated_at: datetime | None


class ActivationView(SchemeView):
    """`counting` is empty when the version has no measures or they are counted already."""

    counting: CountView | None


class SchemeText(SchemeView):
    text: str


class LineView(BaseModel):
    level: str
    test: str
    bound: str
    min_n: int


class IndicatorView(BaseModel):
    """An indicator as the scheme states it: the same for everybody, and no secret. `is_marked`: assessors mark it."""

    key: str
    name: str
    part: str
    points: str
    definition: str
    department: str
    tags: list[str]
    groups: list[str]
    units: list[str]
    rule: dict[str, Any]
    measures: list[str]
    is_marked: bool
    confirm: bool
    self_assessment: bool
    scope: str
    lines: list[LineView]


@router.get("/schemes/schema", dependencies=[Depends(anyone())])
async def schema() -> dict[str, Any]:
    """The JSON Schema of a scheme's document, with every registered kind of rule."""
    return published_shape()


@router.get("/rules", dependencies=[Depends(anyone())])
async def rules() -> list[dict[str, Any]]:
    """The registered kinds of rule: the JSON Schema of their parameters and a worked example of each."""
    return [{**kind_shape(kind), "example": worked(kind)} for kind in KINDS.values()]


@router.post("/schemes/validate", openapi_extra=YAML_BODY)
async def validate(request: Request, desk: Configurer) -> SchemeSummary:
    """Check a scheme without keeping it; 422 lists every fault with its path, what is wrong and what is allowed."""
    scheme = await handlers.validate(await _text(request), work=desk.work)
    return SchemeSummary(**_summary(scheme))


@router.post("/schemes", status_code=status.HTTP_201_CREATED, openapi_extra=YAML_BODY)
async def add(request: Request, desk: Configurer) -> SchemeView:
    """Keep a scheme as a draft: the next version of its cycle."""
    return _view(await handlers.add_scheme(await _text(request), made_by=desk.caller.subject, work=desk.work))


@router.post("/schemes/{cycle}/{version}/activate")
async def activate(cycle: KeyPath, version: VersionPath, desk: Configurer) -> ActivationView:
    """Put a draft to work: its measures are counted over all records while the feed goes on, then scores follow (GET /v1/settlement).

    A revision is `coming` until it is counted and its first month has come; until then the version before it goes on.
    """
    kept = await handlers.activate(CycleKey(cycle), Version(version), work=desk.work)
    begun = {one.count: count_view(one) for one in await desk.work.figures.under_way()}
    return ActivationView(**_view(kept).model_dump(), counting=begun.get(count_name(kept.cycle, kept.version)))


@router.post("/schemes/{cycle}/{version}/withdraw")
async def withdraw(cycle: KeyPath, version: VersionPath, desk: Configurer) -> SchemeView:
    """Take a revision back that is still coming; it is a draft again."""
    return _view(await handlers.withdraw(CycleKey(cycle), Version(version), work=desk.work))


@router.get("/schemes/{cycle}")
async def versions(cycle: KeyPath, desk: Anybody) -> list[SchemeView]:
    """All versions of a cycle's scheme."""
    return [_view(kept) for kept in await desk.work.schemes.versions(CycleKey(cycle))]


@router.get("/schemes/{cycle}/{version}")
async def version(cycle: KeyPath, version: VersionPath, desk: Anybody) -> SchemeText:
    """One version with its text as it was sent."""
    held = desk.work.schemes
    text = await held.text(CycleKey(cycle), Version(version))
    kept = await held.version(CycleKey(cycle), Version(version))
    return SchemeText(**_view(kept).model_dump(), text=text)


@router.get("/indicators/{cycle}")
async def indicators(cycle: KeyPath, desk: Anybody) -> list[IndicatorView]:
    """The indicators of the active scheme with definition, rule and lines."""
    kept = await desk.work.schemes.active(CycleKey(cycle))
    return [_indicator(indicator) for indicator in kept.scheme.indicators]


async def _text(request: Request) -> str:
    """The body as text; what is too long is not read to its end."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > 4 * MOST_CHARACTERS:
            break
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        fault = Fault("", Text("不是 UTF-8 文本", "this is no UTF-8 text"), Text("UTF-8 编码的 YAML", "YAML in UTF-8"))
        raise SchemeRefused((fault,)) from error


def _summary(scheme: Scheme) -> dict[str, Any]:
    return {
        "cycle": scheme.cycle,
        "title": scheme.title,
        "parts": [part.key for part in scheme.parts],
        "indicators": len(scheme.indicators),
        "measures": len(scheme.measures),
        "points": plain(scheme.points),
        "effective": scheme.effective,
        "restates": scheme.restates,
    }


def _view(kept: KeptScheme) -> SchemeView:
    return SchemeView(
        **_summary(kept.scheme),
        version=kept.version,
        state=kept.state,
        made_by=kept.made_by,
        made_at=kept.made_at,
        activated_at=kept.activated_at,
    )


def _indicator(indicator: Indicator) -> IndicatorView:
    return IndicatorView(
        key=indicator.key,
        name=indicator.name,
        part=indicator.part,
        points=plain(indicator.rule.points),
        definition=indicator.definition,
        department=indicator.department,
        tags=sorted(indicator.tags),
        groups=sorted(indicator.groups),
        units=sorted(indicator.units),
        rule=dict(indicator.stated),
        measures=sorted(indicator.measures),
        is_marked=assessors_mark(indicator),
        confirm=indicator.confirm,
        self_assessment=indicator.self_assessment,
        scope="members" if indicator.of_members else "unit",
        lines=[LineView(level=line.level, test=line.test, bound=plain(line.bound), min_n=line.min_n) for line in indicator.lines],
    )
