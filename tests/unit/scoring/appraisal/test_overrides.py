import json
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest

from scoring.appraisal.domain.accounts import account_of
from scoring.appraisal.domain.faults import MarkRefused, NotAllowed, WrongState
from scoring.appraisal.domain.inputs import Month, Totals
from scoring.appraisal.domain.overrides import (
    Override,
    OverrideId,
    State,
    approved,
    computed_of,
    overridden,
    proposed,
    refused,
    to_be_lifted,
)
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, Version
from scoring.appraisal.domain.settling import Ground, Settlement, settle
from scoring.appraisal.domain.standings import Standing
from scoring.appraisal.domain.traces import Trace, again, told
from scoring.appraisal.domain.versions import Term
from tests.unit.scoring.appraisal.bureau import EAST, SQUAD, scheme, totals
from tests.unit.scoring.appraisal.fakes import NOON

SCHEME = scheme()
CLOSED = SCHEME.indicators[0].key
ASKED = Override(
    id=OverrideId(UUID(int=1)),
    cycle=CycleKey("2026"),
    unit=EAST.code,
    indicator=CLOSED,
    points=Fraction("8.125"),
    reason="平台故障",
    evidence=("minutes-3",),
    proposed_by="office",
    proposed_at=NOON,
    asked_by="office",
)
HOLDING = approved(proposed(ASKED, scheme=SCHEME, unit=EAST), by="leader", at=NOON)
FEW = totals(closed_in_time={"2026-05": 6}, due={"2026-05": 10})
MORE = totals(closed_in_time={"2026-05": 8}, due={"2026-05": 10})


TERM = Term(version=Version(1), since=Month("2026-01"), through=Month("2026-06"))


def settled(read: Totals, override: Override | None, held: dict[IndicatorKey, Trace] | None = None) -> Settlement:
    overrides = {} if override is None else {override.indicator: override}
    ground = Ground(scheme=SCHEME, term=TERM, unit=EAST, totals=read, given={}, overrides=overrides)
    return settle(ground, held=held or {}, crossed=(), lights={})


def trace_of(settlement: Settlement, key: IndicatorKey = CLOSED) -> Trace:
    trace: Trace = json.loads(json.dumps(next(one.trace for one in settlement.scores if one.score.indicator == key)))
    return trace


def test_an_override_is_the_result_and_the_computed_score_stays_beside_it() -> None:
    trace = trace_of(settled(FEW, HOLDING))
    assert (trace["result"], trace["computed"]["result"]) == ("8.13", "6.32")
    assert {name: trace["overridden"][name] for name in ("by", "approved_by", "reason", "evidence")} == {
        "by": "office",
        "approved_by": "leader",
        "reason": "平台故障",
        "evidence": ["minutes-3"],
    }
    assert again(trace) == "8.13"
    assert told(trace).en.startswith("set to 8.13 by decision: 平台故障 (approved by leader); computed: (6 / 10) / 0.95 x 10 = 6.32")
    assert again(computed_of(trace)) == "6.32"


def test_the_account_rounds_the_computed_score_and_not_what_people_set() -> None:
    sentences = [sentence.en for sentence in account_of(trace_of(settled(FEW, HOLDING)), {Version(1): SCHEME})]
    assert any(sentence.startswith("Before rounding it was") and "to 2 decimals: 6.32" in sentence for sentence in sentences)
    assert any(sentence.startswith("The result: set to 8.13 by decision") for sentence in sentences)


def test_new_facts_move_the_computed_score_and_never_the_result() -> None:
    held = {CLOSED: trace_of(settled(FEW, HOLDING))}
    moved = settled(MORE, HOLDING, held)
    (one,) = [each for each in moved.scores if each.score.indicator == CLOSED]
    assert (one.trace["result"], one.trace["computed"]["result"], one.is_news) == ("8.13", "8.42", False)
    assert not [change for change in moved.changes if getattr(change, "indicator", None) == CLOSED]


def test_lifting_it_gives_the_computed_score_back_and_says_so() -> None:
    held = {CLOSED: trace_of(settled(FEW, HOLDING))}
    (one,) = [each for each in settled(MORE, None, held).scores if each.score.indicator == CLOSED]
    assert (one.trace["result"], one.was, one.is_news, "overridden" in one.trace) == ("8.42", "8.13", True, False)


def test_an_indicator_that_nobody_marked_yet_waits_no_more_once_its_points_are_set() -> None:
    duty = IndicatorKey("duty_report")
    made = settled({}, replace(HOLDING, indicator=duty, points=Fraction(7)))
    (one,) = [each for each in made.scores if each.score.indicator == duty]
    assert (one.score.standing, one.trace["result"], one.trace["computed"]) == (
        Standing.COUNTED,
        "7.00",
        {"result": None, "awaiting": True},
    )
    assert told(one.trace).zh.endswith("计算结果：尚未评分")


def test_without_an_override_a_trace_is_as_it_was() -> None:
    trace = trace_of(settled(FEW, None))
    assert overridden(trace, None, SCHEME.rounding) is trace
    assert computed_of(overridden(trace, HOLDING, SCHEME.rounding)) == trace


def test_it_takes_two_persons_and_so_does_lifting_it() -> None:
    with pytest.raises(NotAllowed, match="another leader"):
        approved(ASKED, by="office", at=NOON)
    lifting = to_be_lifted(HOLDING, by="second", reason="已更正")
    assert lifting.state is State.LIFTING
    with pytest.raises(NotAllowed):
        approved(lifting, by="second", at=NOON)
    assert refused(lifting, by="leader").state is State.IN_FORCE
    assert approved(lifting, by="leader", at=NOON).state is State.LIFTED


def test_what_is_over_is_not_decided_again() -> None:
    with pytest.raises(WrongState, match="it can: lift, replace"):
        approved(HOLDING, by="second", at=NOON)
    with pytest.raises(WrongState):
        to_be_lifted(refused(ASKED, by="leader"), by="office", reason="x")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": Fraction("10.01")}, "0 .. 10"),
        ({"points": Fraction(-1)}, "0 .. 10"),
        ({"indicator": IndicatorKey("overdue"), "points": Fraction(1)}, "<= 0"),
        ({"reason": " "}, "say why"),
        ({"indicator": IndicatorKey("nothing")}, "does not judge"),
    ],
)
def test_points_outside_the_rule_or_without_a_reason_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(MarkRefused, match=said):
        proposed(replace(ASKED, **change), scheme=SCHEME, unit=SQUAD)  # type: ignore[arg-type]  # the fields of an override


def test_a_lifting_says_why() -> None:
    with pytest.raises(MarkRefused, match="say why"):
        to_be_lifted(HOLDING, by="office", reason=" ")
