from datetime import timedelta

import pytest

from evidence import handlers
from evidence.domain.claims import Fault, Found, Subject, SubjectKind, UnitCode
from evidence.domain.refusals import BadClaim, BadSubject, IllegalMove, NoSuchEvidence, NotAccepted, NotYourUnit
from evidence.domain.revisions import Accepted, IntegrityFailed, Locked, State, UploadRefused
from tests.unit.evidence.builders import EVIDENCE, NOW, SHA, a_claim, a_revision
from tests.unit.evidence.fakes import OFFICE, STRANGER, Room

WANGLAN = UnitCode("wanglan")
ITEM = Subject(SubjectKind.ITEM, "item-1")
OTHER = Subject(SubjectKind.ITEM, "item-2")
RIGHT = Found(10, SHA, frozenset({"application/pdf"}))
LOCKED = Locked("v1", NOW + timedelta(days=3650))


async def declared() -> Room:
    room = Room()
    await handlers.declare(EVIDENCE, a_claim(), room.work(), unit=WANGLAN, subjects=[ITEM])
    return room


async def in_state(state: State) -> Room:
    room = await declared()
    await room.pieces.change(a_revision(state))
    return room


async def test_a_declaration_gives_an_address_for_an_hour() -> None:
    room = Room()
    ticket = await handlers.declare(EVIDENCE, a_claim(), room.work(), unit=WANGLAN, subjects=[ITEM])
    assert (ticket.revision.state, ticket.until) == (State.DECLARED, NOW + timedelta(hours=1))
    assert ticket.url == f"put:{EVIDENCE}/1/{SHA}:1:00:00"


async def test_nothing_is_declared_for_another_unit() -> None:
    room = Room()
    with pytest.raises(NotYourUnit):
        await handlers.declare(EVIDENCE, a_claim(), room.work(), unit=UnitCode("beiwei"), subjects=[])
    assert room.pieces.units == {}


async def test_the_office_declares_its_own_evidence_without_a_unit() -> None:
    room = Room()
    ticket = await handlers.declare(EVIDENCE, a_claim(), room.work(OFFICE), unit=None, subjects=[])
    assert (ticket.revision.unit, ticket.revision.uploader) == (None, "office-1")


async def test_a_claim_that_can_not_be_fulfilled_is_refused() -> None:
    with pytest.raises(BadClaim):
        await handlers.declare(EVIDENCE, a_claim(size=0), Room().work(), unit=WANGLAN, subjects=[])


async def test_a_subject_of_another_unit_is_refused_on_declaration_and_later() -> None:
    foreign = Subject(SubjectKind.INDICATOR, "2026/beiwei/row-1")
    with pytest.raises(BadSubject):
        await handlers.declare(EVIDENCE, a_claim(), Room().work(), unit=WANGLAN, subjects=[foreign])
    room = await declared()
    with pytest.raises(BadSubject):
        await handlers.add_subjects(EVIDENCE, [foreign], room.work())


async def test_revisions_are_numbered_one_after_another() -> None:
    room = await declared()
    tickets = [await handlers.revise(EVIDENCE, a_claim(sha256="b" * 64), room.work()) for _ in range(2)]
    assert [ticket.revision.number for ticket in tickets] == [2, 3]


async def test_who_may_not_hand_in_for_the_unit_finds_nothing_to_revise_or_to_link() -> None:
    room = await declared()
    stranger = room.work(STRANGER)
    with pytest.raises(NoSuchEvidence):
        await handlers.revise(EVIDENCE, a_claim(), stranger)
    with pytest.raises(NoSuchEvidence):
        await handlers.add_subjects(EVIDENCE, [OTHER], stranger)


async def test_an_address_is_renewed_from_now() -> None:
    room = await declared()
    room.clock.move(hours=5)
    ticket = await handlers.renew_upload(EVIDENCE, 1, room.work())
    assert ticket.until == NOW + timedelta(hours=6)
    assert (await room.pieces.revision(EVIDENCE, 1)).upload_until == ticket.until


async def test_no_address_is_given_for_what_was_finalized() -> None:
    room = await in_state(State.UPLOADED)
    with pytest.raises(IllegalMove):
        await handlers.renew_upload(EVIDENCE, 1, room.work())


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REFUSED, State.LAPSED])
async def test_finalizing_what_is_settled_changes_nothing(state: State) -> None:
    room = await in_state(state)
    assert (await handlers.finalize(EVIDENCE, 1, room.work())).state is state


