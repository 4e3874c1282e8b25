"""Scores, standings and ranks are those of the sequential model."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeVar

from contracts.feedback import DeductionConfirmedV1
from contracts.topics import FEEDBACK
from tests.faults.processes import model
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.words import some
from tests.faults.processes.world import CYCLE, OFFICE

Key = TypeVar("Key")
Value = TypeVar("Value")


async def holds(bureau: Bureau) -> list[str]:
    expected = model.standings(bureau.systems.said, bureau.marks, _deducted(bureau), through=f"{bureau.today:%Y-%m}")
    points = {(unit, key): score for unit, standing in expected.items() for key, score in standing.scores.items()}
    places = model.ranks({unit: standing.total for unit, standing in expected.items()})
    shown = await bureau.callers.get(OFFICE, f"{bureau.url('scoring')}/standings/{CYCLE}")
    units = [unit for group in shown["groups"] for unit in group["units"]]
    totals = {unit["unit"]: (Fraction(unit["total"]), unit["rank"]) for unit in units}
    return [
        *_different("score", points, await _held(bureau)),
        *_different("total and rank", {unit: (standing.total, places[unit]) for unit, standing in expected.items()}, totals),
    ]


async def _held(bureau: Bureau) -> dict[tuple[str, str], Fraction | None]:
    """The written scores; a mark that nobody gave yet has none."""
    async with bureau.database("scoring") as database:
        rows = await database.fetch("select unit, indicator, points from appraisal.scores where cycle = $1", CYCLE)
    return {(row["unit"], row["indicator"]): None if row["points"] is None else Fraction(row["points"]) for row in rows}


def _deducted(bureau: Bureau) -> list[model.Deducted]:
    """What feedback said; the last word about a matter comes last, since a matter's words keep their order."""
    said = bureau.logs.events(FEEDBACK, DeductionConfirmedV1.TYPE)
    return [model.Deducted(matter=event["matter"], unit=event["unit"], month=event["confirmed_on"][:7]) for event in said]


def _different(what: str, expected: Mapping[Key, Value], held: Mapping[Key, Value]) -> list[str]:
    wrong = {key for key in expected.keys() | held.keys() if key not in expected or key not in held or expected[key] != held[key]}
    return some(f"wrong {what} (expected, held)", [f"{key}: {expected.get(key)}, {held.get(key)}" for key in wrong])
