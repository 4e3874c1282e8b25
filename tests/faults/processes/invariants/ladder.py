"""Every stage of the ladder is once in the ledger, in its order, and told once to each receiver (domain.md §7).

Once told is one message row. A mail is carried once too, except where a sender died or was cut off between the mail server's answer and its
own commit: then the same letter comes again, with the same Message-ID and text, and the row counts that attempt.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import asyncpg

from contracts.feedback import StageReachedV1
from contracts.topics import FEEDBACK
from kit.workdays import shipped
from tests.faults.processes.bureau import TOLD, Bureau
from tests.faults.processes.words import some

ORDER: Final = ("before_due", "due_today", "overdue_notice", "criticism", "interview")
UNITS_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "before_due": ("contact",),
    "due_today": ("contact", "head"),
    "overdue_notice": ("head",),
    "criticism": ("head",),
    "interview": ("head", "discipline-officer"),
}
BUREAUS: Final[Mapping[str, tuple[str, ...]]] = {
    "overdue_notice": ("bureau-deputy",),
    "criticism": ("office-director", "bureau-deputy"),
    "interview": ("bureau-head", "bureau-deputy", "office-director"),
}
BEFORE: Final = 3
CRITICISM_OVER: Final = int(TOLD["feedback"]["FEEDBACK_LADDER_CRITICISM_OVER"])
INTERVIEW_OVER: Final = int(TOLD["feedback"]["FEEDBACK_LADDER_INTERVIEW_OVER"])

Step = tuple[str, str, str]
"""An item, a due date, a stage."""


async def holds(bureau: Bureau) -> list[str]:
    async with bureau.database("feedback") as database:
        stages = await database.fetch("select item, stage.due_on::text, stage, skipped, unit from stage join rectification on id = item")
        running = await database.fetch("select id, due_on from rectification where state in ('signed', 'in_progress', 'returned')")
    told = {(row["item"], row["due_on"], row["stage"]): row["unit"] for row in stages if not row["skipped"]}
    said = Counter((event["item"], event["due_on"], event["stage"]) for event in bureau.logs.events(FEEDBACK, StageReachedV1.TYPE))
    return [
        *some(
            "stages that were said more than once, or not as the ledger has them",
            {step for step in {*told, *said} if said[step] != 1 or step not in told},
        ),
        *_ordered(stages, running, bureau.today),
        *await _told(bureau, told),
        *await _carried(bureau),
    ]


def _ordered(stages: list[Any], running: list[Any], today: date) -> list[str]:
    """Sent or recorded as skipped from the first on, up to the one that holds today."""
    kept: dict[tuple[str, str], set[str]] = {}
    for row in stages:
        kept.setdefault((row["item"], row["due_on"]), set()).add(row["stage"])
    gaps = [line for line, names in kept.items() if names != {*ORDER[: len(names)]}]
    behind = [row["id"] for row in running if len(kept.get((row["id"], str(row["due_on"])), ())) < _reached(row["due_on"], today)]
    return [*some("ladders with a gap", gaps), *some("items whose stage of today is missing", behind)]


def _reached(due_on: date, today: date) -> int:
    """How many stages have come by today."""
    calendar = shipped()
    if today < due_on:
        return int(calendar.working_days(after=today, through=due_on - timedelta(days=1)) < BEFORE)
    over = calendar.working_days(after=due_on, through=today)
    return 2 + (over > 0) + (over > CRITICISM_OVER) + (over > INTERVIEW_OVER)


async def _told(bureau: Bureau, told: Mapping[Step, str]) -> list[str]:
    expected = Counter((*step, receiver) for step, unit in told.items() for receiver in _receivers(step[2], unit))
    async with bureau.database("notification") as database:
        rows = await database.fetch("select item, due_on::text, stage, receiver from message where stage = any($1)", list(ORDER))
    messages = Counter((row["item"], row["due_on"], row["stage"], row["receiver"]) for row in rows)
    return [
        *some("receivers who were not told of a stage", list((expected - messages).elements())),
        *some("receivers who were told twice, or of nothing", list((messages - expected).elements())),
    ]


def _receivers(stage: str, unit: str) -> set[str]:
    return {f"{unit}-{duty}" for duty in UNITS_OWN[stage]} | {*BUREAUS.get(stage, ())}


async def _carried(bureau: Bureau) -> list[str]:
    async with bureau.database("notification") as database:
        letters = {
            str(row["id"]): row for row in await database.fetch("select id, outcome, attempts from delivery where channel = 'email'")
        }
    mails = Counter(mail.message_id.strip("<>").split("@")[0] for mail in bureau.mails.values())
    texts = {(mail.message_id, mail.subject, mail.text, *mail.receivers) for mail in bureau.mails.values()}
    return [
        *some(
            "letters that the ledger calls delivered and nobody got", [id_ for id_, row in letters.items() if _is_missing(row, mails[id_])]
        ),
        *some("mails of no letter", mails.keys() - letters.keys()),
        *some("letters that came again without an attempt", [id_ for id_, row in letters.items() if mails[id_] > row["attempts"]]),
        *(["letters with one Message-ID and different texts"] if len(texts) != len(mails) else []),
    ]


def _is_missing(row: asyncpg.Record, mails: int) -> bool:
    return row["outcome"] == "delivered" and mails == 0


def sent_again(bureau: Bureau) -> int:
    """Mails beyond the first of their letter."""
    return len(bureau.mails) - len({mail.message_id for mail in bureau.mails.values()})
