import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, cast

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from kit.auth import Principal
from kit.db import Database
from kit.errors import NotYet, Problem, Problems, Refused
from kit.health import Health
from kit.http import Edge, anyone, caller_of, create_app, undeclared_routes, work_of
from kit.metrics import Metrics
from kit.outbox import Cause
from kit.testing import TestIssuer


class TooMuch(Refused):
    pass


class Ledger:
    """Remembers how each transaction ended; stands where a database would."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.commit_fails = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[str]:
        try:
            yield "session"
        except BaseException:
            self.ended.append("rolled back")
            raise
        if self.commit_fails:
            raise ConnectionError
        self.ended.append("committed")


def open_work(session: object, principal: Principal, cause: Cause) -> dict[str, Any]:
    return {"session": session, "who": principal.subject, "correlation": cause.correlation}


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/mine")
    async def mine(work: Annotated[dict[str, Any], Depends(work_of("unit"), scope="function")]) -> dict[str, Any]:
        return work

    @router.get("/refused")
    async def refused(_work: Annotated[dict[str, Any], Depends(work_of("unit"), scope="function")]) -> None:
        raise TooMuch("太多", "too much", field="body.count")

    @router.get("/away")
    async def away(_caller: Annotated[Principal, Depends(caller_of("office"))]) -> None:
        raise NotYet("稍后再试", "try again later")

    @router.get("/broken")
    async def broken(_caller: Annotated[Principal, Depends(caller_of("office"))]) -> None:
        raise ZeroDivisionError

    @router.get("/schema")
    async def schema(_open: Annotated[None, Depends(anyone())]) -> str:
        return "open"

    return router


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def app(ledger: Ledger, issuer: TestIssuer, health: Health) -> FastAPI:
    edge = Edge(verifier=issuer.verifier(), database=cast("Database", ledger), open_work=cast("Callable[..., Any]", open_work))
    problems: Problems = {TooMuch: Problem(409, "too-much")}
    return create_app(title="t", description="d", routers=[routes()], problems=problems, edge=edge, health=health, metrics=Metrics())


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


async def test_a_request_is_one_committed_transaction(client: httpx.AsyncClient, issuer: TestIssuer, ledger: Ledger) -> None:
    answer = await client.get("/v1/mine", headers=issuer.headers("unit", subject="p-1") | {"x-correlation-id": "c-1"})
    assert answer.json() == {"session": "session", "who": "p-1", "correlation": "c-1"}
    assert answer.headers["x-correlation-id"] == "c-1"
    assert ledger.ended == ["committed"]


async def test_a_failed_commit_is_not_answered_as_a_success(client: httpx.AsyncClient, issuer: TestIssuer, ledger: Ledger) -> None:
    ledger.commit_fails = True
    assert (await client.get("/v1/mine", headers=issuer.headers("unit"))).status_code == 500


async def test_a_refusal_is_told_in_both_languages_with_its_place_and_rolls_back(
    client: httpx.AsyncClient, issuer: TestIssuer, ledger: Ledger
) -> None:
    answer = await client.get("/v1/refused", headers=issuer.headers("unit"))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["zh"] == "太多"
    assert answer.json()["errors"][0]["path"] == "body.count"
    assert ledger.ended == ["rolled back"]


async def test_what_is_out_of_reach_for_a_moment_says_when_to_try_again(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    answer = await client.get("/v1/away", headers=issuer.headers("office"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_without_a_token_nobody_gets_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/mine")).status_code == 401


async def test_the_wrong_role_is_forbidden_and_told_which_one_is_needed(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    answer = await client.get("/v1/mine", headers=issuer.headers("office"))
    assert answer.status_code == 403
    assert "unit" in answer.json()["en"]


async def test_an_unexpected_error_shows_nothing_of_itself(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    answer = await client.get("/v1/broken", headers=issuer.headers("office"))
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text


async def test_readiness_gives_the_reason_of_each_check_that_fails(client: httpx.AsyncClient, health: Health) -> None:
    async def silent() -> None:
        return None

    async def full() -> str:
        return "disk is full"

    health.checks.update({"good": silent, "disk": full})
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"good": "ok", "disk": "disk is full"}


async def test_the_documentation_needs_no_other_network(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    asked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(asked) == 3
    assert [(await client.get(path)).status_code for path in asked if path.startswith("/")] == [httpx.codes.OK] * 3


async def test_metrics_count_requests_by_route_and_not_by_address(client: httpx.AsyncClient) -> None:
    await client.get("/v1/schema")
    assert 'http_requests_total{method="GET",route="/v1/schema",status="200"} 1.0' in (await client.get("/metrics")).text


def test_a_route_that_declares_nobody_is_found(app: FastAPI) -> None:
    assert undeclared_routes(app) == []
    careless = APIRouter()

    @careless.get("/forgotten")
    async def forgotten() -> None: ...

    app.include_router(careless, prefix="/v1")
    assert undeclared_routes(app) == ["/forgotten"]
