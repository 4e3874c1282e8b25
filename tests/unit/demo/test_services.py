"""The platform is asked by the right people for the right things, and a day ends only when everybody has heard of it."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx
import pytest

from demo import services
from demo.acting import Item, Move
from demo.bureau import load_bureau, load_kinds, load_sources
from demo.callers import Callers
from demo.office import Found, Given
from demo.services import Addresses, HttpPlatform
from demo.setting_up import Registers
from kit.workdays import shipped

AT = Addresses(scoring="http://scoring", evidence="http://evidence", feedback="http://feedback", notification="http://notification")
ITEM = Item(id="7", unit="wanglan", indicator="calls_in_time", state="submitted", number=3)
TODAY = date(2026, 7, 13)
INDICATOR = {"key": "campaigns", "name": "专项整治", "department": "专项整治科", "points": "6", "is_marked": False}
QUIET = {
    "/v1/feed/summary": {"totals": {"behind": 0}, "counting": None},
    "/v1/settlement": {"waiting": 0, "counting": False},
    "/v1/lines/2026": [],
    "/v1/progress": {"quiet": True},
    "/v1/indicators/2026": [INDICATOR],
    "/v1/deductions": {"deductions": []},
    "/v1/items": {"items": []},
}


class World:
    """Answers by path; a list of answers is given one by one. Remembers (who, method, host and path, body)."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = dict(QUIET)
        self.asked: list[tuple[str, str, str, Any]] = []
        self.said: list[str] = []
        self.callers = Callers(httpx.AsyncClient(transport=httpx.MockTransport(self._answer)), "http://issuer", "secret")
        self.platform = HttpPlatform(
            self.callers, AT, cycle="2026", departments=load_bureau().departments, calendar=shipped(), say=self.said.append
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": json.loads(request.content)["subject"]})
        who = request.headers.get("authorization", "Bearer nobody").removeprefix("Bearer ")
        is_json = request.headers.get("content-type") == "application/json"
        body = json.loads(request.content) if is_json else request.content
        self.asked.append((who, request.method, f"{request.url.host}{request.url.path}", body))
        answer = self.answers.get(request.url.path, {})
        if isinstance(answer, list) and answer and isinstance(answer[0], tuple):
            answer = answer.pop(0)[0] if len(answer) > 1 else answer[0][0]
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def asks(self, path: str) -> list[tuple[str, str, str, Any]]:
        return [asked for asked in self.asked if asked[2].endswith(path)]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(services, "LOOK_EVERY", 0.001)
    return World()


@pytest.mark.parametrize(
    ("move", "who"),
    [
        (Move.SIGN, "wanglan-contact"),
        (Move.START, "wanglan-contact"),
        (Move.RETURN, "supervision-head"),
        (Move.VERIFY, "supervision-head"),
        (Move.CLOSE, "appraisal-office-head"),
    ],
)
async def test_each_move_is_made_by_whom_it_belongs_to(world: World, move: Move, who: str) -> None:
    await world.platform.act(ITEM, move, TODAY)
    assert [(asked[0], asked[2]) for asked in world.asked] == [(who, f"feedback/v1/items/7/{move}")]


async def test_a_submission_is_proved_by_a_file_of_the_declared_hash_before_it_is_handed_in(world: World) -> None:
    world.answers["/v1/evidence"] = {"evidence": "e1", "revision": 1, "url": "http://store/upload"}
    await world.platform.act(ITEM, Move.SUBMIT, TODAY)
    declared, upload, final, submitted = world.asked
    assert declared[3]["subjects"] == [{"kind": "item", "id": "7"}]
    assert (declared[3]["size"], upload[1:3]) == (len(upload[3]), ("PUT", "store/upload"))
    assert final[2] == "evidence/v1/evidence/e1/revisions/1/finalize"
    assert submitted[2] == "feedback/v1/items/7/submit"


async def test_a_move_that_is_refused_is_told_and_does_not_stop_the_day(world: World) -> None:
    world.answers["/v1/items/7/verify"] = httpx.Response(409, text="no accepted evidence")
    await world.platform.act(ITEM, Move.VERIFY, TODAY)
    assert "no accepted evidence" in world.said[0]


async def test_a_notice_that_was_deemed_signed_this_morning_is_no_news(world: World) -> None:
    quicker = httpx.Response(409, json={"type": "urn:kaohe:problem:illegal-move"}, headers={"content-type": "application/problem+json"})
    world.answers["/v1/items/7/sign"] = quicker
    await world.platform.act(ITEM, Move.SIGN, TODAY)
    assert world.said == []


async def test_a_problem_names_the_indicator_and_its_department(world: World) -> None:
    found = Found(on=TODAY, unit="zhatu", department="campaigns", indicator="campaigns", cause="c", finding="f", severity="major")
    await world.platform.raise_problem(found)
    who, _, _, body = world.asks("/v1/problems")[0]
    assert (who, body["indicator_name"], body["department"], body["due_on"]) == ("campaigns-head", "专项整治", "专项整治科", None)


async def test_deductions_are_confirmed_two_working_days_after_they_were_proposed(world: World) -> None:
    proposed = [{"id": "old", "proposed_on": "2026-07-09"}, {"id": "new", "proposed_on": "2026-07-10"}]
    world.answers["/v1/deductions"] = {"deductions": proposed}
    await world.platform.decide_deductions(TODAY)
    assert [asked[2] for asked in world.asked if asked[1] == "POST"] == ["feedback/v1/deductions/old/confirm"]


async def test_a_day_is_over_when_feed_scores_and_messages_are_through(world: World) -> None:
    behind: Mapping[str, Any] = {"totals": {"behind": 5}, "counting": None}
    world.answers["/v1/feed/summary"] = [(behind,), (QUIET["/v1/feed/summary"],)]
    world.answers["/v1/progress"] = [({"quiet": False},), ({"quiet": True},)]
    await world.platform.settled()
    assert len(world.asks("/v1/feed/summary")) == 2
    assert len(world.asks("/v1/progress")) == 2


async def test_a_line_that_was_crossed_is_waited_for_until_it_is_an_item(world: World) -> None:
    await world.platform.settled()
    world.answers["/v1/lines/2026"] = [{"unit": "wanglan", "indicator": "calls_in_time", "level": "red", "crossed": True}]
    item = {"id": "7", "unit": "wanglan", "indicator": "calls_in_time", "state": "noticed", "sent_on": "2026-06-24"}
    world.answers["/v1/items"] = [({"items": []},), ({"items": [item]},)]
    await world.platform.settled()
    assert len(world.asks("/v1/items")) == 2


async def test_lines_that_were_crossed_before_the_start_are_not_waited_for(world: World) -> None:
    world.answers["/v1/lines/2026"] = [{"unit": "wanglan", "indicator": "calls_in_time", "level": "red", "crossed": True}]
    await world.platform.settled()
    assert world.asks("/v1/items") == []


async def test_a_platform_that_never_comes_to_rest_is_told_where_to_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DAY_PATIENCE", 0.05)
    world.answers["/v1/settlement"] = {"waiting": 3, "counting": False}
    with pytest.raises(TimeoutError, match="scores did not catch up"):
        await world.platform.settled()


async def test_the_bureau_is_set_up_whole_and_its_scheme_activated(world: World) -> None:
    world.answers["/v1/schemes/2026"] = []
    world.answers["/v1/schemes"] = {"version": 1}
    registers = Registers(callers=world.callers, scoring=AT.scoring, notification=AT.notification)
    await registers.set_up(load_bureau(), kinds=load_kinds(), sources=load_sources(), scheme="cycle: '2026'")
    assert len([asked for asked in world.asked if "/v1/units/" in asked[2]]) == 14
    assert len(world.asks("/people/import")[0][3]["people"]) == 70
    assert world.asks("/hotline/aliases")[0][3]["aliases"]["12345-03"] == "wanglan"
    assert world.asked[-1][2] == "scoring/v1/schemes/2026/1/activate"


async def test_marks_are_given_by_the_appointed_head_of_the_department_over_the_one_that_stands(world: World) -> None:
    marked = [{**INDICATOR, "key": key, "department": name, "is_marked": True} for key, name in (("a", "法制科"), ("b", "考核组"))]
    world.answers["/v1/indicators/2026"] = marked
    world.answers["/v1/marks/2026"] = [{"id": "former"}]
    registers = Registers(callers=world.callers, scoring=AT.scoring, notification=AT.notification)
    await registers.appoint(load_bureau())
    appointed = {asked[2].rsplit("/", 1)[1]: asked[3]["departments"] for asked in world.asked if "/v1/assessors/2026/" in asked[2]}
    assert appointed == {"legal-head": ["法制科"], "supervision-head": ["考核组"]}
    await world.platform.give(Given(unit="wanglan", indicator="a", mark="5", reason="r", department="法制科"))
    assert [asked[0] for asked in world.asked if "/v1/marks/" in asked[2]] == ["legal-head", "legal-head"]
    assert world.asks("/v1/marks/2026/wanglan/a")[0][3]["replaces"] == "former"


async def test_a_scheme_that_is_active_is_left_alone(world: World) -> None:
    world.answers["/v1/schemes/2026"] = [{"version": 1, "state": "active"}]
    registers = Registers(callers=world.callers, scoring=AT.scoring, notification=AT.notification)
    await registers.set_up(load_bureau(), kinds=load_kinds(), sources=load_sources(), scheme="cycle: '2026'")
    assert world.asks("/activate") == []


async def test_a_change_waits_while_the_one_before_is_still_being_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.setting_up.AGAIN_AFTER", 0.001)
    busy = httpx.Response(409, json={"type": "urn:kaohe:problem:counting-under-way"}, headers={"content-type": "application/problem+json"})
    world.answers["/v1/sources/hotline/aliases"] = [(busy,), ({},)]
    world.answers["/v1/schemes/2026"] = [{"version": 1, "state": "active"}]
    registers = Registers(callers=world.callers, scoring=AT.scoring, notification=AT.notification)
    await registers.set_up(load_bureau(), kinds=load_kinds(), sources=load_sources(), scheme="cycle: '2026'")
    assert len(world.asks("/hotline/aliases")) == 2
