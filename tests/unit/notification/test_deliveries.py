from datetime import timedelta
from itertools import product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.domain.deliveries import MOVES, Answer, Backoff, Channel, Delivery, DeliveryId, Outcome, Verdict

BACKOFF = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=15), refusals=3)
ID = DeliveryId(UUID(int=1))


def attempt(number: int = 1, *, refusals: int = 0) -> Delivery:
    return Delivery(id=ID, channel=Channel.EMAIL, attempts=number, refusals=refusals)


def answered(delivery: Delivery, verdict: Verdict, *, seed: int = 7) -> Delivery:
    return delivery.answered(Answer(verdict, 451, "try again"), backoff=BACKOFF, random=Random(seed))


def test_an_accepted_letter_is_delivered() -> None:
    after = answered(attempt(), Verdict.ACCEPTED)
    assert (after.outcome, after.pause) == (Outcome.DELIVERED, timedelta(0))


def test_a_refused_receiver_is_final() -> None:
    assert answered(attempt(), Verdict.NEVER).outcome is Outcome.REFUSED


def test_later_waits_and_ends_after_so_many_refusals() -> None:
    delivery = attempt()
    outcomes = []
    for _ in range(3):
        delivery = answered(delivery, Verdict.LATER)
        outcomes.append(delivery.outcome)
    assert outcomes == [Outcome.WAITING, Outcome.WAITING, Outcome.EXHAUSTED]


def test_a_channel_that_is_down_is_waited_for_however_long() -> None:
    after = answered(attempt(5_000, refusals=2), Verdict.DOWN)
    assert (after.outcome, after.refusals) == (Outcome.WAITING, 2)


def test_the_answer_is_kept_and_shortened() -> None:
    after = attempt().answered(Answer(Verdict.LATER, 450, "x" * 9_000), backoff=BACKOFF, random=Random(1))
    assert (after.code, len(after.answer)) == (450, 500)


def test_only_a_waiting_delivery_has_moves() -> None:
    assert set(MOVES) == set(product([Outcome.WAITING], Verdict))


@given(st.integers(1, 10**6), st.integers())
def test_a_pause_doubles_up_to_the_longest_and_is_shortened_by_half_at_most(attempts: int, seed: int) -> None:
    full = min(BACKOFF.longest, BACKOFF.first * 2 ** min(attempts - 1, 30))
    assert full / 2 <= BACKOFF.pause(attempts, Random(seed)) <= full


def test_the_same_seed_gives_the_same_pauses() -> None:
    assert [BACKOFF.pause(n, Random(3)) for n in range(1, 9)] == [BACKOFF.pause(n, Random(3)) for n in range(1, 9)]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_an_answer_never_shows_in_a_representation(verdict: Verdict) -> None:
    answer = Answer(verdict, 550, "<wang@example.org> unknown")
    assert "wang" not in repr(answer)
    assert "wang" not in repr(attempt().answered(answer, backoff=BACKOFF, random=Random(0)))
