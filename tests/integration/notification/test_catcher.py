from uuid import uuid4

import httpx
import pytest

from kit.testing import Servers, eventually
from tests.integration.notification.rooms import Room, everybody, stage


@pytest.mark.parametrize(("asked", "mails"), [("told", 1), ("answer-lost-1", 2)])
async def test_a_stage_on_kafka_is_a_mail_in_the_catcher(room: Room, servers: Servers, asked: str, mails: int) -> None:
    """A server that loses its answer is written to again; what comes twice carries one Message-ID."""
    email = f"{asked}.{uuid4().hex}@example.org"
    await room.put_people(everybody(contact={"email": email}))
    service = room.another(smtp_url=type(room.settings.smtp_url)(servers.smtp_url))
    async with httpx.AsyncClient(base_url=servers.mail_url) as catcher, room.running(service):

        async def caught() -> list[dict[str, str]]:
            found: list[dict[str, str]] = (await catcher.get("/api/messages", params={"to": email})).json()
            return found if len(found) >= mails else []

        await room.say(stage("before_due"))
        found = await eventually(caught)
    assert len({mail["message_id"] for mail in found}) == 1
    assert found[0]["subject"].startswith("到期提醒")
    assert "低于黄线" in found[0]["text"]
