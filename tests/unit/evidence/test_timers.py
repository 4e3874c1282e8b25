import asyncio
from datetime import timedelta

import pytest

from evidence.app import METRICS
from evidence.domain.claims import Found
from evidence.domain.refusals import ChangedMeanwhile, NotUploaded, StoreDown
from evidence.domain.revisions import Accepted, State, UploadRefused
from evidence.timers import Finishing, IntegrityCheck, Sweep, every
from kit.metrics import Metrics
from tests.unit.evidence.builders import EVIDENCE, SHA, a_revision
from tests.unit.evidence.fakes import CONTACT, POLICY, Room

RIGHT = Found(10, SHA, frozenset({"application/pdf"}))
KEY = a_revision().key


class Clockwork:
    """A room with its timers."""

    def __init__(self, state: State = State.DECLARED, *, sent: Found | None = RIGHT) -> None:
        self.room = Room()
        revision = a_revision(state)
        self.room.pieces.units[EVIDENCE] = revision.unit
        self.room.pieces.revisions[EVIDENCE, 1] = revision
        if sent is not None:
            self.room.files.quarantine[KEY] = sent
        room, self.metrics = self.room, Metrics(METRICS)
        self.finishing = Finishing(room.works, room.files, room.clock, POLICY, self.metrics)
        self.sweep = Sweep(room.works, self.finishing, room.files, room.clock, POLICY, self.metrics)
        self.integrity = IntegrityCheck(room.works, room.files, room.clock, self.metrics, timedelta(hours=24))

    @property
    def state(self) -> State:
        return self.room.pieces.revisions[EVIDENCE, 1].state


async def test_an_upload_is_finished_in_one_go() -> None:
    clockwork = Clockwork()
    settled = await clockwork.finishing.finish(EVIDENCE, 1, CONTACT)
    assert settled.state is State.ACCEPTED
    assert clockwork.room.files.safe == {KEY: RIGHT}
    assert 'evidence_uploads_total{outcome="accepted"} 1.0' in clockwork.metrics.page().decode()


async def test_nothing_is_locked_that_differs_from_the_claim() -> None:
    clockwork = Clockwork(sent=Found(10, "b" * 64, frozenset()))
    assert (await clockwork.finishing.finish(EVIDENCE, 1, CONTACT)).state is State.REFUSED
    assert clockwork.room.files.safe == {}
    assert isinstance(clockwork.room.said.facts[0], UploadRefused)


async def test_a_file_that_has_not_arrived_leaves_the_upload_open() -> None:
    clockwork = Clockwork(sent=None)
    with pytest.raises(NotUploaded):
        await clockwork.finishing.finish(EVIDENCE, 1, CONTACT)
    assert clockwork.state is State.DECLARED


async def test_an_outage_in_the_middle_keeps_what_the_uploader_said() -> None:
    clockwork = Clockwork()
    clockwork.room.files.down = True
    with pytest.raises(StoreDown):
        await clockwork.finishing.finish(EVIDENCE, 1, CONTACT)
    assert clockwork.state is State.UPLOADED
    assert clockwork.finishing.busy == set()


async def test_bytes_that_changed_while_they_were_read_are_read_again_by_the_next_try() -> None:
    clockwork = Clockwork()
    clockwork.room.files.swapped = True
    with pytest.raises(ChangedMeanwhile):
        await clockwork.finishing.finish(EVIDENCE, 1, CONTACT)
    clockwork.room.files.swapped = False
    await clockwork.sweep.round()
    assert clockwork.state is State.ACCEPTED


async def test_the_sweep_finishes_what_was_left_and_a_second_round_does_nothing_more() -> None:
    clockwork = Clockwork(State.UPLOADED)
    for _ in range(2):
        await clockwork.sweep.round()
    assert clockwork.state is State.ACCEPTED
    assert [type(fact) for fact in clockwork.room.said.facts] == [Accepted]
    assert clockwork.room.files.copies == 1


async def test_the_sweep_leaves_alone_what_a_request_is_working_on() -> None:
    clockwork = Clockwork(State.UPLOADED)
    clockwork.finishing.busy.add((EVIDENCE, 1))
    await clockwork.sweep.round()
    assert clockwork.state is State.UPLOADED


async def test_the_sweep_lets_an_upload_be_that_may_still_come() -> None:
    clockwork = Clockwork(sent=None)
    await clockwork.sweep.round()
    assert clockwork.state is State.DECLARED


async def test_the_sweep_lapses_what_never_came() -> None:
    clockwork = Clockwork(sent=None)
    clockwork.room.clock.move(hours=26)
    await clockwork.sweep.round()
    assert clockwork.state is State.LAPSED


async def test_quarantine_is_emptied_when_nothing_can_be_sent_any_more() -> None:
    clockwork = Clockwork(State.ACCEPTED)
    await clockwork.sweep.round()
    assert clockwork.room.files.quarantine
    clockwork.room.clock.move(hours=2)
    await clockwork.sweep.round()
    assert clockwork.room.files.quarantine == {}


async def test_a_store_that_is_down_stops_the_round_and_the_next_goes_on() -> None:
    clockwork = Clockwork(State.UPLOADED)
    clockwork.room.files.down = True
    with pytest.raises(StoreDown):
        await clockwork.sweep.round()
    clockwork.room.files.down = False
    await clockwork.sweep.round()
    assert clockwork.state is State.ACCEPTED


@pytest.mark.parametrize(("lying", "damaged"), [(RIGHT, 0), (Found(10, "b" * 64, frozenset()), 1), (None, 1)])
async def test_the_integrity_check_counts_what_is_not_as_it_was_accepted(lying: Found | None, damaged: int) -> None:
    clockwork = Clockwork(State.ACCEPTED)
    if lying is not None:
        clockwork.room.files.safe[KEY] = lying
    assert await clockwork.integrity.round() == damaged
    assert f"evidence_damaged_revisions {damaged}.0" in clockwork.metrics.page().decode()


async def test_what_can_not_be_read_is_not_called_damaged() -> None:
    clockwork = Clockwork(State.ACCEPTED)
    clockwork.room.files.down = True
    with pytest.raises(StoreDown):
        await clockwork.integrity.round()
    assert clockwork.room.said.facts == []


async def test_a_timer_goes_on_after_an_outage() -> None:
    rounds = 0
    done = asyncio.Event()

    async def once() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise StoreDown
        done.set()

    running = asyncio.ensure_future(every(0, once))
    await asyncio.wait_for(done.wait(), 5)
    running.cancel()
    assert rounds >= 2
