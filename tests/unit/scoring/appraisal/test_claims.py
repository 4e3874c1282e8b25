"""Claims of bonuses and deductions: who may do what by when, and what of it counts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.appraisal.domain.accounts import account_of
from scoring.appraisal.domain.causes import causes_of
from scoring.appraisal.domain.claims import (
    APPLICANT,
    MOVERS,
    MOVES,
    Claim,
    ClaimId,
    Content,
    Document,
    Move,
    Proven,
    State,
    Step,
    checked_content,
    same_spelling,
)
from scoring.appraisal.domain.faults import ClaimRefused, NotAllowed, SchemeRefused, WrongState
from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.scheme_documents import scheme_of
from scoring.appraisal.domain.schemes import Indicator, IndicatorKey, Version
from scoring.appraisal.domain.settling import Ground, trace_of
from scoring.appraisal.domain.traces import Trace, again, told
from scoring.appraisal.domain.versions import Term
from tests.unit.scoring.appraisal.bureau import CYCLE, DOCUMENT, EAST, WORLD, document, scheme
from tests.unit.scoring.appraisal.fakes import NOON

CLAIMED = """  - {key: praise, part: targets, name: 表彰, definition: 受上级表彰, department: 考核组, points: 0,
     rule: {kind: per_event_add, each: {city: 1, province: 2}, cap: 5}, inputs: {claims: {close: 2026-11-30}}}
  - {key: first, part: targets, name: 首创, definition: 改革首创, department: 考核组, points: 0,
     rule: {kind: per_event_add, each: {city: 3, province: 1}, cap: 4}, inputs: {claims: {close: 2026-11-30}}}
  - {key: duty_plus, part: duty, name: 履职加分, definition: 履职受表彰, department: 考核组, points: 0,
     rule: {kind: per_event_add, each: 1, cap: 4}, inputs: {claims: {close: 2026-11-30}}}
  - {key: criticised, part: minus, name: 通报批评, definition: 受通报批评, department: 考核组, points: 0,
     rule: {kind: per_event_deduct, each: {city: 1, province: 2}, floor: null}, inputs: {claims: {close: 2026-11-30}}}
  - {key: exposed, part: duty, name: 负面曝光, definition: 媒体曝光, department: 考核组, points: 0,
     rule: {kind: per_event_deduct, each: 1.5, floor: null}, inputs: {claims: {close: 2026-11-30}}}
