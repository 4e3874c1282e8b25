from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.appraisal.domain.inputs import Totals
from scoring.appraisal.domain.lights import COLOURS, TURNS, Light, turned
from scoring.appraisal.domain.lines import Figure, Level, Line, line_of, recovery_of
from tests.unit.scoring.appraisal.bureau import scheme, totals

RATE, COUNTS, *_ = scheme().indicators


def crossed(lines: tuple[Line, ...], read: Totals) -> list[Level]:
    return [line.level for line in lines if line.is_crossed(line.figure(read), was=False)]


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


def line(**stated: Any) -> Line:  # noqa: ANN401 - a line as a scheme states it
    return line_of({"level": "red", **stated}, plan=RATE.plan)


def walked(judged: Line, values: Iterable[int], *, of: int = 100) -> list[bool]:
    """Whether the line is crossed after each of these percentages."""
    crossed, seen = False, []
    for value in values:
        crossed = judged.is_crossed(Figure(Fraction(value, 100), Fraction(of)), was=crossed)
        seen.append(crossed)
    return seen


def test_a_line_that_states_a_recovery_is_left_there_and_not_before() -> None:
    assert walked(line(below="0.85", recover="0.88"), [86, 84, 85, 87, 88, 86]) == [False, True, True, True, False, False]
    assert walked(line(at_least="0.30", recover="0.20"), [29, 30, 25, 21, 20, 25]) == [False, True, True, True, False, False]


def test_without_one_it_is_left_at_its_bound() -> None:
    assert walked(line(below="0.85"), [84, 85, 84]) == [True, False, True]
    assert walked(line(at_most="0.85"), [85, 86]) == [True, False]
    assert walked(line(above="0.85"), [86, 85]) == [True, False]


def test_with_too_few_to_judge_a_line_stays_as_it_was_and_of_nothing_it_is_not_crossed() -> None:
    judged = line(below="0.85")
    few = Figure(Fraction(1, 9), Fraction(9))
    assert not judged.is_crossed(few, was=False)
    assert judged.is_crossed(few, was=True)
    assert judged.is_crossed(Figure(Fraction(1), Fraction(9)), was=True)
    assert not judged.is_crossed(None, was=True)


PERCENT = st.lists(st.integers(0, 100), max_size=60)
BAND = st.integers(0, 100).flatmap(lambda bound: st.tuples(st.just(bound), st.integers(bound, 100)))


@given(values=PERCENT, band=BAND)
def test_between_two_falls_of_any_walk_the_line_was_really_left(values: list[int], band: tuple[int, int]) -> None:
    bound, recover = band
    seen = walked(line(below=str(Decimal(bound) / 100), recover=str(Decimal(recover) / 100)), values)
    falls = [place for place, (was, now) in enumerate(pairwise([False, *seen])) if now and not was]
    assert all(values[place] < bound for place in falls)
    assert all(max(values[first:then]) >= recover for first, then in pairwise(falls))


@given(before=PERCENT, another=PERCENT, last=st.integers(0, 100), band=BAND)
def test_outside_the_band_the_last_value_alone_decides(before: list[int], another: list[int], last: int, band: tuple[int, int]) -> None:
    bound, recover = band
    judged = line(below=str(Decimal(bound) / 100), recover=str(Decimal(recover) / 100))
    ends = {walked(judged, [*values, last])[-1] for values in (before, another)}
    assert (bound <= last < recover) or ends == {last < bound}


def test_a_repaired_red_is_yellow_for_the_rest_of_the_cycle() -> None:
    light, shown = Light.GREEN, []
    for levels in ((), (Level.YELLOW,), (), (Level.YELLOW, Level.RED), (Level.YELLOW,), (), (Level.RED,), ()):
        light = turned(light, levels)
        shown.append(COLOURS[light])
    assert shown == ["green", "yellow", "green", "red", "yellow", "yellow", "red", "yellow"]


@given(st.lists(st.sets(st.sampled_from(Level))))
def test_a_light_that_was_red_is_never_green_again(walk: list[set[Level]]) -> None:
    light, was_red = Light.GREEN, False
    for levels in walk:
        light = turned(light, levels)
        was_red = was_red or Level.RED in levels
        assert (COLOURS[light] == "green") == (not levels and not was_red)
        assert (light is Light.RED) == (Level.RED in levels)


def test_every_light_has_a_colour_and_a_turn_for_every_level() -> None:
    assert set(TURNS) == {(light, level) for light in Light for level in (None, *Level)}
    assert set(COLOURS) == set(Light)


def test_a_recovery_is_told_as_one() -> None:
    figure = Figure(Fraction(98, 101), Fraction(101))
    assert recovery_of("按期办结率", line(below="0.85"), figure) == "按期办结率 97.03%，已离开红线 85.00%（依据 101 件）"
