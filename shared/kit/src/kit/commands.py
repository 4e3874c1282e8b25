"""A service's command line: one word, the settings that it needs, and what it does."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from contracts.topics import INTERNAL_PARTITIONS
from kit.db import Database
from kit.kafka import ensure_topics
from kit.logs import configure
from kit.run import Sibling, run
from kit.settings import ServiceSettings

WRONG_USE: Final = 2

Settings = TypeVar("Settings", bound=ServiceSettings)


class Service(Protocol):
    """A service put together."""

    @property
    def database(self) -> Database: ...

    def siblings(self) -> Mapping[str, Sibling]: ...


class Logged(Protocol):
    @property
    def log_level(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Command:
    """`do` gets the settings and the arguments that `takes` and `may_take` name; it gives the process's status, nothing is success."""

    settings: Callable[[], Logged]
    do: Callable[..., Coroutine[Any, Any, int | None] | int | None]
    takes: tuple[str, ...] = ()
    may_take: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        return " ".join((*self.takes, *(f"[{word}]" for word in self.may_take)))

    def fits(self, given: Sequence[str]) -> bool:
        return len(self.takes) <= len(given) <= len(self.takes) + len(self.may_take)


def command_line(service: str, commands: Mapping[str, Command], arguments: Sequence[str]) -> int:
    """Do what the first word says, or serve; the status for the process to end with."""
    name, *given = arguments or ("serve",)
    command = commands.get(name)
    if command is None or not command.fits(given):
        known = ", ".join(f"{word} {each.usage}".strip() for word, each in commands.items())
        sys.stderr.write(f"no command {' '.join(arguments)!r}: {known} (没有此命令，可用：{known})\n")
        return WRONG_USE
    settings = command.settings()
    configure(service, settings.log_level)
    done = command.do(settings, *given)
    return (asyncio.run(done) if isinstance(done, Coroutine) else done) or 0


def usual_commands(
    settings: type[Settings], create: Callable[[Settings], Service], *, topics: Sequence[str], migrations: Path
) -> dict[str, Command]:
    """`serve` and `migrate`."""

    async def serve(told: Settings) -> None:
        await ensure_internal_topics(told, topics)
        await serve_until_stopped(create(told))

    return {"serve": Command(settings, serve), "migrate": Command(settings, partial(migrate, folder=migrations))}


async def ensure_internal_topics(told: ServiceSettings, topics: Sequence[str]) -> None:
    names = [told.topic_prefix + topic for topic in topics]
    await ensure_topics(told.kafka_bootstrap, names, partitions=INTERNAL_PARTITIONS, replicas=told.kafka_replicas)


async def serve_until_stopped(service: Service) -> None:
    try:
        await run(service.siblings())
    finally:
        await service.database.close()


def migrate(told: ServiceSettings, folder: Path) -> None:
    from kit.migrations import upgrade  # noqa: PLC0415 - half a second that a process which starts again after a crash should not wait for

    upgrade(folder, told.database_url.get_secret_value())
