"""What the screen shows, fetched from the services' HTTP APIs as an officer of the appraisal office would."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

Json = Any  # what a service answers
PATIENCE: Final = 10.0
OPEN_ITEMS: Final = 200
LAST_MESSAGES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look at everything; what did not answer is missing, and named in `silent` with the reason."""

    health: Mapping[str, str]
    facts: Json | None = None
    standings: Sequence[Json] = ()
    items: Sequence[Json] = ()
    messages: Sequence[Json] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, str] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)


class Eyes:
    """HTTP with an office token; remembers which question had no answer."""

    def __init__(self, http: httpx.AsyncClient, known: Mapping[str, str]) -> None:
        self._http = http
        self._known = known
        self._headers: dict[str, str] = {}
        self.silent: dict[str, str] = {}

    async def identify(self) -> None:
        wanted = {"subject": "status-screen", "name": "状态屏", "roles": ["office", "leader"]}
        secret = {"authorization": f"Bearer {self._known['issuer_secret']}"}
        try:
            answer = await self._http.post(f"{self._known['issuer_url']}/token", json=wanted, headers=secret)
            self._headers = {"authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
        except httpx.HTTPError as error:
            self.silent["issuer"] = _short(error)

    async def health(self, service: str) -> str:
        """Empty when all is well, else what is not."""
        try:
            answer = await self._http.get(f"{self._known[f'{service}_url']}/readyz")
            checks: dict[str, str] = answer.json()["checks"]
        except (httpx.HTTPError, ValueError, KeyError):
            return "没有应答 no answer"
        return "；".join(f"{name}: {said}" for name, said in checks.items() if said != "ok")

    async def get(self, service: str, path: str, **params: str | int) -> Json | None:
        try:
            answer = await self._http.get(f"{self._known[f'{service}_url']}/v1/{path}", params=params, headers=self._headers)
            return answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            self.silent[f"{service} /v1/{path}"] = _short(error)
            return None


async def look(http: httpx.AsyncClient, known: Mapping[str, str], services: Sequence[str]) -> Seen:
    eyes = Eyes(http, known)
    await eyes.identify()
    healths = await asyncio.gather(*(eyes.health(service) for service in services))
    facts, units, cycles, items, messages = await asyncio.gather(
        eyes.get("scoring", "feed/summary"),
        eyes.get("scoring", "units"),
        eyes.get("scoring", "cycles"),
        eyes.get("feedback", "items", open="true", limit=OPEN_ITEMS),
        eyes.get("notification", "messages", limit=LAST_MESSAGES),
    )
    keys = [cycle["key"] for cycle in cycles or () if await _has_started(eyes, cycle["key"])]
    standings = [found for key in keys if (found := await eyes.get("scoring", f"standings/{key}")) is not None]
    indicators = [found for key in keys for found in await eyes.get("scoring", f"indicators/{key}") or ()]
    return Seen(
        health=dict(zip(services, healths, strict=True)),
        facts=facts,
        standings=standings,
        items=(items or {}).get("items", ()),
        messages=(messages or {}).get("messages", ()),
        units={unit["code"]: unit["name"] for unit in units or ()},
        indicators={indicator["key"]: indicator["name"] for indicator in indicators},
        silent=eyes.silent,
    )


async def _has_started(eyes: Eyes, cycle: str) -> bool:
    """A cycle without an active scheme has no standings, and that is no fault."""
    return any(version["state"] == "active" for version in await eyes.get("scoring", f"schemes/{cycle}") or ())


def _short(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return type(error).__name__