"""
TEXT = DOCUMENT.replace("measures:\n", f"{CLAIMED}measures:\n")
SCHEME = scheme(TEXT)
PRAISE, FIRST, DUTY_PLUS, CRITICISED, EXPOSED = map(IndicatorKey, ("praise", "first", "duty_plus", "criticised", "exposed"))
PROOF = "01890c5d-7b1e-7c3a-9d2f-3b1f0c5a7e11"
SHA = "ab" * 32
LETTER = Document("市府通报〔2026〕7号", "市人民政府")


def content(document: Document | None = LETTER, level: str | None = "city", matter: str | None = None) -> Content:
    return Content(document=document, level=level, matter=matter, reason="受到表彰", evidence=(PROOF,))


def paper(number: str, level: str | None = "city") -> Content:
    return content(document=Document(number, "市人民政府"), level=level)


def matter(named: str, level: str | None = "city") -> Content:
    return content(document=None, level=level, matter=named)


def claim(number: int = 1, indicator: IndicatorKey = PRAISE, state: State = State.RECOGNISED, said: Content | None = None) -> Claim:
    return Claim(
        id=ClaimId(UUID(int=number)),
        number=number,
        cycle=CYCLE.key,
        unit=EAST.code,
        indicator=indicator,
        content=said or content(),
        state=state,
        applied_by="liu",
        applied_at=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=number),
    )


def indicator_of(key: IndicatorKey) -> Indicator:
    found = SCHEME.indicator(key)
    assert found is not None
    return found


def trace(key: IndicatorKey, *claims: Claim, unproven: Iterable[int] = ()) -> Trace:
    held: dict[IndicatorKey, list[Proven]] = {}
    for one in claims:
        held.setdefault(one.indicator, []).append(Proven(claim=one, accepted={} if one.number in unproven else {PROOF: SHA}))
    given_claims = {name: Given({}, {}, tuple(several)) for name, several in held.items()}
    term = Term(version=Version(1), since=Month("2026-01"), through=Month("2026-06"))
    return trace_of(indicator_of(key), Ground(scheme=SCHEME, term=term, unit=EAST, totals={}, given=given_claims))


@pytest.mark.parametrize(
    "written",
    [
        "市府通报〔2026〕7号",
        "市府通报[2026]7号",
        "市府通报（2026）７号",
        "市府通报(2026) 7 号",
        "市府通报【2026】7号\u3000",
        "市府\u200b通报〔２０２６〕7号",
    ],
)
def test_a_document_is_the_same_however_its_number_is_written(written: str) -> None:
    assert Document(written, " 市人民政府").identity == LETTER.identity


@pytest.mark.parametrize("other", [Document("市府通报〔2026〕17号", "市人民政府"), Document("市府通报〔2026〕7号", "省人民政府")])
def test_another_number_or_organ_is_another_document(other: Document) -> None:
    assert other.identity != LETTER.identity


def test_number_and_organ_are_not_mixed_up() -> None:
    assert Document("7号", "市府通报").identity != Document("通报7号", "市府").identity


@given(st.text(st.characters(codec="gb18030", max_codepoint=0xFFEF), max_size=40))
def test_spelling_alike_once_is_spelling_alike_for_good(text: str) -> None:
    assert same_spelling(same_spelling(text)) == same_spelling(text)


def test_without_any_claim_a_bonus_is_nothing_and_waits_for_nobody() -> None:
    made = trace(PRAISE)
    assert (made["result"], made.get("awaiting"), made["inputs"]) == ("0.00", None, {"events": []})
    assert trace(CRITICISED)["result"] == "0.00"


def test_recognised_claims_count_by_their_level_up_to_the_cap() -> None:
    papers = [claim(number, said=paper(f"{number}号", "province")) for number in (1, 2, 3)]
    made = trace(PRAISE, *papers)
    assert made["result"] == "5.00" == again(made)
    assert "3 x 2" in told(made).en
    assert made["sources"]["claims.2"] == {
        "claim": 2,
        "id": str(UUID(int=2)),
        "document": "2号",
        "organ": "市人民政府",
        "level": "province",
        "each": "2",
        "evidence": {PROOF: SHA},
    }


def test_the_same_document_counts_once_at_its_highest_level() -> None:
    higher = claim(2, said=paper("市府通报（2026）7号", "province"))
    made = trace(PRAISE, claim(1), higher)
    assert made["result"] == "2.00"
    assert made["sources"]["claims.1"]["left_out"]["en"] == "the same document as claim 2 (praise), which is worth more"
    assert "left_out" not in made["sources"]["claims.2"]
    told_each = account_of(made, {Version(1): SCHEME})[1:3]
    assert told_each[0].zh.endswith("未计入：与第 2 号（praise）为同一文件，该号分值更高。")
    assert told_each[1].en == f"Claim 2, “市府通报（2026）7号（市人民政府）”, level province, proved by {PROOF}: worth 2."


def test_of_two_indicators_of_a_part_the_one_with_more_points_has_the_document() -> None:
    both = (claim(1, PRAISE), claim(2, FIRST))
    assert [trace(key, *both)["result"] for key in (PRAISE, FIRST)] == ["0.00", "3.00"]
    other_part = claim(3, DUTY_PLUS, said=content(level=None))
    assert trace(DUTY_PLUS, *both, other_part)["result"] == "1.00"


def test_of_equals_the_one_that_came_first_counts() -> None:
    made = trace(PRAISE, claim(2), claim(1))
    assert made["result"] == "1.00"
    assert made["sources"]["claims.2"]["left_out"]["zh"] == "与第 1 号（praise）为同一文件，分值相同而申报在先"


def test_a_matter_is_deducted_once_at_its_highest_across_all_parts() -> None:
    both = (claim(1, CRITICISED, said=matter("渣土车 事故")), claim(2, EXPOSED, said=matter("渣土车事故", None)))
    assert [trace(key, *both)["result"] for key in (CRITICISED, EXPOSED)] == ["0.00", "-1.50"]
    another = claim(3, CRITICISED, said=matter("另一事项", "province"))
    assert trace(CRITICISED, *both, another)["result"] == "-2.00"


def test_without_accepted_evidence_there_are_no_points_and_nobody_elses_are_lost() -> None:
    both = (claim(1, said=content(level="province")), claim(2))
    made = trace(PRAISE, *both, unproven=[1])
    assert made["result"] == "1.00"
    assert made["sources"]["claims.1"]["left_out"]["en"] == "none of its evidence is accepted"
    assert trace(PRAISE, *both, unproven=[1, 2])["result"] == "0.00"


def test_a_level_that_this_version_does_not_know_is_left_out_and_said() -> None:
    made = trace(PRAISE, claim(1, said=content(level="nation")), claim(2, said=paper("2号")))
    assert made["result"] == "1.00"
    assert "no level 'nation'" in made["sources"]["claims.1"]["left_out"]["en"]


CLAIMS = st.lists(
    st.tuples(
        st.sampled_from([PRAISE, FIRST, DUTY_PLUS, CRITICISED, EXPOSED]), st.sampled_from("abc"), st.sampled_from(["city", "province"])
    ),
    max_size=8,
)


def made_of(drawn: Iterable[tuple[IndicatorKey, str, str]]) -> list[Claim]:
    return [
        claim(number, key, said=paper(named, level)) if key in {PRAISE, FIRST, DUTY_PLUS} else claim(number, key, said=matter(named, level))
        for number, (key, named, level) in enumerate(drawn, start=1)
    ]


@given(CLAIMS, st.randoms(use_true_random=False), st.sets(st.integers(1, 8)))
def test_the_order_of_claims_never_matters(drawn: list[tuple[IndicatorKey, str, str]], random: Random, unproven: set[int]) -> None:
    claims = made_of(drawn)
    shuffled = random.sample(claims, len(claims))
    for key in (PRAISE, FIRST, DUTY_PLUS, CRITICISED, EXPOSED):
        assert trace(key, *claims, unproven=unproven) == trace(key, *shuffled, unproven=unproven)


@given(CLAIMS)
def test_each_document_counts_once_in_a_part_and_each_matter_once(drawn: list[tuple[IndicatorKey, str, str]]) -> None:
    claims = made_of(drawn)
    events = {key: [each["document"] for each in trace(key, *claims)["inputs"]["events"]] for key in {key for key, *_ in drawn}}
    for part in ({PRAISE, FIRST}, {DUTY_PLUS}, {CRITICISED, EXPOSED}):
        counting = [each for key in part for each in events.get(key, [])]
        claimed = {named for key, named, _ in drawn if key in part}
        assert len(counting) == len(set(counting)) == len(claimed)


def test_history_names_the_claim_that_did_it() -> None:
    before = trace(PRAISE, claim(1))
    after = trace(PRAISE, claim(1), claim(2, said=paper("2号")))
    assert list(causes_of(before, after).given) == ["claims.2"]
    assert list(causes_of(after, trace(PRAISE, claim(1), claim(2, said=paper("2号")), unproven=[2])).given) == ["claims.2"]


@pytest.mark.parametrize(("state", "move"), [pair for pair in product(State, Move) if pair not in MOVES])
def test_a_move_that_is_not_in_the_table_is_refused(state: State, move: Move) -> None:
    step = Step(move=move, by="wang", at=NOON, reason="x")
    with pytest.raises(WrongState, match=r"claim 1 is"):
        claim(state=state).after(step, roles=frozenset({"office", "leader", "assessor", APPLICANT}))


@pytest.mark.parametrize(("state", "move"), list(MOVES))
def test_a_move_belongs_to_its_roles_and_to_another_person(state: State, move: Move) -> None:
    held = claim(state=state)
    step = Step(move=move, by="wang", at=NOON, reason="属实")
    for role in MOVERS[state, move]:
        assert held.after(step, roles=frozenset({role})).state is MOVES[state, move]
        with pytest.raises(ClaimRefused):
            held.after(replace(step, reason=" "), roles=frozenset({role}))
    with pytest.raises(NotAllowed):
        held.after(step, roles=frozenset({"auditor", "unit"}))


def test_whoever_applied_or_checked_takes_no_other_step_in_the_round() -> None:
    def done(by: str, move: Move) -> Step:
        return Step(move=move, by=by, at=NOON, reason="x")

    everything = frozenset({"office", "leader", APPLICANT})
    fresh = claim(state=State.APPLIED)
    with pytest.raises(NotAllowed):
        fresh.after(done("liu", Move.CHECK), roles=everything)
    checked = fresh.after(done("wang", Move.CHECK), roles=everything)
    with pytest.raises(NotAllowed):
        checked.after(done("wang", Move.RECOGNISE), roles=everything)
    returned = checked.after(done("zhao", Move.RETURN), roles=everything)
    again_applied = returned.after(done("he", Move.APPLY), roles=everything)
    with pytest.raises(NotAllowed):
        again_applied.after(done("he", Move.CHECK), roles=everything)
    assert again_applied.after(done("wang", Move.CHECK), roles=everything).state is State.CHECKED


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (PRAISE, content(document=None)),
        (PRAISE, content(document=Document(" 〔〕", " \u3000"))),
        (PRAISE, content(level="nation")),
        (PRAISE, content(level=None)),
        (PRAISE, content(matter="事项")),
        (PRAISE, replace(content(), reason=" ")),
        (DUTY_PLUS, content(level="city")),
        (CRITICISED, content(matter=None)),
        (CRITICISED, content(matter=" \u200b")),
    ],
)
def test_a_claim_that_the_rule_can_not_take_is_refused(key: IndicatorKey, said: Content) -> None:
    with pytest.raises(ClaimRefused):
        checked_content(said, indicator_of(key))


@pytest.mark.parametrize(
    ("rule", "inputs", "path"),
    [
        ("{kind: per_event_deduct, each: 1}", "{claims: {close: 2026-11-30}}", "inputs.claims"),
        ("{kind: manual}", "{claims: {close: 2026-11-30}}", "inputs"),
        ("{kind: per_event_add, each: 1, cap: 5}", "{claims: {close: 2026-11-31}}", "inputs.claims.close"),
        ("{kind: per_event_add, each: 1, cap: 5}", "{claims: {close: 2027-01-01}}", "inputs.claims.close"),
        ("{kind: per_event_add, each: 1, cap: 5}", "{claims: {}}", "inputs.claims.close"),
        ("{kind: per_event_add, each: 1, cap: 5}", "{claims: {close: 2026-11-30}, n: due}", "inputs"),
    ],
)
def test_a_slip_in_how_claims_are_stated_is_found_with_its_place(rule: str, inputs: str, path: str) -> None:
    with pytest.raises(SchemeRefused) as refused:
        scheme(TEXT.replace("{kind: per_event_add, each: 1, cap: 4}, inputs: {claims: {close: 2026-11-30}}", f"{rule}, inputs: {inputs}"))
    assert f"indicators[6].{path}" in [fault.path for fault in refused.value.faults]


def test_all_slips_are_found_in_one_pass_and_a_line_has_nothing_to_judge() -> None:
    made = document(TEXT)
    made["indicators"][4]["inputs"]["claims"]["close"] = "2025-12-31"
    made["indicators"][5]["inputs"]["claims"]["close"] = "2026-02-30"
    made["indicators"][6]["lines"] = [{"level": "red", "at_least": "1"}]
    with pytest.raises(SchemeRefused) as refused:
        scheme_of(made, WORLD)
    paths = {fault.path for fault in refused.value.faults}
    assert paths == {"indicators[4].inputs.claims.close", "indicators[5].inputs.claims.close", "indicators[6].lines[0]"}
