"""What the people of the bureau do while everything breaks: raise, sign, prove, submit, return, verify, close, mark, confirm."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from fractions import Fraction
from http import HTTPStatus
from typing import Any, Final

import httpx

from demo.callers import Refusal
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.world import ASSESSOR, CYCLE, DEPARTMENT, OFFICE, UNITS, VERIFIER, contact_of

PACE: Final = 0.2  # seconds between two acts
AGAIN_AFTER: Final = 0.5
UPLOADS: Final = 6  # times that an upload is tried again
SEVERITIES: Final = ("minor", "major", "severe")
CAUSES: Final = 40

Item = Mapping[str, Any]
Move = Callable[["People", Item], Awaitable[None]]


class People:
    """One after the other, as the dice say; what a service refuses today somebody does another day."""

    def __init__(self, bureau: Bureau, dice: random.Random) -> None:
        self._bureau = bureau
        self._dice = dice

    async def act(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await self._one_act()
            except (TimeoutError, Refusal, httpx.HTTPError):
                await asyncio.sleep(AGAIN_AFTER)
            await asyncio.sleep(PACE)

    async def _one_act(self) -> None:
        if self._dice.random() < 0.15:
            await self._raise()
        elif self._dice.random() < 0.1:
            await self._mark()
        elif self._dice.random() < 0.15:
            await self._confirm()
        else:
            await self._deal_with_items()

    async def _raise(self) -> None:
        found = {
            "cycle": CYCLE,
            "unit": self._dice.choice(UNITS),
            "indicator": "in_time",
            "cause": f"cause-{self._dice.randrange(CAUSES)}",
            "finding": "台账不全",
            "severity": self._dice.choice(SEVERITIES),
            "department": DEPARTMENT,
        }
        await self._bureau.callers.post(ASSESSOR, f"{self._bureau.url('feedback')}/problems", found)

    async def _mark(self) -> None:
        unit, cents = self._dice.choice(UNITS), self._dice.randrange(800)
        mark = f"{cents // 100}.{cents % 100:02}"
        marks = f"{self._bureau.url('scoring')}/marks/{CYCLE}"
        standing = await self._bureau.callers.get(VERIFIER, marks, unit=unit, indicator="report", current="true")
        body = {"mark": mark, "reason": "按评分细则", "replaces": standing[0]["id"] if standing else None}
        await self._until_answered(lambda: self._bureau.callers.put(VERIFIER, f"{marks}/{unit}/report", body))
        self._bureau.marks[unit] = Fraction(mark)

    async def _until_answered(self, said: Callable[[], Awaitable[None]]) -> None:
        """What counts as the last mark has to be known, so a mark is given again until it was taken."""
        while True:
            try:
                return await said()
            except TimeoutError:
                await asyncio.sleep(AGAIN_AFTER)

    async def _confirm(self) -> None:
        url = f"{self._bureau.url('feedback')}/deductions"
        for found in (await self._bureau.callers.get(OFFICE, url, decision="proposed"))["deductions"][:3]:
            await self._bureau.callers.post(OFFICE, f"{url}/{found['id']}/{self._dice.choice(('confirm', 'confirm', 'refuse'))}")

    async def _deal_with_items(self) -> None:
        found = await self._bureau.callers.get(OFFICE, f"{self._bureau.url('feedback')}/items", open="true", limit=500)
        items = [item for item in found["items"] if item["state"] in MOVES]
        for item in self._dice.sample(items, min(3, len(items))):
            chance, move = MOVES[item["state"]]
            if self._dice.random() < chance:
                await move(self, item)

    async def _post(self, who: Any, item: Item, move: str, body: object = None) -> None:  # noqa: ANN401 - a caller
        await self._bureau.callers.post(who, f"{self._bureau.url('feedback')}/items/{item['id']}/{move}", body)

    async def sign(self, item: Item) -> None:
        await self._post(contact_of(item["unit"]), item, "sign")

    async def begin(self, item: Item) -> None:
        await self._post(contact_of(item["unit"]), item, "start")

    async def submit(self, item: Item) -> None:
        await self._prove(item)
        await self._post(contact_of(item["unit"]), item, "submit", {"report": "已整改"})

    async def judge(self, item: Item) -> None:
        if self._dice.random() < 0.4:
            await self._post(VERIFIER, item, "return", {"missing": "缺少照片"})
        else:
            await self._post(VERIFIER, item, "verify")

    async def close(self, item: Item) -> None:
        await self._post(OFFICE, item, "close")

    async def _prove(self, item: Item) -> None:
        """Declare, upload and finalize a paper; one in eight is another one than was declared, and refused."""
        paper = f"整改报告 {item['id']} {self._dice.random()}\n".encode()
        sent = paper if self._dice.random() < 0.875 else paper[:-2] + b"?\n"
        declared = {
            "unit": item["unit"],
            "subjects": [{"kind": "item", "id": item["id"]}],
            "name": "report.txt",
            "size": len(paper),
            "sha256": hashlib.sha256(paper).hexdigest(),
            "media_type": "text/plain",
            "effective_on": str(self._bureau.today),
            "confidentiality": "internal",
        }
        url = f"{self._bureau.url('evidence')}/evidence"
        ticket = await self._bureau.callers.post(contact_of(item["unit"]), url, declared)
        await self._upload(ticket["url"], sent)
        settled = await self._bureau.callers.post(
            contact_of(item["unit"]), f"{url}/{ticket['evidence']}/revisions/{ticket['revision']}/finalize"
        )
        if settled["state"] == "accepted":
            self._bureau.accepted[ticket["evidence"], ticket["revision"]] = declared["sha256"]

    async def _upload(self, url: str, paper: bytes) -> None:
        for _ in range(UPLOADS):
            try:
                answer = await self._bureau.callers.client.put(url, content=paper)
            except httpx.TransportError:
                await asyncio.sleep(AGAIN_AFTER)
                continue
            if answer.status_code == HTTPStatus.OK:
                return
            await asyncio.sleep(AGAIN_AFTER)


MOVES: Final[Mapping[str, tuple[float, Move]]] = {
    "noticed": (0.5, People.sign),
    "signed": (0.6, People.begin),
    "in_progress": (0.25, People.submit),
    "submitted": (0.8, People.judge),
    "returned": (0.6, People.begin),
    "verified": (0.9, People.close),
}
"""By state: how likely somebody moves on in one look, and how."""
