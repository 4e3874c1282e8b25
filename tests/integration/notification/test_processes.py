import asyncio
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from kit.testing import eventually
from notification.store.tables import delivery, message
from tests.integration.notification.rooms import Room, stage

ITEMS = 40
KILLS = 2


def environment(room: Room) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = room.settings.model_dump(mode="json", exclude_none=True)
    secrets = {"database_url": room.settings.database_url.get_secret_value(), "smtp_url": room.settings.smtp_url.get_secret_value()}
    told |= secrets | {"http_port": port, "smtp_patience_seconds": 1}
    return {f"NOTIFICATION_{name.upper()}": str(value) for name, value in told.items()}


@asynccontextmanager
async def process(room: Room) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m notification`, as the supervisor starts it."""
    quiet = asyncio.subprocess.DEVNULL
    made = await asyncio.create_subprocess_exec(sys.executable, "-m", "notification", env=environment(room), stdout=quiet, stderr=quiet)
    try:
        yield made
    finally:
        if made.returncode is None:
            made.kill()
            await made.wait()


async def told_and_waiting(room: Room) -> tuple[int, int]:
    async with room.service.database.transaction() as session:
        told = (await session.execute(select(func.count()).select_from(message))).scalar_one()
        waiting = (await session.execute(select(func.count()).select_from(delivery).where(delivery.c.outcome == "waiting"))).scalar_one()
    return told, waiting


async def say_everything(room: Room) -> None:
    for number in range(ITEMS):
        await room.say(stage("interview", item=f"item-{number}", over=11))  # formal: held back by no hour of the system's clock
        await asyncio.sleep(0.02)


async def test_killed_and_started_again_two_processes_tell_everybody_once(room: Room) -> None:
    rng = random.Random(11)

    async def all_told() -> bool:
        return await told_and_waiting(room) == (5 * ITEMS, 0)

    async with process(room) as survivor:
        saying = asyncio.ensure_future(say_everything(room))
        for _ in range(KILLS):
            async with process(room) as victim:
                await asyncio.sleep(2 + rng.random() * 2)
                victim.send_signal(signal.SIGKILL)
                await victim.wait()
        await saying
        await eventually(all_told, within=60)
        survivor.terminate()
        assert await survivor.wait() == 0, "SIGTERM ends it cleanly"
    ids = room.post.ids()
    assert len(set(ids)) == 5 * ITEMS
    assert len(ids) - len(set(ids)) <= 2 * KILLS, (
        "a mail comes again only where a kill fell between the answer and the commit of one of two senders"
    )
