"""The main job, end to end on the whole stack: from an event on Kafka to a notice, to a mail, to a score that says why."""

import json
import os
import shutil
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from demo.acting import Item, Move
from demo.bureau import load_bureau, load_kinds, load_sources, scheme_document
from demo.callers import Callers
from demo.doors import KafkaDoor
from demo.roles import OFFICE, contact_of
from demo.services import Addresses, HttpPlatform
from demo.setting_up import Registers
from demo.simulator.facts import Message, Observed, message_of
from kit.kafka import producer
from kit.testing import eventually
from kit.workdays import shipped
from stack import ports
from stack.folder import Folder

ROOT = Path(__file__).parents[3] / ".stack"
BUREAU = load_bureau()
TODAY = date(2026, 6, 30)

pytestmark = pytest.mark.timeout(1200)


async def stack(command: str, folder: Folder, *arguments: str) -> str:
    """What the stack said; business time stands still on the last day of June."""
    told = {**os.environ, "KAOHE_CLOCK_START": str(TODAY), "KAOHE_CLOCK_RATE": "0"}  # noqa: TID251 - what a shell hands on
    started = (sys.executable, "-m", "stack", command, "--dir", str(folder.root), *arguments)
    process = await create_subprocess_exec(*started, stdout=PIPE, stderr=STDOUT, env=told)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@dataclass(frozen=True, slots=True)
class Town:
    """The bureau on a stack of its own."""

    known: dict[str, str]
    callers: Callers
    platform: HttpPlatform

    async def ask(self, service: str, path: str, **params: str | int) -> Any:  # noqa: ANN401 - JSON
        return await self.callers.get(OFFICE, f"{self.known[f'{service}_url']}/v1/{path}", **params)

    async def follow(self, service: str, link: str) -> Any:  # noqa: ANN401 - JSON
        """Where an answer's link leads."""
        path, _, query = link.partition("?")
        return await self.callers.get(OFFICE, self.known[f"{service}_url"] + path, **dict(parse_qsl(query)))

    async def send(self, messages: list[Message]) -> None:
        async with producer(self.known["kafka_bootstrap"], client="test") as sender:
            await KafkaDoor(sender, "").send(messages)


@pytest.fixture(scope="module")
async def town() -> AsyncIterator[Town]:
    folder = Folder(ROOT / f"test-story-{os.getpid()}")
    (folder.root / "ports.json").write_text(json.dumps(ports.free()))
    with suppress(FileNotFoundError):
        shutil.copytree(ROOT / "jars", folder.root / "jars")
    try:
        await stack("up", folder, "--no-demo")
        known: dict[str, str] = json.loads((folder.root / "addresses.json").read_text())
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            callers = Callers(client, known["issuer_url"], known["issuer_secret"])
            registers = Registers(callers=callers, scoring=known["scoring_url"], notification=known["notification_url"])
            await registers.set_up(BUREAU, kinds=load_kinds(), sources=load_sources(), scheme=scheme_document())
            at = Addresses(**{name: known[f"{name}_url"] for name in ("scoring", "evidence", "feedback", "notification")})
            heads = BUREAU.departments
            yield Town(known, callers, HttpPlatform(callers, at, cycle=BUREAU.cycle, departments=heads, calendar=shipped(), say=print))
    finally:
        with suppress(AssertionError):
            await stack("stop", folder)
        shutil.rmtree(folder.root)


def calls(*, late: int, of: int) -> list[Message]:
    """Calls of 望澜 that were due in June; the first ones were answered too late."""
    source = next(source for source in load_sources() if source.slug == "hotline")
    said = []
    for number in range(of):
        due_on = date(2026, 6, 10) + timedelta(days=number)
        answered_on = due_on + timedelta(days=2 if number < late else -2)
        subject = f"call-{number:02d}"
        at = datetime(2026, 6, 29, 9, number, tzinfo=BUREAU.zone)
        fact = Observed(
            source=source,
            id=f"{subject}-1",
            subject=subject,
            time=at,
            kind="complaint",
            unit=source.code_of(BUREAU.unit("wanglan")),
            set={"due_on": str(due_on), "status": "answered", "answered_on": str(answered_on)},
        )
        said.append(message_of(fact, at))
    return said


async def test_late_calls_become_a_notice_a_mail_a_repair_and_a_score_that_can_be_followed_to_each_call(town: Town) -> None:
    await town.platform.settled()
    await town.send(calls(late=3, of=12))
    item = await eventually(lambda: an_item(town), within=60)
    assert item is not None
    assert (item.unit, item.indicator, item.number) == ("wanglan", "calls_in_time", 1)

    mails = await eventually(lambda: mails_to(town, f"wanglan-contact@{BUREAU.domain}"), within=60)
    assert "12345按期办结率" in mails[0]["subject"] + mails[0]["text"]

    for move in (Move.SIGN, Move.START, Move.SUBMIT, Move.VERIFY, Move.CLOSE):
        await eventually(partial(moved, town, item, move), within=60, every=0.5)
    assert await town.platform.items() == []
    await town.platform.settled()

    traced = await town.ask("scoring", "scores/2026/wanglan/calls_in_time/trace")
    assert traced["points"] == traced["again"] == "0.00"  # 9 of 12 is 23 begun hundredths under .98: 11.5 points of 5
    records = await behind(town, traced, "b")
    facts = [fact for record in records for fact in (await town.follow("scoring", record["facts"]))["facts"]]
    assert len(records) == 12
    assert {fact["id"] for fact in facts} == {f"call-{n:02d}-1" for n in range(12)}

    repaired = await eventually(partial(repairs_counted, town), within=60)
    assert [record["attributes"]["first_time"] for record in repaired] == [True]


async def test_a_unit_sees_its_own_items_and_nobodys_standing(town: Town) -> None:
    theirs = await town.callers.get(contact_of("yandong"), f"{town.known['feedback_url']}/v1/items")
    assert theirs["items"] == []
    standings = f"{town.known['scoring_url']}/v1/standings/2026"
    token = await town.callers._token(contact_of("yandong"))
    answer = await town.callers.client.get(standings, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403


async def repairs_counted(town: Town) -> list[dict[str, Any]]:
    """The verified rectification came back as a fact of the platform's own."""
    return await behind(town, await town.ask("scoring", "scores/2026/wanglan/verified_first_time/trace"), "b")


async def behind(town: Town, traced: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The records behind an input of a score."""
    link = next(one["records"] for one in traced["inputs"] if one["input"] == name)
    found: list[dict[str, Any]] = (await town.follow("scoring", link))["records"]
    return found


async def an_item(town: Town) -> Item | None:
    return next(iter(await town.platform.items()), None)


async def mails_to(town: Town, receiver: str) -> list[dict[str, Any]]:
    answer = await town.callers.client.get(f"{town.known['mail_url']}/api/messages", params={"to": receiver})
    found: list[dict[str, Any]] = answer.json()
    return found


async def moved(town: Town, item: Item, move: Move) -> bool:
    """Whether the item has gone on; a verification waits until feedback has heard of the evidence."""
    before = await town.ask("feedback", f"items/{item.id}")
    await town.platform.act(item, move, TODAY)
    after = await town.ask("feedback", f"items/{item.id}")
    return bool(before["item"]["state"] != after["item"]["state"])
