"""The whole platform on one machine: servers, databases, migrations, services, demonstration; and its end."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack import business_time, ports, postgres, servers, services
from stack.folder import Folder, write_private
from stack.probe import answers
from stack.problems import DidNotStart
from stack.processes import Child, Crew, end_left_over, until
from stack.servers import Tell
from stack.services import SERVICES, Service, Surroundings

SERVICE_PATIENCE: Final = 240.0  # seconds until a service answers, on a busy machine
VISIT_PATIENCE: Final = 1800.0  # seconds until the demonstration has reached the present
PROGRESS_EVERY: Final = 5.0
LOOK_EVERY: Final = 0.5
DEMONSTRATION_TRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for: `given` is the environment of the caller."""

    given: Mapping[str, str]
    demonstration: bool = True
    tell: Tell = print
    ready: Callable[[], Awaitable[None]] | None = None


async def run(folder: Folder, order: Order) -> None:
    """Start everything, tell when it is ready, and hold it until cancelled."""
    with folder.owned():
        write_state(folder, "starting")
        for name in end_left_over(folder):
            order.tell(f"{name}: 已结束上次遗留的进程 ended a left-over process of an earlier run")
        crew = Crew(folder)
        try:
            await _begin(crew, order)
            if order.ready is not None:
                await order.ready()
            await asyncio.Event().wait()
        finally:
            write_state(folder, "stopping")
            order.tell("正在停止 stopping ...")
            await _end(crew)
            write_state(folder, "stopped")


async def _begin(crew: Crew, order: Order) -> None:
    folder = crew.folder
    chosen = ports.usual(folder.root / "ports.json")
    outside = servers.replaced(order.given)
    ports.must_be_free(chosen, _own_ports(chosen, outside), folder.root / "ports.json")
    await servers.launch(crew, servers.Wanted(ports=chosen, cache=folder.root / "jars"), without=outside, tell=order.tell)
    around = Surroundings(folder=folder, ports=chosen, servers=servers.addresses(folder, chosen, order.given))
    write_private(folder.root / "addresses.json", json.dumps(known_to_others(around), indent=1))
    _let_time_pass(crew, around, order)
    await _prepare(crew, around, order.tell)
    await asyncio.gather(*(_serve(crew, service, around, order.tell) for service in SERVICES))
    for child in crew.children:
        crew.keep_alive(child, order.tell)
    if order.demonstration:
        await _demonstrate(crew, around, order)
    write_state(folder, "ready")


def _let_time_pass(crew: Crew, around: Surroundings, order: Order) -> None:
    """The demonstration moves business time itself; without it time passes by the clock."""
    if order.demonstration:
        business_time.resume(around.clock_file, order.given, rate=0)
        return
    rate = float(order.given.get("KAOHE_CLOCK_RATE") or 1)
    business_time.resume(around.clock_file, order.given, rate=rate)
    crew.watches.append(asyncio.create_task(business_time.keep_going(around.clock_file, rate=rate)))


def known_to_others(around: Surroundings) -> dict[str, str]:
    """What the command line and other visitors of this folder need to know."""
    return {
        **{f"{name}_url": around.url(name) for name in (service.name for service in SERVICES)},
        "issuer_url": around.servers.issuer_url,
        "issuer_secret": around.servers.issuer_secret,
        "mail_url": around.servers.mail_url,
        "kafka_bootstrap": around.servers.kafka_bootstrap,
    }


def write_state(folder: Folder, phase: str) -> None:
    write_private(folder.root / "state.json", json.dumps({"phase": phase}))


def state(folder: Folder) -> str:
    path = folder.root / "state.json"
    phase: str = json.loads(path.read_text())["phase"] if path.exists() else "stopped"
    return phase


def _own_ports(chosen: Mapping[str, int], outside: set[str]) -> list[str]:
    """The ports that this stack will listen on: not those of servers that the environment names."""
    belongs = {"kafka": "kafka", "s3": "s3", "postgres": "postgres", "smtp": "mail", "mail": "mail"}
    return [name for name in chosen if belongs.get(name.split("_")[0]) not in outside]


async def _prepare(crew: Crew, around: Surroundings, tell: Tell) -> None:
    """Databases, roles, tables, buckets. Services prepare side by side, each one's commands in their order."""
    for name in dict.fromkeys(service.module for service in SERVICES):
        await postgres.make_database(around.servers.postgres_url, name=name, password=around.password(name))

    await asyncio.gather(*(_prepare_one(crew, service, around, tell) for service in SERVICES))


async def _prepare_one(crew: Crew, service: Service, around: Surroundings, tell: Tell) -> None:
    """Skipped when neither the service's files nor its settings changed since it was done: a later start is a quick one."""
    programs = services.preparations(service, around)
    if not programs:
        return
    done = crew.folder.root / f"prepared-{service.name}"
    fingerprint = services.fingerprint(service, around)
    if done.exists() and done.read_text() == fingerprint:
        return
    for program in programs:
        await crew.run(program)
        tell(f"{program.name} 完成 done")
    write_private(done, fingerprint)


async def _serve(crew: Crew, service: Service, around: Surroundings, tell: Tell) -> Child:
    child = await crew.start(services.program(service, around))
    await until(lambda: answers(around.ports[service.name], "/livez"), child, within=SERVICE_PATIENCE)
    tell(f"{service.name} 已启动 serves: {around.url(service.name)}")
    return child


async def _demonstrate(crew: Crew, around: Surroundings, order: Order) -> None:
    """Start the demonstration bureau and wait until it has reached the present, telling how far it is."""
    child = await crew.start(services.demonstration(around, order.given))
    crew.keep_alive(child, order.tell)
    told = asyncio.create_task(_tell_progress(around.progress_file, order.tell))
    try:
        async with asyncio.timeout(VISIT_PATIENCE):
            while not _has_arrived(around.progress_file):
                if crew.ends["demo"] >= DEMONSTRATION_TRIES:
                    raise DidNotStart("demo", f"it ended {DEMONSTRATION_TRIES} times", child.log)
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise DidNotStart("demo", f"not at its present within {VISIT_PATIENCE:.0f} s", child.log) from None
    finally:
        told.cancel()


async def _tell_progress(path: Path, tell: Tell) -> None:
    while True:
        await asyncio.sleep(PROGRESS_EVERY)
        reached = _reached(path)
        day, sent, phase = reached.get("through") or "-", reached.get("sent", 0), reached.get("phase", "setting up 登记")
        tell(f"demo ({phase}): 业务日期 business day {day}，已上报事实 facts sent {sent}")


def _has_arrived(path: Path) -> bool:
    return _reached(path).get("phase") in ("live", "year is over")


def _reached(path: Path) -> dict[str, object]:
    reached: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    return reached


async def _end(crew: Crew) -> None:
    """The demonstration first, then the services, then what they stand on: nobody loses the ground while working."""
    await crew.stop("demo")
    await crew.stop(*(service.name for service in SERVICES))
    await crew.stop()


def stop_when_told() -> None:
    """SIGTERM and a closed terminal end the stack as Ctrl-C does."""
    running = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, lambda: running.cancel() if running is not None else None)
