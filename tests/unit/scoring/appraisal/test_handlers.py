import asyncio
import json
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from contracts.feedback import DeductionConfirmedV1, VerifiedV1
from kit.auth import Principal
from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.changes import UnitRegistered
from scoring.appraisal.domain.faults import Conflict, NotAllowed, NotFound, SchemeRefused, WrongState
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import CycleKey, Group, GroupKey, IndicatorKey, State, Unit, UnitCode, Version
from scoring.appraisal.handlers import hearing, marks, registry, schemes, trials
from scoring.appraisal.handlers.settling import MOST_UNITS, Pass, settle_what_moved, waiting
from scoring.appraisal.handlers.work import Desk, KeptScheme
from tests.unit.scoring.appraisal.bureau import COMPARING, CYCLE, DOCUMENT, EAST, SQUAD, UNITS, WEST, scheme, totals
from tests.unit.scoring.appraisal.fakes import FakeSchemes, Office

COMMAND = marks.GiveMark(cycle=CycleKey("2026"), unit=EAST.code, indicator=IndicatorKey("duty_report"), mark=Fraction(7), reason="")


def office(*units: Unit) -> Office:
    made = Office()
    made.registry.known_units = {unit.code: unit for unit in units or UNITS}
    made.registry.known_groups = {key: Group(key=GroupKey(key), name=key) for key in ("branch", "brigade")}
    made.schemes.holds(scheme())
    made.appointments.known["hua"] = Appointment(
        cycle=CYCLE.key, subject="hua", name="华", trained_on=date(2026, 1, 12), departments=frozenset({"考核组"}), indicators=frozenset()
    )
    return made


def caller(*roles: str, units: tuple[str, ...] = ()) -> Principal:
    return Principal(subject="hua", name="华", roles=frozenset(roles), units=frozenset(units))


async def test_a_new_month_settles_every_unit_once() -> None:
    made = office()
    assert await waiting(made.work) == 1
    assert (await settle_what_moved(made.work)).units == len(UNITS)
    assert await waiting(made.work) == 0
    assert (await settle_what_moved(made.work)).units == 0
    made.clock.move(days=20)
    assert (await settle_what_moved(made.work)).units == len(UNITS)


async def test_only_the_units_that_moved_are_settled() -> None:
    made = office()
    await settle_what_moved(made.work)
    made.figures.moved = {("2026/1", EAST.code), ("2025/3", SQUAD.code), ("2026/1", UnitCode("gone"))}
    made.figures.of_units[EAST.code] = totals(closed_in_time={"2026-05": 9}, due={"2026-05": 10})
    done = await settle_what_moved(made.work)
    assert (done.units, done.news) == (1, 1)


def comparing(*units: Unit) -> Office:
    made = office(*units)
    made.schemes.kept.clear()
    made.schemes.holds(scheme(COMPARING))
    return made


def share(made: Office, unit: Unit, in_time: int) -> None:
    made.figures.moved = {("2026/1", unit.code)}
    made.figures.of_units[unit.code] = totals(closed_in_time={"2026-05": in_time}, due={"2026-05": 10})


async def test_the_group_of_a_unit_whose_figure_moved_is_settled_and_no_other_group() -> None:
    made = comparing()
    await settle_what_moved(made.work)
    share(made, EAST, 9)
    first = await settle_what_moved(made.work)
    assert (first.units, first.left) == (1, 1)
    assert made.scores.unsettled == {("2026/1", WEST.code)}
    second = await settle_what_moved(made.work)
    assert (second.units, second.left) == (1, 0)
    assert not made.scores.unsettled


async def test_a_group_is_left_alone_when_something_else_of_a_unit_moved() -> None:
    made = comparing()
    await settle_what_moved(made.work)
    made.figures.moved = {("2026/1", EAST.code)}
    made.figures.of_units[EAST.code] = totals(revoked={"2026-05": 1})
    done = await settle_what_moved(made.work)
    assert (done.units, done.left, done.news) == (1, 0, 2)


async def test_a_unit_that_changes_its_group_has_both_groups_settled() -> None:
    made = comparing()
    await registry.put_unit(replace(WEST, group=SQUAD.group), work=made.work)
    assert made.scores.unsettled == {("2026/1", unit.code) for unit in UNITS}


async def test_a_unit_that_is_renamed_leaves_its_group_alone() -> None:
    made = comparing()
    await registry.put_unit(replace(WEST, name="砚西新分局"), work=made.work)
    assert made.scores.unsettled == {("2026/1", WEST.code)}


