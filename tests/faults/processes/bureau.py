"""The bureau under fire: all services as processes on their ground, the days that pass, and everything that was said to them."""

import asyncio
import time as machine
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg
import httpx

from demo.callers import Callers
from evidence.app import prepare_buckets
from evidence.settings import BucketSettings
from kit import migrations
from kit.clock import Pace, SystemClock
from kit.testing import eventually
from stack import ports, postgres, services
from stack.catcher import Mail
from stack.folder import Folder, write_private
from stack.ports import LOOPBACK
from stack.probe import ask
from stack.processes import Program
from stack.services import SERVICES, Service, Surroundings
from tests.faults import budget
from tests.faults.processes.facts import Systems
from tests.faults.processes.ground import Ground, a_ground
from tests.faults.processes.logs import Logs
from tests.faults.processes.supervisor import Supervisor
from tests.faults.processes.world import FIRST_DAY, LAST_DAY, ZONE

ROOT: Final = Path(__file__).parents[3]
DATABASES: Final = ("scoring", "evidence", "feedback", "notification")
WORKERS: Final = ("worker-1", "worker-2")
GUEST: Final = "worker-3"  # joins and leaves
NOON: Final = time(11)  # of a business day: no quiet hours
DAY: Final = timedelta(days=1)
FIRST_READY: Final = 90.0

# Short terms, so that every stage of the ladder comes within the days of a run; short leases, so that a dead sender's letter goes on soon.
TOLD: Final = {
    "feedback": {
        "FEEDBACK_DAYS_MINOR": "6",
        "FEEDBACK_DAYS_MAJOR": "4",
        "FEEDBACK_DAYS_SEVERE": "2",
        "FEEDBACK_DEEMED_AFTER_DAYS": "2",
        "FEEDBACK_DAYS_AFTER_RETURN": "2",
        "FEEDBACK_LADDER_CRITICISM_OVER": "3",
        "FEEDBACK_LADDER_INTERVIEW_OVER": "6",
    },
    "notification": {"NOTIFICATION_SMTP_PATIENCE_SECONDS": "2", "NOTIFICATION_RETRY_FIRST_SECONDS": "1"},
    "evidence": {"EVIDENCE_SWEEP_SECONDS": "2"},
}


@dataclass(slots=True, repr=False)
class Bureau:
    """Everything that an invariant may look at."""

    ground: Ground
    processes: Supervisor
    callers: Callers
    around: Surroundings
    systems: Systems
    logs: Logs
    ports: dict[str, int]
    today: date = FIRST_DAY
    marks: dict[str, Fraction] = field(default_factory=dict)
    accepted: dict[tuple[str, int], str] = field(default_factory=dict)
    mails: dict[int, Mail] = field(default_factory=dict)
    last_blow: float = field(default_factory=machine.monotonic)

    def url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[service]}/v1"

    def database_url(self, name: str) -> str:
        """A service's database as the harness reaches it: past the proxy, as the server's administrator."""
        return self.ground.direct.postgres_url.rsplit("/", 1)[0] + f"/{name}"

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.database_url(name))
        try:
            yield connection
        finally:
            await connection.close()

    def strike(self) -> None:
        """Something is broken at this instant, or has just become whole again."""
        self.last_blow = machine.monotonic()

    def pass_a_day(self) -> None:
        """The next day's late morning, by the clock file that all services read; after the last day time stands still."""
        self.set_day(min(self.today + DAY, LAST_DAY))

    def set_day(self, day: date) -> None:
        self.today = day
        pace = Pace(anchor=SystemClock().now(), start=datetime.combine(day, NOON, ZoneInfo(ZONE)), rate=0)
        write_private(self.around.clock_file, pace.dumped())

    def open_mails(self) -> None:
        """Remember the mails that were caught since the last look: the catcher keeps the latest only."""
        for path in (self.around.folder.data / "mail").glob("*.eml"):
            if int(path.stem) not in self.mails:
                self.mails[int(path.stem)] = Mail.read(path)

    async def readiness(self, process: str) -> int:
        """The status of its /readyz; 0 while it does not answer."""
        answer = await ask(self.ports[process], "/readyz")
        return 0 if answer is None else answer[0]

    async def start(self, process: str) -> None:
        await self.processes.start(program_of(process, self.ground, self.around, self.ports))

    async def until_ready(self, *processes: str, within: float = FIRST_READY) -> float:
        """Until all are ready; how long that took."""
        began = machine.monotonic()

        async def ready() -> bool:
            return not [one for one in processes or self.processes.children if await self.readiness(one) != httpx.codes.OK]

        try:
            await eventually(ready, within=within, every=0.2)
        except AssertionError as error:
            error.add_note(str({one: await ask(self.ports[one], "/readyz") for one in processes or self.processes.children}))
            raise
        return machine.monotonic() - began


