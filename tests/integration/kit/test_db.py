import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kit.db import after_commit
from tests.integration.kit.rooms import Room


async def test_an_error_does_not_tell_what_the_statement_carried(room: Room) -> None:
    """Errors reach logs; addresses, texts and marks must not."""
    with pytest.raises(DBAPIError) as refused:
        async with room.database.transaction() as session:
            await session.execute(text("select 1 / (length(cast(:said as text)) - 6)"), {"said": "secret"})
    assert "division by zero" in str(refused.value)
    assert "secret" not in str(refused.value)


async def works_whatever_the_database_says(room: Room) -> None:
    while True:
        with suppress(DBAPIError):
            async with room.database.transaction() as session:
                await session.execute(text("select pg_sleep(0.01)"))


async def test_a_cancelled_transaction_ends_its_task_and_is_no_error_to_be_waited_out(room: Room) -> None:
    """A cancelled query leaves its connection busy, and the rollback fails: that error must not hide the cancellation."""
    for pause in range(12):
        task = asyncio.create_task(works_whatever_the_database_says(room))
        await asyncio.sleep(0.02 + pause / 700)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=2)
        task.cancel()
        assert done, "the task went on"


async def test_what_waits_for_the_commit_is_called_once_after_it_and_never_after_a_rollback(room: Room) -> None:
    calls: list[str] = []

    def call() -> None:
        calls.append("committed")

    with suppress(ZeroDivisionError):
        async with room.database.transaction() as session:
            after_commit(session, call)
            raise ZeroDivisionError
    assert calls == []
    async with room.database.transaction() as session:
        after_commit(session, call)
        after_commit(session, call)
        assert calls == []
    assert calls == ["committed"]
