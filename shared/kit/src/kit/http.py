"""HTTP: one way to build an application, to admit a caller, and to make a request one transaction."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.auth import Principal, Role, Verifier
from kit.db import Database
from kit.errors import GENERAL, Forbidden, Problems, Unauthenticated, problem_document, problem_of
from kit.health import Health
from kit.ids import uuid7
from kit.logs import correlation, logger
from kit.metrics import Metrics
from kit.outbox import Cause

PROBLEM_JSON: Final = "application/problem+json"
UNAVAILABLE: Final = 503
RETRY_AFTER: Final = "5"  # seconds; what is out of reach for a moment is rarely back sooner
CORRELATION_HEADER: Final = "x-correlation-id"
BEARER: Final = HTTPBearer(auto_error=False, description="A token of the bureau's identity provider (kaohe token)")

NOBODY: Final = Principal(subject="", name="", roles=frozenset())  # who asks without a token

Work = TypeVar("Work")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]


@dataclass(frozen=True, slots=True)
class Edge(Generic[Work]):
    """What the routes of a service stand on; `open_work` builds the service's `Work` for one transaction."""

    verifier: Verifier
    database: Database
    open_work: Callable[[AsyncSession, Principal, Cause], Work]


async def _admitted(request: Request, credentials: HTTPAuthorizationCredentials | None, roles: frozenset[str]) -> Principal:
    if credentials is None:
        raise Unauthenticated("no bearer token")
    principal = await request.app.state.edge.verifier.principal(credentials.credentials)
    if not principal.roles & roles:
        raise Forbidden(roles)
    found: Principal = principal
    return found


class work_of:  # noqa: N801 - used as a function: `Annotated[Work, Depends(work_of("unit"), scope="function")]`
    """Admit these roles and open the service's `Work` on one transaction, committed before the answer is sent.

    `scope="function"` is needed: else FastAPI ends the dependency after the answer, and a failed commit still answers 200.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles: frozenset[str] = frozenset(roles)

    async def __call__(self, request: Request, credentials: Credentials) -> AsyncIterator[Any]:
        principal = await _admitted(request, credentials, self.roles)
        edge: Edge[Any] = request.app.state.edge
        async with edge.database.transaction() as session:
            yield edge.open_work(session, principal, Cause(correlation=correlation.get()))


class caller_of:  # noqa: N801 - used as a function
    """Admit these roles without a transaction: for streams and for routes that open their own."""

    def __init__(self, *roles: Role) -> None:
        self.roles: frozenset[str] = frozenset(roles)

    async def __call__(self, request: Request, credentials: Credentials) -> Principal:
        return await _admitted(request, credentials, self.roles)


class anyone:  # noqa: N801 - used as a function
    """Declare that a route needs no token: schemas and the like."""

    roles: frozenset[str] = frozenset()

    async def __call__(self) -> None:
        return None


class work_of_anyone:  # noqa: N801 - used as a function, with `scope="function"` like `work_of`
    """Declare that a route needs no token, and open the service's `Work` on one transaction for nobody in particular."""

    roles: frozenset[str] = frozenset()

    async def __call__(self, request: Request) -> AsyncIterator[Any]:
        edge: Edge[Any] = request.app.state.edge
        async with edge.database.transaction() as session:
            yield edge.open_work(session, NOBODY, Cause(correlation=correlation.get()))


def undeclared_routes(app: FastAPI) -> list[str]:
    """Routes that declare neither a role nor `anyone`; a test of each service holds this empty."""
    return [route.path for route in routes_of(app) if "operation" not in route.tags and declared_roles(route) is None]


def routes_of(holder: FastAPI | APIRouter) -> Iterator[APIRoute]:
    """All routes of an application or a router and of what it includes, which FastAPI no longer copies into one list."""
    for route in holder.routes:
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from routes_of(included)


def declared_roles(route: APIRoute) -> frozenset[str] | None:
    """The roles that a route admits; empty for `anyone`, `None` when nothing is declared."""
    return next((call.roles for call in _calls(route.dependant) if isinstance(call, work_of | caller_of | anyone | work_of_anyone)), None)


