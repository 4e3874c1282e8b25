"""Every stored trace gives its own digits again, and the lines of history lead from one to the next up to the score that is held."""

from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import Any

from scoring.appraisal.store.retraces import PgRetraces
from tests.faults.processes.bureau import Bureau
from tests.faults.processes.words import some
from tests.faults.processes.world import CYCLE

LINES = "select unit, indicator, points, was from appraisal.score_history where cycle = $1 order by unit, indicator, id"
HELD = (
    "select distinct on (unit, indicator) unit, indicator, points from appraisal.scores where cycle = $1"
    " order by unit, indicator, version desc"
)


async def holds(bureau: Bureau) -> list[str]:
    retrace = await PgRetraces(bureau.database_url("scoring")).again(CYCLE)
    async with bureau.database("scoring") as database:
        lines = await database.fetch(LINES, CYCLE)
        held = {_score(row): row["points"] for row in await database.fetch(HELD, CYCLE)}
    last: dict[tuple[Any, ...], Any] = dict.fromkeys(held)
    gaps = []
    for score, its in groupby(lines, _score):
        last[score], broken = _followed(its)
        gaps += [score] if broken else []
    return [
        *some("traces that give other digits when they are evaluated again", retrace.named),
        *some("histories whose lines do not lead from one to the next", gaps),
        *some("scores that are not what their history ends with", [score for score in last if last[score] != held.get(score)]),
        *([] if retrace.seen.get("scores", 0) >= len(held) else ["not every score was evaluated again"]),
    ]


def _score(row: Any) -> tuple[Any, ...]:  # noqa: ANN401 - an asyncpg record
    return row["unit"], row["indicator"]


def _followed(lines: Iterable[Any]) -> tuple[Any, bool]:
    """The points at the end, and whether a line does not begin where the one before ended."""
    its = list(lines)
    return its[-1]["points"], its[0]["was"] is not None or any(later["was"] != former["points"] for former, later in pairwise(its))
