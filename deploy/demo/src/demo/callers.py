"""Calls to the services as people and machines of the bureau, each with its own development token."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx

PATIENCE: Final = 90.0  # seconds that a service may be away: it is restarted, or the machine is busy
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 3.0


@dataclass(frozen=True, slots=True)
class Who:
    """A caller as the identity provider knows it."""

    subject: str
    roles: tuple[str, ...]
    units: tuple[str, ...] = ()
    name: str | None = None


class Refusal(Exception):
    """A service answered with a problem that trying again won't solve."""

    def __init__(self, request: str, response: httpx.Response) -> None:
        super().__init__(f"{request}: {response.status_code} {response.text[:2000]}")
        self.status = response.status_code
        self.type = _problem(response).get("type", "")


def _problem(response: httpx.Response) -> Mapping[str, str]:
    is_problem = "problem+json" in response.headers.get("content-type", "")
    found: Mapping[str, str] = response.json() if is_problem else {}
    return found


@dataclass(slots=True)
class Callers:
    """Asks the issuer for a token once a caller, and again when one is no longer taken."""

    client: httpx.AsyncClient
    issuer_url: str
    issuer_secret: str
    _tokens: dict[Who, str] = field(default_factory=dict)

    async def get(self, who: Who, url: str, **params: str | int) -> Any:  # noqa: ANN401 - JSON
        return (await self.call(who, "GET", url, params=params)).json()

    async def post(self, who: Who, url: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        response = await self.call(who, "POST", url, json=body)
        return response.json() if response.content else None

    async def put(self, who: Who, url: str, body: object) -> None:
        await self.call(who, "PUT", url, json=body)

    async def call(self, who: Who, method: str, url: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        """Send until it is answered; raises `Refusal` for an answer of the caller's own making."""
        headers = sent.pop("headers", {})
        async with asyncio.timeout(PATIENCE):
            while True:
                authorization = {"authorization": f"Bearer {await self._token(who)}"}
                response = await self._answered(method, url, headers={**headers, **authorization}, **sent)
                if response.status_code != HTTPStatus.UNAUTHORIZED:
                    break
                self._tokens.pop(who, None)
                await asyncio.sleep(FIRST_PAUSE)
        if response.is_error:
            raise Refusal(f"{method} {url} as {who.subject}", response)
        return response

    async def _token(self, who: Who) -> str:
        if who not in self._tokens:
            wanted = {"subject": who.subject, "name": who.name or who.subject, "roles": who.roles, "units": who.units}
            secret = {"authorization": f"Bearer {self.issuer_secret}"}
            answer = await self._answered("POST", f"{self.issuer_url}/token", json=wanted, headers=secret)
            self._tokens[who] = answer.raise_for_status().json()["access_token"]
        return self._tokens[who]

    async def _answered(self, method: str, url: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        pause = FIRST_PAUSE
        while True:
            try:
                response = await self.client.request(method, url, **sent)
            except httpx.TransportError:
                response = None
            if response is not None and not response.is_server_error:
                return response
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