def _calls(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def create_app(
    *,
    title: str,
    description: str,
    routers: Iterable[APIRouter],
    problems: Problems,
    edge: Edge[Any] | None,
    health: Health,
    metrics: Metrics,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """The service's ASGI application; consumers and timers are its siblings (kit.run), never part of its lifespan."""
    app = FastAPIOffline(title=title, description=description, version="1", lifespan=lifespan, redoc_url=None)
    for page in routes_of(app):
        page.tags.append("operation")  # the documentation, with its scripts from the wheel: a bureau's network is closed
    app.state.edge = edge
    for router in routers:
        app.include_router(router, prefix="/v1")
    app.include_router(_watch(health, metrics))
    _tell_problems(app, {**GENERAL, **problems})
    app.add_middleware(_Correlated, metrics=metrics)
    return app


def _watch(health: Health, metrics: Metrics) -> APIRouter:
    router = APIRouter()

    @router.get("/livez", tags=["operation"])
    async def livez() -> dict[str, str]:
        """The process's loop turns."""
        return {"status": "ok"}

    @router.get("/readyz", tags=["operation"])
    async def readyz(response: Response) -> dict[str, Any]:
        """Whether work gets done, check by check; 503 with the reasons when it does not."""
        report = await health.report()
        ready = all(reason is None for reason in report.values())
        response.status_code = 200 if ready else 503
        return {"status": "ready" if ready else "not ready", "checks": {name: reason or "ok" for name, reason in report.items()}}

    @router.get("/metrics", tags=["operation"], response_class=Response)
    async def page() -> Response:
        """Prometheus text format."""
        return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _tell_problems(app: FastAPI, problems: Problems) -> None:
    log = logger("kit.http")

    async def told(_request: Request, error: Exception) -> JSONResponse:
        problem = problem_of(error, problems)
        if problem is None:
            log.error("unexpected", exc_info=error)
            return _problem(
                500, "unexpected", "系统内部错误，请联系管理员并提供关联号", "unexpected error; give the correlation id to the operators"
            )
        document = problem_document(error, problem, correlation.get())
        advice = {"retry-after": RETRY_AFTER} if problem.status == UNAVAILABLE else None
        return JSONResponse(document, status_code=problem.status, media_type=PROBLEM_JSON, headers=advice)

    async def told_validation(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type alone
        errors = [{"path": ".".join(str(part) for part in one["loc"]), "en": one["msg"]} for one in error.errors()]
        return _problem(422, "invalid-request", "请求内容有误，请按 errors 逐项修改", "the request is not valid; see errors", errors)

    async def told_plain(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
        return _problem(error.status_code, "http", f"请求无法处理：{error.detail}", str(error.detail))

    app.add_exception_handler(RequestValidationError, told_validation)
    app.add_exception_handler(HTTPException, told_plain)
    for kind in {*problems, Exception}:
        app.add_exception_handler(kind, told)


def _problem(status: int, slug: str, zh: str, en: str, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    document = {"type": f"urn:kaohe:problem:{slug}", "title": slug, "status": status, "detail": f"{zh} / {en}", "zh": zh, "en": en}
    extra = {"correlation": correlation.get()} | ({"errors": errors} if errors else {})
    return JSONResponse(document | extra, status_code=status, media_type=PROBLEM_JSON)


class _Correlated:
    """Gives each request its correlation id, a log line and its metrics."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = logger("kit.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(CORRELATION_HEADER.encode(), b"").decode("latin-1")
        ident = given if given.isascii() and given.isprintable() and 0 < len(given) <= 100 else str(uuid7())  # noqa: PLR2004 - as long as an id may be
        correlation.set(ident)
        began = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (CORRELATION_HEADER.encode(), ident.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        matched = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")  # the first has the router's prefix
        route = getattr(matched, "path", "unknown")
        self._metrics.count("http_requests_total", method=scope["method"], route=route, status=str(status))
        self._metrics.observe("http_request_seconds", seconds, route=route)
        if route not in ("/livez", "/readyz", "/metrics"):
            self._log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
