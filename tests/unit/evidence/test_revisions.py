from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.domain.claims import Fault, Found
from evidence.domain.refusals import IllegalMove
from evidence.domain.revisions import MOVES, SETTLED, Locked, Move, State
from tests.unit.evidence.builders import EVIDENCE, NOW, SHA, a_revision

LOCKED = Locked("v1", NOW + timedelta(days=3650))


@pytest.mark.parametrize(("state", "move"), [pair for pair in product(State, Move) if pair not in MOVES])
def test_a_move_that_is_not_in_the_table_is_refused_with_state_and_move(state: State, move: Move) -> None:
    with pytest.raises(IllegalMove, match=f"{state}.*{move}"):
        a_revision(state).moved(move)


@given(st.lists(st.sampled_from(Move), max_size=8))
def test_whatever_is_tried_a_settled_revision_stays_settled(moves: list[Move]) -> None:
    revision = a_revision()
    for move in moves:
        was = revision.state
        try:
            revision = revision.moved(move)
        except IllegalMove:
            continue
        assert was not in SETTLED


def test_an_accepted_revision_knows_where_its_bytes_are_locked() -> None:
    accepted = a_revision(State.UPLOADED).accept(LOCKED, now=NOW)
    assert (accepted.state, accepted.locked, accepted.settled_at) == (State.ACCEPTED, LOCKED, NOW)


def test_a_refused_revision_keeps_the_fault() -> None:
    refused = a_revision(State.UPLOADED).refuse(Fault.HASH_DIFFERS, now=NOW)
    assert (refused.state, refused.fault, refused.locked) == (State.REFUSED, Fault.HASH_DIFFERS, None)


def test_a_declaration_without_a_file_lapses() -> None:
    assert a_revision().lapse(now=NOW).settled


def test_the_address_of_an_upload_is_renewed_only_while_nothing_was_finalized() -> None:
    later = NOW + timedelta(hours=2)
    assert a_revision().extend_upload(until=later).upload_until == later
    with pytest.raises(IllegalMove):
        a_revision(State.UPLOADED).extend_upload(until=later)


def test_the_object_key_follows_from_evidence_revision_and_hash() -> None:
    assert a_revision().key == f"{EVIDENCE}/1/{SHA}"


@pytest.mark.parametrize(
    ("found", "damaged"), [(Found(10, SHA, frozenset()), False), (Found(10, "b" * 64, frozenset()), True), (None, True)]
)
def test_bytes_that_changed_or_vanished_are_damage(found: Found | None, *, damaged: bool) -> None:
    examined = a_revision(State.ACCEPTED).examined(found, now=NOW)
    assert (examined.damaged, examined.checked_at) == (damaged, NOW)