async def test_units_beyond_what_a_pass_may_take_wait_for_the_next() -> None:
    many = [Unit(code=UnitCode(f"unit-{number:03}"), name="x", group=GroupKey("branch")) for number in range(MOST_UNITS + 7)]
    made = office(*many)
    first = await settle_what_moved(made.work)
    assert (first.units, first.left) == (MOST_UNITS, 7)
    second = await settle_what_moved(made.work)
    assert (second.units, second.left) == (7, 0)
    assert len(made.scores.written) == len(many)


async def test_a_pass_without_the_lock_or_in_the_middle_of_a_count_takes_nothing() -> None:
    made = office()
    made.figures.moved = {("2026/1", EAST.code)}
    made.figures.still = False
    assert await settle_what_moved(made.work) == Pass(was_owner=True)
    made.scores.is_free = False
    assert await settle_what_moved(made.work) == Pass(was_owner=False)
    assert made.figures.moved


async def test_a_version_that_is_not_counted_whole_waits_and_is_then_settled_from_its_beginning() -> None:
    made = office()
    made.figures.begun = ["2026/1"]
    made.figures.moved = {("2026/1", EAST.code)}
    assert await settle_what_moved(made.work) == Pass(was_owner=True)
    assert not made.scores.written
    made.figures.begun = []
    assert (await settle_what_moved(made.work)).units == len(UNITS)


async def test_a_unit_is_said_and_settled_only_when_something_changed() -> None:
    made = office()
    await registry.put_unit(EAST, work=made.work)
    assert (made.outbox.said, made.rest.known, made.scores.unsettled) == ([], [], set())
    renamed = replace(EAST, name="砚东执法分局")
    await registry.put_unit(renamed, work=made.work)
    assert made.outbox.said == [UnitRegistered(unit=renamed)]
    assert made.rest.known == [EAST.code]
    assert made.scores.unsettled == {("2026/1", EAST.code)}


async def test_a_unit_of_an_unknown_group_is_refused() -> None:
    with pytest.raises(Conflict, match="register it first"):
        await registry.put_unit(replace(EAST, group=GroupKey("nobody")), work=office().work)


@pytest.mark.parametrize(("start", "end"), [("2026-05", "2026-04"), ("2026-01", "2028-01")])
async def test_a_cycle_has_at_least_one_month_and_at_most_two_years(start: str, end: str) -> None:
    made = Office()
    with pytest.raises(Conflict, match="whole months"):
        await registry.put_cycle(replace(CYCLE, start=Month(start), end=Month(end)), registry=made.registry, schemes=made.schemes)


async def test_the_months_of_a_cycle_are_fixed_once_a_scheme_counts_and_its_name_is_not() -> None:
    made = office()
    with pytest.raises(Conflict, match="months are fixed"):
        await registry.put_cycle(replace(CYCLE, end=Month("2026-11")), registry=made.registry, schemes=made.schemes)
    await registry.put_cycle(replace(CYCLE, name="二〇二六"), registry=made.registry, schemes=made.schemes)
    assert (await made.registry.cycle(CYCLE.key)).name == "二〇二六"


async def test_a_mark_is_signed_dated_and_waits_to_be_settled() -> None:
    made = office()
    given = await marks.mark(COMMAND, Desk(made.work, caller("assessor")))
    assert (given.assessor, given.marked_at, given.mark) == ("hua", made.clock.now(), Fraction(7))
    assert made.marks.given_marks == [given]
    assert made.scores.unsettled == {("2026/1", EAST.code)}


@pytest.mark.parametrize(("roles", "units"), [(("assessor", "unit"), ("east",)), (("assessor",), ("west",))])
async def test_the_own_unit_and_one_that_is_not_assigned_are_not_marked(roles: tuple[str, ...], units: tuple[str, ...]) -> None:
    with pytest.raises(NotAllowed):
        await marks.mark(COMMAND, Desk(office().work, caller(*roles, units=units)))


async def test_an_assigned_unit_is_marked_and_each_assessor_sees_the_own_marks() -> None:
    made = office()
    await marks.mark(COMMAND, Desk(made.work, caller("assessor", units=("east",))))
    other = replace(caller("assessor"), subject="other")
    assert not await marks.marks_of(CYCLE.key, Desk(made.work, other))
    assert len(await marks.marks_of(CYCLE.key, Desk(made.work, caller("leader")))) == 1


async def test_a_verified_rectification_becomes_a_fact_of_the_platform() -> None:
    made = office()
    on = date(2026, 6, 12)
    event = VerifiedV1(
        item="item-1", cycle="2026", unit="east", number=3, indicator="x", indicator_name="X", verified_on=on, first_time=True
    )
    await hearing.on_verified(event, made.work)
    (message,) = made.outbox.raw
    fact = json.loads(message.value)
    assert (message.topic, message.key, fact["source"], fact["subject"]) == ("feed.platform", "item-1", "urn:kaohe:platform", "item-1")
    assert fact["data"]["set"] == {
        "cycle": "2026",
        "indicator": "x",
        "number": "3",
        "verified_on": "2026-06-12",
        "first_time": True,
    }
    assert fact["data"]["set"].keys() == hearing.KINDS[hearing.RECTIFICATION].keys()


