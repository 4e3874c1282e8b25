"""The platform as the demonstration meets it: HTTP calls of the bureau's people, and looking whether a day's work is done."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from demo.acting import Item, Move
from demo.bureau import Department, Source
from demo.callers import Callers, Refusal, Who
from demo.office import Found, Given, Marked
from demo.papers import report
from demo.roles import OFFICE, VERIFIER, assessor_of, contact_of, feed_of, marker_of
from kit.workdays import Calendar

CONFIRMED_AFTER: Final = 2  # working days after a deduction was proposed
LOOK_EVERY: Final = 0.1  # seconds
DAY_PATIENCE: Final = 120.0  # seconds that the platform may take for a day

MISSING: Final = "缺少整改前后对比照片和责任人签字，请补充后重新提交。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    scoring: str
    evidence: str
    feedback: str
    notification: str


class HttpPlatform:
    """Speaks to the services; what it knows of items it has read from them."""

    def __init__(
        self,
        callers: Callers,
        at: Addresses,
        *,
        cycle: str,
        departments: tuple[Department, ...],
        calendar: Calendar,
        say: Callable[[str], None],
    ) -> None:
        self._callers = callers
        self._at = at
        self._cycle = cycle
        self._departments = departments
        self._calendar = calendar
        self._say = say
        self._crossed: set[tuple[str, str, str]] | None = None
        self._restless = True  # somebody acted or something was said since messages were last seen to have left

    async def post_events(self, source: Source, batch: str) -> None:
        """One batch through the HTTP intake, as the source itself."""
        headers = {"content-type": "application/cloudevents-batch+json"}
        await self._callers.call(feed_of(source), "POST", f"{self._at.scoring}/v1/feed/events", content=batch.encode(), headers=headers)

    async def items(self) -> Sequence[Item]:
        found = await self._callers.get(OFFICE, f"{self._at.feedback}/v1/items", open="true", limit=500)
        return [item_of(raw) for raw in found["items"]]

    async def act(self, item: Item, move: Move, today: date) -> None:
        """Make the move; one that the platform refuses today is tried again tomorrow, from the item as it is then.

        Time itself may have been quicker (a notice that was deemed signed this morning): that is no news.
        """
        self._restless = True
        try:
            await self._act(item, move, today)
        except Refusal as refusal:
            if "illegal-move" not in refusal.type:
                self._say(str(refusal))

    async def _act(self, item: Item, move: Move, today: date) -> None:
        match move:
            case Move.SIGN | Move.START:
                await self._move(contact_of(item.unit), item, move, None)
            case Move.SUBMIT:
                await self._prove(item, today)
                await self._move(contact_of(item.unit), item, move, {"report": f"已按要求完成整改，佐证材料见附件（{today}）。"})
            case Move.RETURN:
                await self._move(VERIFIER, item, move, {"missing": MISSING})
            case Move.VERIFY:
                await self._move(VERIFIER, item, move, None)
            case Move.CLOSE:
                await self._move(OFFICE, item, move, None)

    async def _move(self, who: Who, item: Item, move: Move, body: dict[str, str] | None) -> None:
        await self._callers.post(who, f"{self._at.feedback}/v1/items/{item.id}/{move}", body)

    async def _prove(self, item: Item, today: date) -> None:
        """Declare, upload and finalize a report that proves the item; then wait until feedback knows of it."""
        paper = report(("整改报告", f"单位：{item.unit}", f"通知书编号：{item.number}", f"日期：{today}", f"第 {item.returns + 1} 次提交"))
        declared = {
            "unit": item.unit,
            "subjects": [{"kind": "item", "id": item.id}],
            "name": f"整改报告-{item.number}-{item.returns + 1}.pdf",
            "size": len(paper),
            "sha256": hashlib.sha256(paper).hexdigest(),
            "media_type": "application/pdf",
            "effective_on": str(today),
            "confidentiality": "internal",
        }
        who, url = contact_of(item.unit), f"{self._at.evidence}/v1/evidence"
        ticket = await self._callers.post(who, url, declared)
        (await self._callers.client.put(ticket["url"], content=paper)).raise_for_status()
        await self._callers.post(who, f"{url}/{ticket['evidence']}/revisions/{ticket['revision']}/finalize")

    async def raise_problem(self, found: Found) -> None:
        self._restless = True
        indicators = await self._callers.get(OFFICE, f"{self._at.scoring}/v1/indicators/{self._cycle}")
        indicator = next(each for each in indicators if each["key"] == found.indicator)
        body = {
            "cycle": self._cycle,
            "unit": found.unit,
            "indicator": found.indicator,
            "indicator_name": indicator["name"],
            "department": indicator["department"],
            "cause": found.cause,
            "finding": found.finding,
            "severity": found.severity,
            "due_on": found.due_on and str(found.due_on),
        }
        await self._callers.post(assessor_of(found.department), f"{self._at.feedback}/v1/problems", body)

    async def decide_deductions(self, today: date) -> None:
        found = await self._callers.get(OFFICE, f"{self._at.feedback}/v1/deductions", decision="proposed")
        for raw in found["deductions"]:
            if self._calendar.after(date.fromisoformat(raw["proposed_on"]), CONFIRMED_AFTER) <= today:
                await self._callers.post(OFFICE, f"{self._at.feedback}/v1/deductions/{raw['id']}/confirm")

    async def marked(self) -> tuple[Marked, ...]:
        found = await self._callers.get(OFFICE, f"{self._at.scoring}/v1/indicators/{self._cycle}")
        return tuple(
            Marked(key=each["key"], points=int(each["points"]), department=each["department"]) for each in found if each["is_marked"]
        )

    async def give(self, mark: Given) -> None:
        """What stands in its place is read first, so that a colleague's mark is never overwritten unseen."""
        marks, who = f"{self._at.scoring}/v1/marks/{self._cycle}", marker_of(mark.department, self._departments)
        standing = await self._callers.get(who, marks, unit=mark.unit, indicator=mark.indicator, current="true")
        body = {"mark": mark.mark, "reason": mark.reason, "replaces": standing[0]["id"] if standing else None}
        await self._callers.put(who, f"{marks}/{mark.unit}/{mark.indicator}", body)

    async def settled(self) -> None:
        await self._until(self._is_taken, "the feed did not take the day's facts")
        await self._until(self._is_reckoned, "scores did not catch up with the feed")
        await self._crossings_heard()
        await self.told()

    async def told(self) -> None:
        if self._restless:
            await self._until(self._is_told, "messages did not leave")
            self._restless = False

    async def timers_worked(self, day: date) -> None:
        self._restless = True

        async def worked() -> bool:
            found = await self._callers.get(OFFICE, f"{self._at.feedback}/v1/timers")
            return found["through"] is not None and date.fromisoformat(found["through"]) >= day

        await self._until(worked, f"the timers of {day} were not worked")

    async def _is_taken(self) -> bool:
        found = await self._callers.get(OFFICE, f"{self._at.scoring}/v1/feed/summary")
        return found["totals"]["behind"] == 0 and found["counting"] is None

    async def _is_reckoned(self) -> bool:
        found = await self._callers.get(OFFICE, f"{self._at.scoring}/v1/settlement")
        return found["waiting"] == 0 and not found["counting"]

    async def _is_told(self) -> bool:
        found = await self._callers.get(OFFICE, f"{self._at.notification}/v1/progress")
        return bool(found["quiet"])

    async def _crossings_heard(self) -> None:
        """A line that was crossed is an item, open or closed by now, before time goes on; what was crossed before the start is known."""
        found = await self._callers.get(OFFICE, f"{self._at.scoring}/v1/lines/{self._cycle}")
        crossed = {(each["unit"], each["indicator"], each["level"]) for each in found if each["crossed"]}
        new = set() if self._crossed is None else crossed - self._crossed
        self._crossed = crossed
        if not new:
            return
        self._restless = True

        async def heard() -> bool:
            found = await self._callers.get(OFFICE, f"{self._at.feedback}/v1/items", cycle=self._cycle, limit=500)
            known = {(each["unit"], each["indicator"]) for each in found["items"]}
            return all((unit, indicator) in known for unit, indicator, _ in new)

        await self._until(heard, f"feedback did not hear of {sorted(new)}")

    async def _until(self, done: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        try:
            async with asyncio.timeout(DAY_PATIENCE):
                while not await done():  # noqa: ASYNC110 - another process's work can only be looked at
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise TimeoutError(f"{otherwise} within {DAY_PATIENCE:g} s: look at `make status` and `make logs`") from None


def item_of(raw: dict[str, Any]) -> Item:
    def day(name: str) -> date | None:
        return date.fromisoformat(raw[name]) if raw.get(name) else None

    return Item(
        id=raw["id"],
        unit=raw["unit"],
        indicator=raw["indicator"],
        state=raw["state"],
        number=raw.get("number"),
        sent_on=day("sent_on"),
        signed_on=day("signed_on"),
        due_on=day("due_on"),
        submitted_on=day("submitted_on"),
        returns=raw.get("returns", 0),
        verified_on=day("verified_on"),
    )
