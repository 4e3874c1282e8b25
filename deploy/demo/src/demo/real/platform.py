"""The services of a running stack, asked with development tokens."""

import json
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

PIECE: Final = 64 * 1024
WITHOUT_END: Final = httpx.Timeout(30.0, read=None)  # a large file is answered when Kafka has all of it
LIFETIME: Final = 3600  # seconds of a token

Progress = Callable[[int, int], None]


class Refusal(Exception):
    """A service refused; the text is its sentence in Chinese and English."""


@dataclass(slots=True)
class Platform:
    """`urls` by service; a token is asked for once a role."""

    client: httpx.AsyncClient
    urls: dict[str, str]
    issuer_secret: str
    _tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, stack: Path, client: httpx.AsyncClient) -> "Platform":
        """The stack whose folder this is; raises `Refusal` where none was ever started."""
        try:
            ports: dict[str, int] = json.loads((stack / "ports.json").read_text())
            secret: str = json.loads((stack / "secrets.json").read_text())["issuer"]
        except OSError as error:
            raise Refusal(f"没有本地平台, 请先 make up / there is no local stack, run `make up` first: {error}") from error
        return cls(client, {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}, secret)

    async def call(self, method: str, service: str, path: str, *, role: str = "admin", **sent: Any) -> Any:  # noqa: ANN401 - JSON
        """The answer's JSON; raises `Refusal`."""
        headers = {**sent.pop("headers", {}), "authorization": f"Bearer {await self._token(role)}"}
        answer = await self._answered(method, f"{self.urls[service]}{path}", headers=headers, **sent)
        return answer.json() if answer.content else None

    async def upload(self, path: Path, *, mapping: str, progress: Progress) -> dict[str, Any]:
        """Give a file to collection as a stream; the run."""
        query = {"mapping": mapping, "file": path.name}
        run: dict[str, Any] = await self.call(
            "POST", "collection", "/v1/collections", params=query, content=_pieces(path, progress), timeout=WITHOUT_END
        )
        return run

    async def _token(self, role: str) -> str:
        if role not in self._tokens:
            wanted = {"subject": f"load-{role}", "name": f"load-{role}", "roles": [role], "units": [], "lifetime": LIFETIME}
            secret = {"authorization": f"Bearer {self.issuer_secret}"}
            answer = await self._answered("POST", f"{self.urls['issuer']}/token", json=wanted, headers=secret)
            self._tokens[role] = answer.json()["access_token"]
        return self._tokens[role]

    async def _answered(self, method: str, url: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        try:
            answer = await self.client.request(method, url, **sent)
        except httpx.TransportError as error:
            raise Refusal(f"连不上 {url}, 平台是否在运行 (make status)? / no answer from {url}, is the stack running? {error}") from error
        if answer.is_error:
            raise Refusal(f"{method} {url}: {answer.status_code} {answer.text[:2000]}")
        return answer


async def _pieces(path: Path, progress: Progress) -> AsyncIterator[bytes]:
    sent = 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while piece := file.read(PIECE):
            yield piece
            sent += len(piece)
            progress(sent, size)
