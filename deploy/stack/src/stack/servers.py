"""The servers that Kaohe stands on, started together; or those of the environment, where it names some."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Final

from stack import kafka, postgres, seaweed
from stack.folder import Folder
from stack.issuer import AUDIENCE
from stack.ports import LOOPBACK
from stack.probe import answers
from stack.processes import Child, Crew, Program, until

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
    """How to start the servers. `durable`: data survive a power cut; `cache`: where Kafka's jars are kept;

    `kafka_advertised`: the port by which clients reach Kafka where that is not its own.
    """

    ports: dict[str, int]
    cache: Path
    durable: bool = True
    heap_mb: int = 192
    kafka_advertised: int | None = None


async def launch(crew: Crew, wanted: Wanted, *, without: set[str], tell: Tell) -> None:
    """Start all at once; the first that fails stops the waiting for the others, and its error is raised."""
    names = [name for name in LAUNCHERS if name not in without]
    tasks = [asyncio.create_task(_told(name, crew, wanted, tell)) for name in names]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def running(folder: Folder, wanted: Wanted, *, given: Mapping[str, str], tell: Tell) -> AsyncIterator[Addresses]:
    """The servers for the time of the block."""
    crew = Crew(folder)
    try:
        await launch(crew, wanted, without=replaced(given), tell=tell)
        yield addresses(folder, wanted.ports, given)
    finally:
        await crew.stop()


async def start_one(name: str, crew: Crew, wanted: Wanted, *, tell: Tell) -> Child:
    """Start one of the servers, on the data that it left; returns when it serves."""
    return await LAUNCHERS[name](crew, wanted, tell)


async def _told(name: str, crew: Crew, wanted: Wanted, tell: Tell) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await start_one(name, crew, wanted, tell=tell)
    tell(f"{name} 已就绪 ready ({loop.time() - began:.1f} s)")


async def _kafka(crew: Crew, wanted: Wanted, tell: Tell) -> Child:
    if not kafka.cached(wanted.cache).exists():
        tell("kafka: 正在通过 Maven 下载 downloading by Maven, 38 MB ...")
    libs = await kafka.jars(crew, wanted.cache)
    ports = wanted.ports
    return await kafka.launch(
        crew,
        port=ports["kafka"],
        controller_port=ports["kafka_controller"],
        libs=libs,
        heap_mb=wanted.heap_mb,
        advertised=wanted.kafka_advertised,
    )


async def _issuer(crew: Crew, wanted: Wanted, _tell: Tell) -> Child:
    ports = wanted.ports
    command = (sys.executable, "-m", "stack", "issuer", "--dir", str(crew.folder.root), "--port", str(ports["issuer"]))
    child = await crew.start(Program(name="issuer", command=command))
    await until(lambda: answers(ports["issuer"], "/jwks.json"), child, within=240)
    return child


async def _mail(crew: Crew, wanted: Wanted, _tell: Tell) -> Child:
    ports = wanted.ports
    listening = ("--smtp-port", str(ports["smtp"]), "--port", str(ports["mail_page"]))
    command = (sys.executable, "-m", "stack", "mail", "--dir", str(crew.folder.root), *listening)
    child = await crew.start(Program(name="mail", command=command))
    await until(lambda: answers(ports["mail_page"], "/api/messages"), child, within=240)
    return child


Launcher = Callable[[Crew, Wanted, Tell], Awaitable[Child]]
LAUNCHERS: Final[Mapping[str, Launcher]] = MappingProxyType(
    {
        "kafka": _kafka,
        "postgres": lambda crew, wanted, _: postgres.launch(crew, port=wanted.ports["postgres"], durable=wanted.durable),
        "s3": lambda crew, wanted, _: seaweed.launch(crew, ports=wanted.ports),
        "mail": _mail,
        "issuer": _issuer,
    }
)
