from contracts import feedback, scoring
from kit.testing import eventually
from tests.integration.scoring.appraisal.rooms import Room, cases, observed
from tests.unit.scoring.appraisal.bureau import DOCUMENT


async def test_a_correction_in_the_source_corrects_the_score_and_leaves_a_line_of_history(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=9, late=1))
        await room.until_points("east", "closed_in_time", "9.47")
        room.clock.move(minutes=5)
        await room.send(observed("east-2026-05-9", "east", ident="correction", at="2026-06-02T08:00:00Z", closed_on="2026-05-20"))
        await room.until_points("east", "closed_in_time", "10.00")
        history = await room.get("/v1/scores/2026/east/closed_in_time/history")
        assert [line["points"] for line in history][-2:] == ["9.47", "10.00"]
        traced = await room.get("/v1/scores/2026/east/closed_in_time/trace")
        assert (history[-1]["was"], history[-1]["causes"]["version"], history[-1]["causes"]["month"]) == ("9.47", None, None)
        did_it = await room.get(history[-1]["causes"]["facts"])
        assert [(fact["subject"], fact["id"]) for fact in did_it["facts"]] == [("east-2026-05-9", "correction")]
        unknown = await room.ask("GET", "/v1/scores/2026/east/closed_in_time/history/999999/facts", "office")
        assert unknown.status_code == 404
        assert traced["trace"]["replaced"] == {"result": "9.47"}


async def test_a_scheme_counts_the_records_that_were_there_before_it(room: Room) -> None:
    async with room.running():
        await room.send(*cases("west", in_time=8, late=2))
        await room.activate()
        await room.until_points("west", "closed_in_time", "8.42")


async def test_a_line_is_told_once_a_crossing_and_only_its_gravest_level(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=8, late=2))
        await room.until_points("east", "closed_in_time", "8.42")
        await room.send(*cases("east", in_time=0, late=1, month="2026-04"))
        await room.until_points("east", "closed_in_time", "7.66")
        await room.send(*cases("east", in_time=90, late=0, month="2026-03"))
        await room.until_points("east", "closed_in_time", "10.00")
        lines = await room.get("/v1/lines/2026", unit="east")
        assert [(line["level"], line["crossed"], line["light"]) for line in lines] == [("red", False, "yellow")]
        figures = await room.get("/v1/measures/2026/east", "unit", units=["east"])
        closed = next(each for each in figures if each["indicator"] == "closed_in_time")
        assert (closed["light"], closed["repaired"], [line["crossed"] for line in closed["lines"]]) == ("yellow", True, [False, False])

        async def told() -> list[tuple[str, str, str, str]]:
            lines = await room.heard(scoring.LineCrossedV1)
            return [(line["line"], line["direction"], line["n"], line["finding"]) for line in lines if len(lines) == 2]

        assert await eventually(told) == [
            ("red", "fell", "10", "案件按期办结率 80.00%，低于红线 85.00%（依据 10 件）"),
            ("red", "recovered", "101", "案件按期办结率 97.03%，已离开红线 85.00%（依据 101 件）"),
        ]


HYSTERESIS = DOCUMENT.replace("{level: red, below: 0.85}", "{level: red, below: 0.85, recover: 0.9}")


async def test_a_figure_that_moves_about_a_line_is_told_once_until_it_has_recovered(room: Room) -> None:
    async with room.running():
        await room.activate(HYSTERESIS)
        await room.send(*cases("east", in_time=8, late=2))
        await room.until_points("east", "closed_in_time", "8.42")
        for month, in_time, late, points in (("2026-04", 4, 0, "9.02"), ("2026-03", 0, 1, "8.42"), ("2026-02", 3, 0, "8.77")):
            await room.send(*cases("east", in_time=in_time, late=late, month=month))
            await room.until_points("east", "closed_in_time", points)
        await room.send(*cases("east", in_time=82, late=0, month="2026-01"))
        await room.until_points("east", "closed_in_time", "10.00")

        async def told() -> list[tuple[str, str]]:
            lines = await room.heard(scoring.LineCrossedV1)
            return [(line["line"], line["direction"]) for line in lines if len(lines) == 2]

        assert await eventually(told) == [("red", "fell"), ("red", "recovered")]


async def test_months_that_are_still_to_come_do_not_count_yet(room: Room) -> None:
    async with room.running():
        await room.activate()
        await room.send(*cases("east", in_time=9, late=1), *cases("east", in_time=10, late=0, month="2026-07"))
        await room.until_points("east", "closed_in_time", "9.47")
        room.clock.move(days=20)
        await room.until_points("east", "closed_in_time", "10.00")


async def test_what_feedback_decided_comes_back_as_facts_of_the_platform(room: Room) -> None:
    text = OVERDUE_BY_THE_PLATFORM
    async with room.running():
        await room.activate(text)
        today = room.clock.now().date()
        decided = feedback.DeductionConfirmedV1(
            item="item-1", cycle="2026", unit="east", matter="matter-1", level="overdue", reason="逾期", confirmed_on=today
        )
        await room.say(decided)
        await room.say(decided.model_copy(update={"item": "item-2"}))
        await room.until_points("east", "overdue", "-0.50")
        assert await room.points("west", "overdue") == "0.00"
        standings = await room.get("/v1/standings/2026")
        east = next(row for group in standings["groups"] for row in group["units"] if row["unit"] == "east")
        assert east["deducted"] == "-0.50"


OVERDUE_BY_THE_PLATFORM = """
cycle: "2026"
title: 扣分
parts: [{key: minus, name: 扣分, deduct_cap: 5}]
indicators:
  - key: overdue
    part: minus
    name: 整改逾期
    definition: 经考核办确认的逾期、反弹、数据不实
    department: 考核办
    points: 0
    rule: {kind: per_event_deduct, each: {overdue: 0.5, recurred: 1, untrue: 2}, floor: null}
    inputs: {counts: {overdue: overdue, recurred: recurred, untrue: untrue}}
measures:
  overdue: {kind: deduction, at: confirmed_on, where: [[level, "=", overdue]]}
  recurred: {kind: deduction, at: confirmed_on, where: [[level, "=", recurred]]}
  untrue: {kind: deduction, at: confirmed_on, where: [[level, "=", untrue]]}
"""
