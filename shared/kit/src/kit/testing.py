"""For tests: real servers by address, a database and a topic prefix per test, tokens, a clock that stands still."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import uuid4

import asyncpg
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from kit.auth import Role, Verifier

ISSUER: Final = "http://issuer.test"
AUDIENCE: Final = "kaohe"

Found = TypeVar("Found")


@dataclass(slots=True)
class FixedClock:
    """Stands still until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def move(self, **by: float) -> None:
        self.instant += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of real servers."""

    kafka_bootstrap: str
    postgres_url: str
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str
    s3_admin_access_key: str
    s3_admin_secret_key: str
    smtp_url: str
    mail_url: str


def servers_from_environment() -> Servers | None:
    """The servers that the environment names (KAFKA_BOOTSTRAP, POSTGRES_URL, ...), or none."""
    names = Servers.__dataclass_fields__
    found = {name: os.environ.get(name.upper()) for name in names}  # noqa: TID251 - tests are told here which servers to use
    if not found["kafka_bootstrap"]:
        return None
    missing = [name.upper() for name, value in found.items() if value is None]
    if missing:
        message = f"KAFKA_BOOTSTRAP is set, but not {', '.join(missing)}"
        raise LookupError(message)
    return Servers(**{name: value or "" for name, value in found.items()})


@asynccontextmanager
async def fresh_database(postgres_url: str, *, template: str | None = None) -> AsyncIterator[str]:
    """The address of a new database, dropped at the end; from a template database it has all its tables at once."""
    name = f"test_{uuid4().hex[:16]}"
    await administer(postgres_url, f'create database "{name}"' + (f' template "{template}"' if template else ""))
    try:
        yield beside(postgres_url, name)
    finally:
        await administer(postgres_url, f'drop database "{name}" with (force)')


def beside(postgres_url: str, name: str) -> str:
    """The address of another database of the same server."""
    return f"{postgres_url.rsplit('/', 1)[0]}/{name}"


async def administer(postgres_url: str, statement: str) -> None:
    """One statement outside any transaction, as the server's administrator."""
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def topic_prefix() -> str:
    return f"t{uuid4().hex[:10]}."


@dataclass(frozen=True, slots=True)
class TestIssuer:
    """An identity provider in memory."""

    __test__ = False

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "test", "use": "sig", "alg": "ES256"}))

    def verifier(self) -> Verifier:
        return Verifier(issuer=ISSUER, audience=AUDIENCE, keys=self.keys)

    async def keys(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(KeySet([self.key]).as_dict(private=False)))
        return found

    def token(self, *roles: Role, subject: str = "somebody", units: Iterable[str] = (), **changed: object) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "name": subject,
            "exp": int(time.time()) + 600,
            "roles": list(roles),
            "units": list(units),
        }
        return jwt.encode({"alg": "ES256", "kid": "test", "typ": "at+jwt"}, claims | changed, self.key, algorithms=["ES256"])

    def headers(self, *roles: Role, subject: str = "somebody", units: Iterable[str] = ()) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(*roles, subject=subject, units=units)}"}


async def eventually(condition: Callable[[], Awaitable[Found]], *, within: float = 15, every: float = 0.05) -> Found:
    """What the condition gives once it is true; fails after `within` seconds with its last answer."""
    deadline = time.monotonic() + within
    while not (found := await condition()):
        if time.monotonic() > deadline:
            message = f"not within {within} s; the last answer was {found!r}"
            raise AssertionError(message)
        await asyncio.sleep(every)
    return found