async def test_one_matter_is_one_record_whoever_decides_on_it() -> None:
    made = office()
    event = DeductionConfirmedV1(
        item="item-1", cycle="2026", unit="east", matter="item-1", level="overdue", reason="逾期", confirmed_on=date(2026, 6, 12)
    )
    await hearing.on_deduction_confirmed(event, made.work)
    await asyncio.sleep(0.002)  # ids of one millisecond have no order
    await hearing.on_deduction_confirmed(event.model_copy(update={"item": "item-2", "level": "recurred"}), made.work)
    first, second = (json.loads(message.value) for message in made.outbox.raw)
    assert first["subject"] == second["subject"] == "deduction-item-1"
    assert (first["time"], first["id"]) < (second["time"], second["id"])
    assert first["data"]["set"].keys() == hearing.KINDS[hearing.DEDUCTION].keys()


async def test_an_item_that_is_deducted_for_and_then_verified_is_two_records() -> None:
    made, day = office(), date(2026, 6, 12)
    about = {"item": "item-1", "cycle": "2026", "unit": "east"}
    deducted = DeductionConfirmedV1.model_validate({**about, "matter": "item-1", "level": "overdue", "reason": "逾期", "confirmed_on": day})
    verified = {"number": 3, "indicator": "x", "indicator_name": "X", "verified_on": day, "first_time": True}
    await hearing.on_deduction_confirmed(deducted, made.work)
    await hearing.on_verified(VerifiedV1.model_validate({**about, **verified}), made.work)
    kinds = {message.key: json.loads(message.value)["data"]["kind"] for message in made.outbox.raw}
    assert kinds == {"deduction-item-1": "deduction", "item-1": "rectification"}


async def test_a_draft_is_activated_once_counted_by_the_ledger_and_settled_for_every_unit() -> None:
    made = office()
    made.schemes = FakeSchemes()
    made.registry.known_groups = {key: Group(key=GroupKey(key), name=key) for key in ("branch", "brigade")}
    draft = await schemes.add_scheme(DOCUMENT, made_by="hua", work=made.work)
    assert draft.state is State.DRAFT
    active = await schemes.activate(draft.cycle, draft.version, work=made.work)
    assert active.state is State.ACTIVE
    assert made.figures.begun == ["2026/1"]
    assert made.scores.unsettled == {("2026/1", unit.code) for unit in UNITS}
    with pytest.raises(WrongState, match="can't activate"):
        await schemes.activate(draft.cycle, draft.version, work=made.work)


async def revised(made: Office, changes: str = 'effective: "2026-06"') -> KeptScheme:
    draft = await schemes.add_scheme(f"{changes}\n{DOCUMENT}", made_by="hua", work=made.work)
    await trials.try_out(draft.cycle, draft.version, by="hua", work=made.work)
    return await schemes.activate(draft.cycle, draft.version, work=made.work)


def states(made: Office) -> list[State]:
    return [kept.state for kept in made.schemes.kept]


async def test_a_revision_comes_while_the_version_before_it_is_settled_and_takes_over_when_it_is_counted() -> None:
    made = office()
    await settle_what_moved(made.work)
    assert (await revised(made)).state is State.COMING
    assert (await settle_what_moved(made.work)).units == 0
    assert states(made) == [State.ACTIVE, State.COMING]
    assert await waiting(made.work) > 0
    made.figures.begun.clear()
    assert (await settle_what_moved(made.work)).units == len(UNITS)
    assert states(made) == [State.SUPERSEDED, State.ACTIVE]
    assert made.scores.handed_on == [(1, 2, {(key, place): (key, place) for key in ("closed_in_time", "corrected") for place in (0, 1)})]
    assert await waiting(made.work) == 0


async def test_a_revision_whose_first_month_is_to_come_waits_for_it() -> None:
    made = office()
    await revised(made, 'effective: "2026-07"')
    made.figures.begun.clear()
    await settle_what_moved(made.work)
    assert states(made) == [State.ACTIVE, State.COMING]
    assert await waiting(made.work) == 0
    made.clock.move(days=20)
    await settle_what_moved(made.work)
    assert states(made) == [State.SUPERSEDED, State.ACTIVE]


