from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from collection.domain.runs import MOST_UNIT_CODES, MOVES, Counts, Move, Run, RunEnded, RunId, RunState, UnitCodes
from collection.handlers.progress import plain_name

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)


def run(state: RunState) -> Run:
    return Run(
        id=RunId(UUID(int=1)),
        mapping="register",
        version=1,
        slug="register",
        file="r.jsonl",
        day=date(2026, 3, 9),
        started_by="li",
        started_at=NOW,
        state=state,
    )


@pytest.mark.parametrize("state", RunState)
@pytest.mark.parametrize("move", Move)
def test_a_run_moves_as_its_table_says_and_no_other_way(state: RunState, move: Move) -> None:
    if (state, move) not in MOVES:
        with pytest.raises(RunEnded):
            run(state).moved(move, now=NOW)
        return
    moved = run(state).moved(move, now=NOW, reason="why")
    assert (moved.state, moved.ended_at, moved.reason) == (MOVES[state, move], NOW, "why")


def test_what_is_done_or_refused_stays_so() -> None:
    assert not [move for state, move in MOVES if state in (RunState.DONE, RunState.REFUSED)]


def test_counts_add_up_field_by_field() -> None:
    one = Counts(rows=1, observed=2, withdrawn=3, skipped=4, rejected=5)
    assert one + one == Counts(rows=2, observed=4, withdrawn=6, skipped=8, rejected=10)


def test_unit_codes_are_counted_and_a_missing_one_is_none() -> None:
    codes = UnitCodes()
    for code in ("B", None, "A", "B"):
        codes.add(code)
    assert codes.counted() == {"A": 1, "B": 2}


def test_a_mapping_that_takes_keys_for_units_does_not_fill_the_memory() -> None:
    codes = UnitCodes()
    for number in range(MOST_UNIT_CODES + 10):
        codes.add(f"{number}")
    codes.add("0")
    assert len(codes.counted()) == MOST_UNIT_CODES
    assert codes.counted()["0"] == 2


@pytest.mark.parametrize(
    ("file", "name"),
    [("a/b/march.csv.gz", "march.csv"), ("C:\\data\\march.csv.xz", "march.csv"), ("march.csv", "march.csv"), (".gz", "file")],
)
def test_a_files_own_name_is_the_same_wherever_it_lay_and_however_it_was_packed(file: str, name: str) -> None:
    assert plain_name(file) == name
