"""Calls are made as somebody, survive a service that is away, and stop at an answer that trying again won't change."""

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest

from demo import callers
from demo.callers import Callers, Refusal, Who

OFFICE = Who("office-1", ("office",))
URL = "http://service/v1/items"
Answer = Callable[[httpx.Request], httpx.Response]


def calling(*answers: httpx.Response | Exception) -> tuple[Callers, list[httpx.Request]]:
    """A service that gives these answers, and an issuer whose n-th token is `token-n`."""
    seen: list[httpx.Request] = []
    left: Iterator[httpx.Response | Exception] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": f"token-{len(seen)}"})
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Callers(client, "http://issuer", "secret"), seen


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "FIRST_PAUSE", 0.001)


async def test_a_token_is_asked_for_once_a_caller() -> None:
    desk, seen = calling(*[httpx.Response(200, json=[])] * 2)
    await desk.get(OFFICE, URL)
    await desk.get(OFFICE, URL)
    assert [request.url.path for request in seen] == ["/token", "/v1/items", "/v1/items"]
    assert {request.headers["authorization"] for request in seen[1:]} == {"Bearer token-1"}


async def test_a_token_that_is_no_longer_taken_is_asked_for_again() -> None:
    desk, seen = calling(httpx.Response(401), httpx.Response(200, json=[]))
    await desk.get(OFFICE, URL)
    assert seen[-1].headers["authorization"] == "Bearer token-3"


async def test_a_service_that_is_away_is_waited_for() -> None:
    desk, _ = calling(httpx.ConnectError("refused"), httpx.Response(503), httpx.Response(200, json=["here"]))
    assert await desk.get(OFFICE, URL) == ["here"]


async def test_a_service_that_stays_away_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "PATIENCE", 0.05)
    desk, _ = calling(*[httpx.ConnectError("refused")] * 1000)
    with pytest.raises(asyncio.TimeoutError):
        await desk.get(OFFICE, URL)


async def test_a_refusal_says_what_was_asked_and_what_was_answered() -> None:
    problem = httpx.Response(409, json={"type": "illegal-move"}, headers={"content-type": "application/problem+json"})
    desk, _ = calling(problem)
    with pytest.raises(Refusal, match=f"POST {URL} as office-1: 409") as refused:
        await desk.post(OFFICE, URL, {})
    assert (refused.value.status, refused.value.type) == (409, "illegal-move")
