from typing import Any

from scoring.appraisal.domain.causes import Causes, causes_of
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import Version
from scoring.appraisal.domain.traces import judged
from tests.unit.scoring.appraisal.bureau import EAST, totals
from tests.unit.scoring.appraisal.test_accounts import SCHEME, trace
from tests.unit.scoring.appraisal.test_traces import mark


def counted(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a trace
    return {**trace(0, totals(closed_in_time={"2026-03": 36}, due={"2026-03": 40})), **changed}


def test_the_first_line_has_a_version_a_month_and_facts_behind_it() -> None:
    assert causes_of(None, counted()) == Causes(version=(None, Version(1)), month=(None, Month("2026-06")), given={}, by_facts=True)


def test_between_two_lines_of_one_version_and_month_only_facts_remain() -> None:
    assert causes_of(counted(), counted(result="9.00")) == Causes(version=None, month=None, given={}, by_facts=True)


def test_another_version_and_a_further_month_are_told() -> None:
    later = causes_of(counted(), counted(through="2026-07", scheme={"cycle": "2026", "version": 2}))
    assert (later.version, later.month) == ((1, 2), ("2026-06", "2026-07"))


def test_an_override_is_told() -> None:
    said = {"points": "8", "by": "hua", "approved_by": "li"}
    assert causes_of(counted(), counted(overridden=said)).given == {"override": said}


def test_a_judgement_is_told_where_it_is_another_one() -> None:
    given = judged(SCHEME.indicators[2], EAST.code, mark(7).given, scheme=SCHEME, version=Version(1))
    waiting = judged(SCHEME.indicators[2], EAST.code, None, scheme=SCHEME, version=Version(1))
    told = causes_of(waiting, given)
    assert (told.given["mark"]["assessor"], told.by_facts) == ("hua", False)
    assert causes_of(given, given).given == {}