async def test_the_right_bytes_are_accepted_and_said_with_their_subjects() -> None:
    room = await in_state(State.UPLOADED)
    settled = await handlers.settle(EVIDENCE, 1, RIGHT, LOCKED, room.work())
    assert (settled.state, settled.locked) == (State.ACCEPTED, LOCKED)
    assert room.said.facts == [Accepted(settled, (ITEM,))]


async def test_other_bytes_are_refused_and_said_with_the_fault() -> None:
    room = await in_state(State.UPLOADED)
    settled = await handlers.settle(EVIDENCE, 1, Found(9, SHA, frozenset()), None, room.work())
    assert settled.state is State.REFUSED
    assert room.said.facts == [UploadRefused(settled, Fault.SIZE_DIFFERS)]


async def test_right_bytes_that_could_not_be_locked_settle_nothing() -> None:
    room = await in_state(State.UPLOADED)
    assert (await handlers.settle(EVIDENCE, 1, RIGHT, None, room.work())).state is State.UPLOADED
    assert room.said.facts == []


async def test_the_second_settling_finds_the_first() -> None:
    room = await in_state(State.UPLOADED)
    first = await handlers.settle(EVIDENCE, 1, RIGHT, LOCKED, room.work())
    assert await handlers.settle(EVIDENCE, 1, RIGHT, Locked("v2", LOCKED.until), room.work()) == first
    assert len(room.said.facts) == 1


@pytest.mark.parametrize(("hours", "state"), [(0, State.DECLARED), (25, State.DECLARED), (26, State.LAPSED)])
async def test_a_missing_file_leaves_the_upload_open_until_its_time_is_long_over(hours: int, state: State) -> None:
    room = await in_state(State.UPLOADED)
    room.clock.move(hours=hours)
    await handlers.miss(EVIDENCE, 1, room.work())
    assert (await room.pieces.revision(EVIDENCE, 1)).state is state


async def test_a_miss_that_comes_after_the_settling_changes_nothing() -> None:
    room = await in_state(State.ACCEPTED)
    await handlers.miss(EVIDENCE, 1, room.work())
    assert (await room.pieces.revision(EVIDENCE, 1)).state is State.ACCEPTED


async def test_only_new_subjects_are_said_and_only_for_what_was_accepted() -> None:
    room = await in_state(State.ACCEPTED)
    await handlers.revise(EVIDENCE, a_claim(), room.work())
    await handlers.add_subjects(EVIDENCE, [ITEM, OTHER], room.work())
    await handlers.add_subjects(EVIDENCE, [ITEM, OTHER], room.work())
    assert room.said.facts == [Accepted(a_revision(State.ACCEPTED), (OTHER,))]


async def test_a_download_is_logged_with_the_reader_and_the_business_instant() -> None:
    room = await in_state(State.ACCEPTED)
    ticket = await handlers.download(EVIDENCE, 1, room.work(OFFICE))
    assert ticket.until == NOW + timedelta(minutes=5)
    assert [(read.reader, read.revision, read.at) for read in room.reads.log] == [("office-1", 1, NOW)]


async def test_what_was_not_accepted_is_not_given_and_not_logged() -> None:
    room = await declared()
    with pytest.raises(NotAccepted):
        await handlers.download(EVIDENCE, 1, room.work())
    with pytest.raises(NoSuchEvidence):
        await handlers.download(EVIDENCE, 7, room.work())
    assert room.reads.log == []


async def test_damage_is_said_when_it_is_found_and_not_again() -> None:
    room = await in_state(State.ACCEPTED)
    for _ in range(2):
        await handlers.record_check(EVIDENCE, 1, None, room.work())
    found = [fact for fact in room.said.facts if isinstance(fact, IntegrityFailed)]
    assert [fact.found for fact in found] == [None]


async def test_damage_after_a_repair_is_said_anew() -> None:
    room = await in_state(State.ACCEPTED)
    rotten = Found(10, "b" * 64, frozenset())
    for found in (rotten, RIGHT, rotten):
        await handlers.record_check(EVIDENCE, 1, found, room.work())
    assert [fact.found for fact in room.said.facts if isinstance(fact, IntegrityFailed)] == ["b" * 64] * 2
