from dataclasses import replace

import pytest

from scoring.ledger.domain.reasons import Reason
from scoring.ledger.handlers.intake import Status, answer_about
from scoring.ledger.handlers.mending import adopt, discard, replay, replay_all, sources_now
from scoring.ledger.handlers.refusals import InTheWay, NoSuch, NotYourSource
from scoring.ledger.handlers.registering import SourceEntry
from scoring.ledger.handlers.work import Kept, KeptFact, Proof, SourceSummary
from scoring.ledger.recount import told
from tests.unit.scoring.ledger.fakes import NOW, Bench

KEPT = Kept(
    id=7,
    source="hotline",
    reason=Reason.UNKNOWN_KIND,
    detail="dossier",
    event="e-1",
    state="open",
    times=1,
    partition=0,
    offset=3,
    received_at=NOW,
    closed_at=None,
    key=b"call-1",
    value=b"\xffnot json",
    headers=(("a", b"b"),),
)
SUMMARY = SourceSummary(
    source="hotline",
    name="热线",
    received=5,
    applied=3,
    duplicates=1,
    late=0,
    corrected=0,
    withdrawn=0,
    conflicts=0,
    quarantined=1,
    open=1,
    unassigned=0,
    taken={0: 5},
    newest=NOW,
    received_at=NOW,
    paused=None,
)


def bench(*rows: Kept) -> Bench:
    made = Bench()
    made.catalogue.entries["hotline"] = SourceEntry(slug="hotline", uri="urn:source:hotline", name="热线")
    made.feed.topics["hotline"] = {0: 9, 1: 2}
    made.quarantine.rows = {row.id: row for row in rows}
    return made


async def test_a_replay_is_asked_for_and_not_sent_by_the_one_who_asks() -> None:
    here = bench(KEPT)
    await replay(7, work=here.work())
    assert here.quarantine.rows[7].state == "asked"
    assert here.feed.sent == []


async def test_what_is_done_with_is_neither_replayed_nor_discarded() -> None:
    here = bench(replace(KEPT, closed_at=NOW))
    for command in (replay, discard):
        with pytest.raises(InTheWay):
            await command(7, work=here.work())
    assert here.quarantine.rows[7].state == "open"


async def test_all_open_messages_of_a_reason_are_asked_for_and_then_those_that_are_left() -> None:
    here = bench(KEPT, replace(KEPT, id=8, reason=Reason.BAD_TIME), replace(KEPT, id=9, closed_at=NOW))
    assert await replay_all("hotline", Reason.UNKNOWN_KIND, work=here.work()) == 1
    assert await replay_all("hotline", None, work=here.work()) == 1
    assert await replay_all("hotline", None, work=here.work()) == 0
    with pytest.raises(NoSuch):
        await replay_all("nobody", None, work=here.work())


async def test_a_discarded_message_is_kept_and_closed_on_the_day() -> None:
    here = bench(KEPT)
    closed = await discard(7, work=here.work())
    assert (closed.state, closed.closed_at, closed.value) == ("discarded", NOW, KEPT.value)


async def test_a_log_is_adopted_from_its_beginnings() -> None:
    here = bench()
    await adopt("hotline", work=here.work())
    assert here.logs.adopted == {"hotline": {0: 0, 1: 0}}


async def test_what_lies_on_the_log_and_was_not_taken_is_behind() -> None:
    here = bench()
    here.readings.summaries = [SUMMARY]
    (now,) = await sources_now(work=here.work())
    assert now.behind == 6


@pytest.mark.parametrize(
    ("fact", "status"),
    [
        (None, Status.PENDING),
        (KeptFact(copies=0, received_at=NOW), Status.APPLIED),
        (KeptFact(copies=2, received_at=NOW), Status.DUPLICATE),
    ],
    ids=str,
)
async def test_a_feed_learns_what_became_of_its_event(fact: KeptFact | None, status: Status) -> None:
    here = bench()
    if fact:
        here.readings.facts["hotline", "e-1"] = fact
    answer = await answer_about("urn:source:hotline", "e-1", work=here.work("feed", units=["hotline"]))
    assert answer.status is status
    assert answer.zh.endswith("。")


@pytest.mark.parametrize(
    ("reason", "status"),
    [(Reason.OTHER_CONTENT, Status.CONFLICT), (Reason.OTHER_KIND, Status.QUARANTINED), (Reason.BAD_TIME, Status.QUARANTINED)],
)
async def test_a_refused_event_is_told_with_the_reason_and_what_to_do(reason: Reason, status: Status) -> None:
    answer = await answer_about("hotline", "e-1", work=bench(replace(KEPT, reason=reason)).work())
    assert (answer.status, answer.reason, answer.message) == (status, reason, 7)


async def test_a_feed_may_not_ask_about_the_events_of_another() -> None:
    with pytest.raises(NotYourSource):
        await answer_about("hotline", "e-1", work=bench().work("feed", units=["case-system"]))


def test_a_proof_is_told_in_one_line_when_all_is_well_and_by_name_when_not() -> None:
    well = Proof(facts=3, records=2, places=1, wrong_records=[], wrong_totals=[])
    assert told(well).endswith("all agree / 全部一致\n")
    ill = replace(well, wrong_records=[("hotline", "call-1")], wrong_totals=[{"measure": "closed", "held_n": "2"}])
    assert told(ill).splitlines()[1:] == ["record hotline call-1 is not what its facts come to", "measure=closed held_n=2"]
