import pytest

from scoring.appraisal.domain.inputs import Totals
from scoring.appraisal.domain.lines import Level, Line
from tests.unit.scoring.appraisal.bureau import scheme, totals

RATE, COUNTS, *_ = scheme().indicators


def crossed(lines: tuple[Line, ...], read: Totals) -> list[Level]:
    return [line.level for line in lines if line.is_crossed(line.figure(read))]


@pytest.mark.parametrize(
    ("a", "b", "levels"),
    [
        (92, 100, []),
        (91, 100, [Level.YELLOW]),
        (84, 100, [Level.YELLOW, Level.RED]),
        (1, 9, []),
        (1, 10, [Level.YELLOW, Level.RED]),
        (0, 0, []),
    ],
)
def test_a_rate_is_judged_only_with_enough_to_judge(a: int, b: int, levels: list[Level]) -> None:
    assert crossed(RATE.lines, totals(closed_in_time={"2026-03": a}, due={"2026-03": b})) == levels


def test_a_count_needs_no_least_number_and_a_line_may_judge_another_measure() -> None:
    assert crossed(COUNTS.lines, totals(changed={"2026-03": 1})) == [Level.YELLOW]
    assert crossed(COUNTS.lines, totals(revoked={"2026-03": 2})) == [Level.YELLOW, Level.RED]
    assert crossed(COUNTS.lines, totals(changed={"2026-03": 2})) == [Level.YELLOW]
