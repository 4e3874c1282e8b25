"""A vote from its opening to the points that it gives, over HTTP and on real servers."""

import asyncio

import httpx

from kit import migrations
from kit.testing import eventually
from scoring.ballots.domain.codes import CODE_BYTES, URN_KEY_BYTES, spelled
from tests.integration.scoring.appraisal.rooms import MIGRATIONS, Room
from tests.integration.scoring.ballots.hall import KEY, Hall, a_hall, at_once


async def test_a_vote_becomes_points_with_the_same_digits_from_its_trace(room: Room) -> None:
    hall = await a_hall(room, leaders=3, staff=4)
    await hall.cast_all("leaders", ["ABC", "BAC", "ABC"])
    await hall.cast_all("staff", ["BAC", "CAB", "BAC", "AAA"], final=True)
    async with room.running():
        answer = await hall.close()
        assert answer.status_code == 200, answer.text
        await room.until_points("east", "duty_vote", "8.53")  # (0.6 x 280/3 + 0.4 x 220/3) / 100 x 10
    found = await room.get("/v1/scores/2026/east/duty_vote/trace")
    assert "over quota" in found["words"]["en"]


async def test_the_result_shows_marks_by_class_and_invalid_ballots_by_reason(room: Room) -> None:
    hall = await a_hall(room, leaders=3, staff=5)
    await hall.cast_all("leaders", ["ABC", "BAC", "ABC"])
    await hall.cast_all("staff", ["BAC", "CAB", "BAC", "BBB", "AB"], final=True)
    await hall.cast(hall.codes["staff"][0], "A", "A", "A", final=True)
    early = await room.ask("GET", f"/v1/votes/{KEY}/result", "office")
    assert early.status_code == 409
    assert (await hall.close()).status_code == 200
    found = await room.get(f"/v1/votes/{KEY}/result")
    assert found["invalid"] == {"second": 1, "incomplete": 1, "uniform": 1}
    assert found["candidates"][0]["classes"] == {
        "leaders": {"counts": {"A": 2, "B": 1}, "mean": "280/3"},
        "staff": {"counts": {"B": 2, "C": 1}, "mean": "220/3"},
    }
    assert found["turnout"] == {"leaders": {"issued": 3, "cast": 3}, "staff": {"issued": 5, "cast": 5}}


async def test_a_class_with_too_few_valid_ballots_is_neither_shown_nor_counted(room: Room) -> None:
    hall = await a_hall(room, leaders=2, staff=3)
    await hall.cast_all("leaders", ["DBC", "DAC"])
    await hall.cast_all("staff", ["BAC", "CAB", "BAC"])
    async with room.running():
        assert (await hall.close()).status_code == 200
        await room.until_points("east", "duty_vote", "7.33")  # the mean of staff alone
    found = await room.get(f"/v1/votes/{KEY}/result")
    assert found["not_counted"] == ["leaders"]
    assert all("leaders" not in candidate["classes"] for candidate in found["candidates"])


async def test_a_vote_may_not_demand_fewer_than_three_ballots(room: Room) -> None:
    await a_hall(room)
    body = {
        "key": "other",
        "cycle": "2026",
        "title": "测评",
        "indicators": ["duty_vote"],
        "candidates": [{"key": "east", "name": "东"}],
        "least": 2,
        "closes_at": "2027-01-01T00:00:00Z",
    }
    assert (await room.ask("POST", "/v1/votes", "office", json=body)).json()["title"] == "vote-not-fit"
    body |= {"least": 3, "indicators": ["duty_report"]}
    assert (await room.ask("POST", "/v1/votes", "office", json=body)).json()["title"] == "wrong-state"


async def test_a_voter_is_told_what_is_missing_and_the_code_stays_good(room: Room) -> None:
    hall = await a_hall(room, staff=1)
    code = hall.codes["staff"][0]
    told = await hall.cast(code, "A", "B")
    assert (told.status_code, told.json()["title"]) == (422, "ballot-incomplete")
    assert [one["path"] for one in told.json()["errors"]] == ["marks.squad"]
    assert (await hall.cast(code.lower().replace("-", " "), "A", "B", "C")).status_code == 201


async def test_a_slip_of_the_finger_is_told_and_a_wrong_code_is_limited_in_rate(room: Room) -> None:
    hall = await a_hall(room, staff=1)
    code = hall.codes["staff"][0]
    slip = await hall.cast(("0" if code[0] != "0" else "1") + code[1:], "A", "B", "C")
    assert slip.json()["title"] == "code-mistyped"
    answers = [await hall.cast(spelled(bytes(CODE_BYTES)), "A", "B", "C") for _ in range(31)]  # well formed, but of no vote
    assert [answer.json()["title"] for answer in answers] == ["no-such-code"] * 30 + ["too-many-tries"]


