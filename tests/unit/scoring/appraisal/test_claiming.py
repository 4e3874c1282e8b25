"""Claims as people make and decide them, and what evidence's events do to them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts import evidence
from scoring.appraisal.domain.claims import Claim, Content, Move, Proven, State
from scoring.appraisal.domain.faults import ClaimRefused, NotAllowed, NotFound
from scoring.appraisal.domain.schemes import IndicatorKey
from scoring.appraisal.handlers import claims as handlers
from scoring.appraisal.handlers import hearing
from scoring.appraisal.handlers.settling import settle_what_moved
from scoring.appraisal.handlers.work import Desk
from tests.unit.scoring.appraisal.bureau import CYCLE, EAST, WEST
from tests.unit.scoring.appraisal.fakes import Office
from tests.unit.scoring.appraisal.test_claims import CRITICISED, PRAISE, PROOF, SCHEME, SHA, content, indicator_of, matter
from tests.unit.scoring.appraisal.test_handlers import caller, office


def claiming() -> Office:
    made = office()
    made.schemes.kept.clear()
    made.schemes.holds(SCHEME)
    return made


def by(made: Office, subject: str, *roles: str, units: tuple[str, ...] = ()) -> Desk:
    return Desk(made.work, replace(caller(*roles, units=units), subject=subject))


def east(made: Office, subject: str = "liu") -> Desk:
    return by(made, subject, "unit", units=("east",))


def asked(key: IndicatorKey = PRAISE, said: Content | None = None) -> handlers.ApplyFor:
    return handlers.ApplyFor(cycle=CYCLE.key, unit=EAST.code, indicator=key, content=said or content())


async def take(made: Office, one: Proven, move: Move, desk: Desk) -> Claim:
    assert made.claims.known
    return (await handlers.take_step(handlers.TakeStep(one.claim.id, move, "属实"), desk)).claim


async def accept(made: Office, unit: str | None = "east", revision: int = 1) -> None:
    said = evidence.AcceptedV1(
        evidence=PROOF, revision=revision, unit=unit, subjects=(), sha256=SHA, size=1, media_type="text/plain", uploader="liu"
    )
    await hearing.on_evidence_accepted(said, made.work)


async def spoil(made: Office) -> None:
    await hearing.on_integrity_failed(evidence.IntegrityFailedV1(evidence=PROOF, revision=1, expected=SHA, found=None), made.work)


async def points(made: Office, key: str = "praise") -> str | None:
    """What settling makes of the indicator; none where its trace stays as it is."""
    await settle_what_moved(made.work)
    changed = {one.score.indicator: one.trace["result"] for one in made.scores.written[EAST.code].scores}
    return changed.get(IndicatorKey(key))


async def test_a_bonus_is_applied_for_checked_and_recognised_by_three_persons_and_then_counts() -> None:
    made = claiming()
    one = await handlers.apply_for(asked(), east(made))
    await accept(made)
    assert (await take(made, one, Move.CHECK, by(made, "hua", "assessor"))).state is State.CHECKED
    assert await points(made) == "0.00"
    assert (await take(made, one, Move.RECOGNISE, by(made, "zhao", "leader"))).state is State.RECOGNISED
    assert made.scores.unsettled == {("2026/1", EAST.code)}
    assert await points(made) == "1.00"


async def test_nothing_is_recognised_before_evidence_is_accepted_and_damaged_evidence_takes_the_points_away() -> None:
    made = claiming()
    one = await handlers.apply_for(asked(), east(made))
    await take(made, one, Move.CHECK, by(made, "wang", "office"))
    with pytest.raises(ClaimRefused, match="accepted"):
        await take(made, one, Move.RECOGNISE, by(made, "zhao", "leader"))
    await accept(made)
    await take(made, one, Move.RECOGNISE, by(made, "zhao", "leader"))
    assert await points(made) == "1.00"
    await spoil(made)
    assert await points(made) == "0.00"
    await accept(made)  # said again of the same revision: it stays damaged
    assert await points(made) is None
    await accept(made, revision=2)
    assert await points(made) == "1.00"


async def test_after_the_closing_day_nothing_is_applied_for_checked_or_recognised_but_ended_it_may_be() -> None:
    made = claiming()
    made.clock.instant = datetime(2026, 11, 30, 15, tzinfo=UTC)  # 23:00 of the closing day in Shanghai
    one = await handlers.apply_for(asked(), east(made))
    made.clock.instant = datetime(2026, 11, 30, 16, tzinfo=UTC)
    with pytest.raises(ClaimRefused, match="closed on 2026-11-30") as late:
        await handlers.apply_for(asked(), east(made))
    assert "截止" in late.value.text.zh
    with pytest.raises(ClaimRefused):
        await take(made, one, Move.CHECK, by(made, "wang", "office"))
    assert (await take(made, one, Move.REFUSE, by(made, "wang", "office"))).state is State.REFUSED


async def test_a_unit_applies_for_bonuses_and_others_propose_deductions() -> None:
    made = claiming()
    deduction = asked(CRITICISED, matter("渣土车事故"))
    for command, desk in (
        (asked(), by(made, "wang", "office")),
        (asked(), by(made, "he", "unit", units=("west",))),
        (deduction, east(made)),
        (deduction, by(made, "he", "unit", "office", units=("east",))),
        (deduction, by(made, "nobody", "assessor")),
    ):
        with pytest.raises(NotAllowed):
            await handlers.apply_for(command, desk)
    one = await handlers.apply_for(deduction, by(made, "hua", "assessor"))
    with pytest.raises(NotAllowed):
        await take(made, one, Move.CHECK, by(made, "nobody", "assessor"))
    with pytest.raises(NotAllowed):
        await take(made, one, Move.WITHDRAW, by(made, "wang", "office"))
    assert (await take(made, one, Move.WITHDRAW, by(made, "hua", "assessor"))).state is State.WITHDRAWN


async def test_nobody_decides_on_the_own_units_claim_and_nobody_elses_is_there() -> None:
    made = claiming()
    one = await handlers.apply_for(asked(), east(made))
    with pytest.raises(NotAllowed):
        await take(made, one, Move.CHECK, by(made, "he", "unit", "office", units=("east",)))
    with pytest.raises(NotFound):
        await take(made, one, Move.WITHDRAW, by(made, "he", "unit", units=("west",)))
    assert (await take(made, one, Move.WITHDRAW, east(made, "other"))).state is State.WITHDRAWN


async def test_a_returned_claim_is_put_right_and_goes_round_again() -> None:
    made = claiming()
    one = await handlers.apply_for(asked(), east(made))
    await take(made, one, Move.RETURN, by(made, "wang", "office"))
    again_made = await handlers.apply_again(one.claim.id, content(level="province"), east(made))
    assert (again_made.claim.state, again_made.claim.content.level, again_made.claim.number) == (State.APPLIED, "province", 1)
    assert (await take(made, one, Move.CHECK, by(made, "wang", "office"))).state is State.CHECKED


async def test_claims_are_taken_only_where_the_scheme_says_so() -> None:
    made = claiming()
    for key in ("closed_in_time", "nothing"):
        with pytest.raises(ClaimRefused):
            await handlers.apply_for(asked(IndicatorKey(key)), east(made))


async def test_everybody_reads_what_concerns_them() -> None:
    made = claiming()
    await handlers.apply_for(asked(), east(made))
    await handlers.apply_for(replace(asked(), unit=WEST.code), by(made, "he", "unit", units=("west",)))
    made.appointments.known["qian"] = replace(made.appointments.known["hua"], subject="qian", departments=frozenset({"法制科"}))

    async def numbers(desk: Desk, unit: str | None = None) -> list[int]:
        found = await handlers.claims_of(CYCLE.key, unit=None if unit is None else (WEST.code if unit == "west" else EAST.code), desk=desk)
        return [one.claim.number for one in found]

    assert await numbers(by(made, "wang", "office")) == [1, 2]
    assert await numbers(by(made, "wang", "leader"), "west") == [2]
    assert await numbers(east(made)) == [1]
    assert await numbers(east(made), "west") == []
    assert await numbers(by(made, "hua", "assessor")) == [1, 2]
    assert await numbers(by(made, "hua", "assessor", units=("east",))) == [1]
    assert await numbers(by(made, "qian", "assessor")) == []
    assert await numbers(by(made, "nobody", "assessor")) == []
    assert date(2026, 11, 30) == indicator_of(PRAISE).plan.claims_close
