"""Nothing that is kept or said leads from a ballot to a code (docs/adr/0013): the database is searched as its administrator would."""

import logging

import pytest

from contracts.scoring import ScoreChangedV1
from scoring.ballots.domain.codes import CODE_BYTES, URN_KEY_BYTES, digest_of, read
from scoring.ballots.domain.refusals import NotTheKey
from scoring.ballots.domain.sealing import opened
from tests.integration.scoring.appraisal.rooms import Room
from tests.integration.scoring.ballots.hall import Hall, a_hall


def secrets_of(hall: Hall) -> list[str]:
    """Each code and the urn's key, as they are typed, run together, and in bytes."""
    spelled = [*(code for codes in hall.codes.values() for code in codes), hall.urn_key]
    bodies = [read(code, CODE_BYTES if code != hall.urn_key else URN_KEY_BYTES).hex() for code in spelled]
    return [*spelled, *(code.replace("-", "") for code in spelled), *bodies]


async def test_no_table_log_or_event_of_a_whole_vote_holds_a_code_or_the_key(
    room: Room, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        hall = await a_hall(room, leaders=3, staff=4)
        while_open = await hall.everything()
        await hall.cast_all("leaders", ["ABC", "BAC", "ABC"])
        await hall.cast_all("staff", ["BAC", "CAB", "BAC"])
        await hall.cast(hall.codes["staff"][0], "A", "B", "C")
        await hall.cast(hall.codes["staff"][3], "A")
        while_open += await hall.everything()
        async with room.running():
            await hall.end()
            await room.until_points("east", "duty_vote", "8.53")
            await room.until_settled()
        said = str(await room.heard(ScoreChangedV1))
    assert "duty_vote" in said
    logged = caplog.text + "".join(capfd.readouterr())  # where lines go depends on what ran before in this process
    assert "/ballots" in logged
    page = (await room.client.get("/metrics")).text
    for secret in secrets_of(hall):
        for kept in (while_open, await hall.everything(), logged, said, page):
            assert secret not in kept


async def test_after_the_end_there_is_no_row_of_a_code_or_a_ballot_left_to_be_joined(room: Room) -> None:
    hall = await a_hall(room, leaders=3, staff=4)
    await hall.cast_all("leaders", ["ABC", "BAC", "ABC"])
    await hall.cast_all("staff", ["BAC", "CAB", "BAC"])
    (vote,) = await hall.rows("select secret from ballots.votes")
    digests = [digest_of(read(code, CODE_BYTES), vote["secret"]).hex() for codes in hall.codes.values() for code in codes]
    await hall.end()
    assert await hall.rows("select 1 from ballots.codes") == []
    assert await hall.rows("select 1 from ballots.papers") == []
    whole = await hall.everything()
    assert vote["secret"].hex() not in whole
    assert not any(digest in whole for digest in digests)
    written = await hall.rows("select xmin::text, result is not null as counted from ballots.votes")
    assert [row["counted"] for row in written] == [True]  # all counts in one row, by one transaction


async def test_what_a_transaction_joins_while_the_vote_is_open_can_not_be_read(room: Room) -> None:
    """Somebody who copies the database now finds paper and code of one transaction; the paper is sealed, and no key lies there."""
    hall = await a_hall(room, staff=4)
    await hall.cast_all("staff", ["ABC", "ABC", "CBA"])
    await hall.cast(hall.codes["staff"][3], "A", final=True)
    joined = await hall.rows(
        "select p.sealed, c.digest, v.secret, v.lock from ballots.papers p"
        " join ballots.codes c on c.xmin = p.xmin join ballots.votes v on v.key = p.vote"
    )
    assert len(joined) == 4
    assert len({len(row["sealed"]) for row in joined}) == 1  # a missing mark is as long as a mark
    assert len({row["sealed"] for row in joined}) == 4  # equal ballots look different
    for row in joined:
        for guess in (row["secret"], row["lock"], row["digest"]):
            with pytest.raises(NotTheKey):
                opened(row["sealed"], guess[:URN_KEY_BYTES], place="kaohe ballot 2026-duty/staff")


async def test_the_order_in_which_ballots_came_changes_nothing_that_is_kept(room: Room) -> None:
    hall = await a_hall(room, staff=4)
    await hall.cast_all("staff", ["CBA", "ABC", "BAC", "ABC"])
    await hall.end()
    (row,) = await hall.rows("select result::text as result from ballots.votes")
    assert '"staff": {"east": {"A": 2, "B": 1, "C": 1}' in row["result"]


async def test_the_trace_of_a_score_holds_counts_and_no_ballot(room: Room) -> None:
    hall = await a_hall(room, leaders=3, staff=3)
    await hall.cast_all("leaders", ["ABC", "BAC", "ABC"])
    await hall.cast_all("staff", ["BAC", "CAB", "BAC"])
    async with room.running():
        await hall.end()
        await room.until_points("east", "duty_vote", "8.53")
    (row,) = await hall.rows(
        "select trace->'inputs' as inputs, trace->'sources' as sources from appraisal.scores "
        "where unit = 'east' and indicator = 'duty_vote'"
    )
    assert row["inputs"] == '{"tally": {"staff": {"B": 2, "C": 1}, "leaders": {"A": 2, "B": 1}}, "invalid": {}}'
    assert "2026-duty" in row["sources"]