def program_of(process: str, ground: Ground, around: Surroundings, chosen: dict[str, int]) -> Program:
    """How one process is started, with its servers behind the proxies."""
    service = service_of(process)
    behind = Surroundings(
        folder=around.folder, ports={**around.ports, service.name: chosen[process]}, servers=ground.addresses(service.name)
    )
    told = services.environment(service, behind) | TOLD.get(service.name, {}) | {f"{service.module.upper()}_LOG_LEVEL": "INFO"}
    if service.name == "worker":
        told["SCORING_INSTANCE"] = process
    made = services.program(service, behind)
    return Program(name=process, command=made.command, environment=told)


def service_of(process: str) -> Service:
    return next(service for service in SERVICES if service.name == process.split("-", maxsplit=1)[0])


@asynccontextmanager
async def a_bureau(folder: Folder, cache: Path) -> AsyncIterator[Bureau]:
    """Servers, databases, buckets, processes; nothing is registered yet. All of it ends with the block."""
    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(a_ground(folder, cache))
        around = Surroundings(folder=folder, ports=ground.wanted.ports, servers=ground.direct)
        await _prepare(around)
        processes = Supervisor(ground.crew)
        stack.push_async_callback(processes.stop)
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=20, trust_env=False))
        bureau = Bureau(
            ground=ground,
            processes=processes,
            callers=Callers(client, ground.direct.issuer_url, ground.direct.issuer_secret),
            around=around,
            systems=Systems(budget.dice("facts")),
            logs=Logs(f"{LOOPBACK}:{ground.kafka.port}"),
            ports=_ports(ground.wanted.ports),
        )
        bureau.set_day(FIRST_DAY)
        for process in (*DATABASES, *WORKERS):
            await bureau.start(process)
        await bureau.until_ready()
        yield bureau


def _ports(taken: dict[str, int]) -> dict[str, int]:
    """Those of the services, and one for each further worker."""
    more = next(found for found in iter(ports.free, None) if not {*found.values()} & {*taken.values()})
    workers = dict(zip((*WORKERS, GUEST), (taken["worker"], more["worker"], more["scoring"]), strict=True))
    return {name: taken[name] for name in DATABASES} | workers


async def _prepare(around: Surroundings) -> None:
    """Databases with their tables, one after the other since alembic knows one at a time; and the buckets."""
    url = around.servers.postgres_url
    for name in DATABASES:
        await postgres.make_database(url, name=name, password=around.password(name))
        await asyncio.to_thread(migrations.upgrade, ROOT / "services" / name / "migrations", around.database_url(name))
    told = {"s3_endpoint": around.servers.s3_endpoint, "s3_region": around.servers.s3_region}
    keys = {"s3_admin_access_key": around.servers.s3_admin_access_key, "s3_admin_secret_key": around.servers.s3_admin_secret_key}
    await asyncio.to_thread(prepare_buckets, BucketSettings.model_validate({**told, **keys, "retention_days": 3650}))