async def test_one_code_cast_many_times_at_once_counts_once(room: Room) -> None:
    hall = await a_hall(room, staff=1)
    answers = await at_once(*[hall.cast(hall.codes["staff"][0], *marks) for marks in ("ABC", "BAC", "CBA", "ACB", "BCA")])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert [row["n"] for row in await hall.rows("select count(*) as n from ballots.papers")] == [1]
    assert [row["second"] for row in await hall.rows("select second from ballots.classes")] == [4]


async def test_codes_are_handed_out_once_a_class_to_the_office_only(room: Room) -> None:
    hall = await a_hall(room, staff=2)
    again = await room.ask("POST", f"/v1/votes/{KEY}/codes", "office", json={"class": "staff", "count": 2})
    assert again.status_code == 409
    for role in ("leader", "admin", "assessor", "unit"):
        refused = await room.ask("POST", f"/v1/votes/{KEY}/codes", role, json={"class": "leaders", "count": 2})
        assert refused.status_code == 403
    assert len(set(hall.codes["staff"])) == 2


async def test_nobody_ends_a_vote_before_its_time_while_codes_are_unused(room: Room) -> None:
    hall = await a_hall(room, leaders=1, staff=1)
    await hall.cast_all("staff", ["ABC"])
    assert (await hall.close()).status_code == 409
    await hall.cast_all("leaders", ["ABC"])
    assert (await hall.close()).status_code == 200


async def test_another_key_opens_no_urn_and_a_cancelled_vote_is_never_counted(room: Room) -> None:
    hall = await a_hall(room, leaders=1, staff=1)
    room.clock.move(days=2)
    assert (await hall.close(urn_key=spelled(bytes(URN_KEY_BYTES)))).json()["title"] == "not-the-key"
    cancelled = await room.ask("POST", f"/v1/votes/{KEY}/cancel", "office", json={"reason": "钥匙遗失"})
    assert cancelled.json()["state"] == "cancelled"
    assert (await hall.close()).status_code == 409
    assert (await hall.cast(hall.codes["staff"][0], "A", "B", "C")).status_code == 409


async def test_closing_while_ballots_are_cast_counts_each_accepted_one_and_no_other(room: Room) -> None:
    hall = await a_hall(room, leaders=1, staff=12)
    await hall.cast_all("leaders", ["ABC"])
    casting = [hall.cast(code, "A", "B", "C") for code in hall.codes["staff"]]
    answers = await at_once(*casting[:6], close_late(hall), *casting[6:])
    accepted = sum(answer.status_code == 201 for answer in answers)
    await eventually(lambda: closed(room), within=5)
    found = await room.get(f"/v1/votes/{KEY}/result")
    assert found["turnout"]["staff"]["cast"] == accepted
    assert all(answer.status_code in {200, 201, 409} for answer in answers)


async def close_late(hall: Hall) -> httpx.Response:
    hall.room.clock.move(days=2)
    return await hall.close()


async def closed(room: Room) -> bool:
    return bool((await room.get("/v1/votes", cycle="2026"))[0]["state"] == "closed")


async def test_an_open_vote_shows_how_many_voted_to_office_and_leaders_only(room: Room) -> None:
    hall = await a_hall(room, staff=3)
    await hall.cast_all("staff", ["ABC", "BAC"])
    assert (await room.get("/v1/votes", "leader", cycle="2026"))[0]["turnout"] == {"staff": {"issued": 3, "cast": 2}}
    for role in ("admin", "assessor", "unit", "auditor"):
        assert (await room.ask("GET", "/v1/votes?cycle=2026", role, units=["east"])).status_code == 403


async def test_a_blank_ballot_is_there_for_everybody(room: Room) -> None:
    await a_hall(room)
    found = (await room.client.get(f"/v1/votes/{KEY}/paper")).json()
    assert [candidate["key"] for candidate in found["candidates"]] == ["east", "west", "squad"]
    assert found["scale"] == {"A": "100", "B": "80", "C": "60", "D": "40"}
    assert found["classes"]["staff"] == {"weight": "2/5", "reject_uniform": True, "quota": {"A": 2}}
    assert (await room.client.get("/v1/votes/other/paper")).status_code == 404


async def test_the_tables_are_those_that_the_migrations_make(room: Room) -> None:
    await asyncio.to_thread(migrations.check, MIGRATIONS, room.settings.database_url.get_secret_value())
