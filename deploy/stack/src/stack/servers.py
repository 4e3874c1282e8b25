"""The servers that Kaohe stands on, started together; or those of the environment, where it names some."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import httpx

from stack import kafka, postgres, seaweed
from stack.folder import Folder
from stack.issuer import AUDIENCE
from stack.ports import LOOPBACK
from stack.processes import Child, Program, start, until

Tell = Callable[[str], None]
REPLACEABLE: Final = {"KAFKA_BOOTSTRAP": "kafka", "POSTGRES_URL": "postgres", "S3_ENDPOINT": "s3", "SMTP_URL": "mail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the servers are, and with which keys. The names are those of the environment, in lower case."""

    kafka_bootstrap: str
    postgres_url: str
    s3_endpoint: str
    s3_region: str
    s3_access_key: str
    s3_secret_key: str
    s3_admin_access_key: str
    s3_admin_secret_key: str
    smtp_url: str
    mail_url: str
    issuer_url: str
    issuer_secret: str
    oidc_issuer: str
    oidc_audience: str
    oidc_jwks_url: str

    def environment(self) -> dict[str, str]:
        return {field.name.upper(): getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Addresses":
        """The servers that an environment names, all of them. Raises `KeyError` for the first that is missing."""
        return cls(**{field.name: environment[field.name.upper()] for field in fields(cls)})


def addresses(folder: Folder, ports: Mapping[str, int], given: Mapping[str, str]) -> Addresses:
    """This folder's own servers, with those replaced that `given` names."""
    keys, issuer = folder.secrets(), f"http://{LOOPBACK}:{ports['issuer']}"
    own = {
        "KAFKA_BOOTSTRAP": f"{LOOPBACK}:{ports['kafka']}",
        "POSTGRES_URL": postgres.superuser_url(folder, ports["postgres"]),
        "S3_ENDPOINT": f"http://{LOOPBACK}:{ports['s3']}",
        "S3_REGION": seaweed.REGION,
        "S3_ACCESS_KEY": keys["s3_uploader_access"],
        "S3_SECRET_KEY": keys["s3_uploader_secret"],
        "S3_ADMIN_ACCESS_KEY": keys["s3_admin_access"],
        "S3_ADMIN_SECRET_KEY": keys["s3_admin_secret"],
        "SMTP_URL": f"smtp://{LOOPBACK}:{ports['smtp']}",
        "MAIL_URL": f"http://{LOOPBACK}:{ports['mail_page']}",
        "ISSUER_URL": issuer,
        "ISSUER_SECRET": keys["issuer"],
        "OIDC_ISSUER": issuer,
        "OIDC_AUDIENCE": AUDIENCE,
        "OIDC_JWKS_URL": f"{issuer}/jwks.json",
    }
    return Addresses.of({**own, **{name: value for name, value in given.items() if name in own and value}})


def replaced(given: Mapping[str, str]) -> set[str]:
    """The servers that need no starting."""
    return {server for variable, server in REPLACEABLE.items() if given.get(variable)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How to start the servers. `durable`: data survive a power cut; `cache`: where Kafka's jars are kept."""

    ports: dict[str, int]
    cache: Path
    durable: bool = True
    heap_mb: int = 192


async def launch(folder: Folder, wanted: Wanted, *, without: set[str], tell: Tell) -> list[Child]:
    """Start all at once; if one fails, the others are stopped before the error is raised."""
    launchers: dict[str, Callable[[], Awaitable[Child]]] = {
        "kafka": lambda: _kafka(folder, wanted, tell),
        "postgres": lambda: postgres.launch(folder, port=wanted.ports["postgres"], durable=wanted.durable),
        "s3": lambda: seaweed.launch(folder, ports=wanted.ports),
        "mail": lambda: _mail(folder, wanted.ports),
        "issuer": lambda: _issuer(folder, wanted.ports),
    }
    tasks = [asyncio.create_task(_told(name, launcher, tell)) for name, launcher in launchers.items() if name not in without]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    children = [child for child in results if isinstance(child, Child)]
    failed = next((error for error in results if isinstance(error, BaseException)), None)
    if failed is not None:
        await stop(children)
        raise failed
    return children


async def stop(children: list[Child]) -> None:
    await asyncio.gather(*(child.stop() for child in children))


@asynccontextmanager
async def running(folder: Folder, wanted: Wanted, *, given: Mapping[str, str], tell: Tell) -> AsyncIterator[Addresses]:
    """The servers for the time of the block."""
    children = await launch(folder, wanted, without=replaced(given), tell=tell)
    try:
        yield addresses(folder, wanted.ports, given)
    finally:
        await stop(children)


async def _told(name: str, launcher: Callable[[], Awaitable[Child]], tell: Tell) -> Child:
    loop = asyncio.get_running_loop()
    began = loop.time()
    child = await launcher()
    tell(f"{name} 已就绪 ready ({loop.time() - began:.1f} s)")
    return child


async def _kafka(folder: Folder, wanted: Wanted, tell: Tell) -> Child:
    if not kafka.cached(wanted.cache).exists():
        tell("kafka: 正在通过 Maven 下载 downloading by Maven, 38 MB ...")
    libs = await kafka.jars(folder, wanted.cache)
    ports = wanted.ports
    return await kafka.launch(folder, port=ports["kafka"], controller_port=ports["kafka_controller"], libs=libs, heap_mb=wanted.heap_mb)


async def _issuer(folder: Folder, ports: Mapping[str, int]) -> Child:
    command = (sys.executable, "-m", "stack", "issuer", "--dir", str(folder.root), "--port", str(ports["issuer"]))
    child = await start(Program(name="issuer", command=command), folder)
    await until(lambda: _answers(f"http://{LOOPBACK}:{ports['issuer']}/jwks.json"), child, within=30)
    return child


async def _mail(folder: Folder, ports: Mapping[str, int]) -> Child:
    listening = ("--smtp-port", str(ports["smtp"]), "--port", str(ports["mail_page"]))
    child = await start(
        Program(name="mail", command=(sys.executable, "-m", "stack", "mail", "--dir", str(folder.root), *listening)), folder
    )
    await until(lambda: _answers(f"http://{LOOPBACK}:{ports['mail_page']}/api/messages"), child, within=30)
    return child


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