async def test_of_two_revisions_one_is_coming_and_the_other_has_to_wait() -> None:
    made = office()
    first = await revised(made, 'effective: "2026-07"')
    with pytest.raises(Conflict, match="version 2 is coming: wait for it, or withdraw it"):
        await revised(made, 'effective: "2026-08"')
    withdrawn = await schemes.withdraw(first.cycle, first.version, work=made.work)
    assert (withdrawn.state, withdrawn.activated_at) == (State.DRAFT, None)
    with pytest.raises(WrongState, match="a scheme in draft can't withdraw"):
        await schemes.withdraw(first.cycle, first.version, work=made.work)
    await trials.try_out(CYCLE.key, Version(3), by="hua", work=made.work)
    assert (await schemes.activate(CYCLE.key, Version(3), work=made.work)).state is State.COMING


async def test_a_revision_that_begins_no_later_than_the_version_before_it_is_refused_unless_it_restates() -> None:
    made = office()
    with pytest.raises(SchemeRefused) as refused:
        await revised(made, 'effective: "2026-01"')
    (fault,) = refused.value.faults
    assert (fault.path, fault.allowed.en) == ("effective", "effective after 2026-01, or restate: true")
    assert (await revised(made, "restate: true")).state is State.COMING


async def test_a_draft_that_the_world_has_overtaken_is_refused_when_it_is_activated() -> None:
    made = office()
    late = await schemes.add_scheme(f'effective: "2026-03"\n{DOCUMENT}', made_by="hua", work=made.work)
    await trials.try_out(late.cycle, late.version, by="hua", work=made.work)
    await revised(made)
    made.figures.begun.clear()
    await settle_what_moved(made.work)
    with pytest.raises(SchemeRefused):
        await schemes.activate(late.cycle, late.version, work=made.work)


async def test_what_moved_under_an_older_version_settles_the_unit_under_the_present_one() -> None:
    made = office()
    await revised(made)
    made.figures.begun.clear()
    await settle_what_moved(made.work)
    made.figures.moved = {("2026/1", EAST.code)}
    made.figures.of_units[EAST.code] = totals(closed_in_time={"2026-05": 9, "2026-06": 10}, due={"2026-05": 10, "2026-06": 10})
    assert (await settle_what_moved(made.work)).units == 1
    trace = next(one.trace for one in made.scores.written[EAST.code].scores if one.score.indicator == "closed_in_time")
    assert [(one["version"], one["months"]) for one in trace["versions"]] == [(1, 5), (2, 1)]


async def test_a_trial_shows_each_unit_now_and_under_the_draft_and_changes_nothing() -> None:
    made = office()
    made.figures.of_units[EAST.code] = totals(closed_in_time={"2026-05": 9, "2026-06": 9}, due={"2026-05": 10, "2026-06": 10})
    draft = await schemes.add_scheme(
        f'effective: "2026-06"\n{DOCUMENT.replace("target: 0.95", "target: 1")}', made_by="hua", work=made.work
    )
    trial = await trials.try_out(draft.cycle, draft.version, by="li", work=made.work)
    branch = next(one for one in trial.groups if one.group.key == "branch")
    east = next(row for row in branch.units if row.unit == EAST)
    closed = next(score for score in east.scores if score.indicator == "closed_in_time")
    assert (closed.now or {})["result"] == "9.47"
    assert (closed.then or {})["result"] == "9.39"  # (180/19 x 5 + 9 x 1) / 6
    assert (made.scores.written, made.outbox.said, states(made)) == ({}, [], [State.ACTIVE, State.DRAFT])
    assert made.trials.made[draft.cycle, draft.version].by == "li"


async def test_a_draft_whose_months_are_to_come_is_tried_from_the_present_month() -> None:
    made = office()
    draft = await schemes.add_scheme(f'effective: "2026-10"\n{DOCUMENT}', made_by="hua", work=made.work)
    trial = await trials.try_out(draft.cycle, draft.version, by="li", work=made.work)
    assert (trial.since, trial.through) == ("2026-06", "2026-06")


async def test_a_revision_that_was_not_tried_out_is_not_activated_and_an_active_version_is_not_tried() -> None:
    made = office()
    draft = await schemes.add_scheme(f'effective: "2026-06"\n{DOCUMENT}', made_by="hua", work=made.work)
    with pytest.raises(Conflict, match="kaohe scheme trial 2026 2"):
        await schemes.activate(draft.cycle, draft.version, work=made.work)
    with pytest.raises(WrongState, match="a trial is made of a draft"):
        await trials.try_out(CYCLE.key, Version(1), by="li", work=made.work)
    with pytest.raises(NotFound):
        await trials.try_out(CYCLE.key, Version(9), by="li", work=made.work)
