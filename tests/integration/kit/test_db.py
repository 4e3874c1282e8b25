import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.integration.kit.rooms import Room


async def test_an_error_does_not_tell_what_the_statement_carried(room: Room) -> None:
    """Errors reach logs; addresses, texts and marks must not."""
    with pytest.raises(DBAPIError) as refused:
        async with room.database.transaction() as session:
            await session.execute(text("select 1 / (length(cast(:said as text)) - 6)"), {"said": "secret"})
    assert "division by zero" in str(refused.value)
    assert "secret" not in str(refused.value)
