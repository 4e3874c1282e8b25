"""The simulator keeps its promises: seeded, with the stated accidents, and readable by a system that obeys the feed's rules."""

import hashlib
import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from demo.bureau import load_kinds
from demo.simulator.facts import Message, Withdrawn
from demo.simulator.year import play
from tests.unit.demo.played import FIRST, LAST, SEED, VISIT, scenario, year

USABLE = [message for messages in year().messages.values() for message in messages if message.usable]
FACTS = [message for message in USABLE if "-batch-" not in message.id]


def event(message: Message) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(message.value)
    return parsed


def test_the_same_seed_gives_the_same_messages_on_every_day() -> None:
    again = play(scenario(SEED))
    assert again.messages == year().messages


def test_another_seed_gives_another_year() -> None:
    assert year(SEED + 1).of(VISIT) != year().of(VISIT)


def test_the_year_until_the_visit_is_a_few_tens_of_thousands_of_messages() -> None:
    sent = sum(len(messages) for day, messages in year().messages.items() if day <= VISIT)
    assert 20_000 < sent < 40_000


def test_nothing_is_sent_outside_the_year_and_each_day_is_in_order() -> None:
    assert min(year().messages) == FIRST
    assert max(year().messages) <= LAST
    for day, messages in year().messages.items():
        assert [message.at for message in messages] == sorted(message.at for message in messages)
        assert all(message.at.date() == day for message in messages)


def share(n: int) -> float:
    return n / len(year().facts)


def test_two_of_a_hundred_facts_are_sent_twice_with_the_same_bytes() -> None:
    copies = Counter(message.id for message in FACTS)
    assert 0.017 < share(sum(n - 1 for n in copies.values())) < 0.023
    assert len({(message.id, message.value) for message in FACTS}) == len(copies)


def test_three_of_a_hundred_facts_come_more_than_a_day_late() -> None:
    first_sent: dict[str, Message] = {}
    for message in FACTS:
        first_sent.setdefault(message.id, message)
    told = {fact.id: fact.time for fact in year().facts}
    late = sum(message.at - told[id_] > timedelta(days=1) for id_, message in first_sent.items())
    assert 0.025 < share(late) < 0.035


def test_one_of_a_hundred_is_corrected_and_one_of_two_hundred_withdraws_its_record() -> None:
    assert 0.008 < share(sum(fact.id.endswith("c") for fact in year().facts)) < 0.012
    assert 0.004 < share(sum(isinstance(fact, Withdrawn) for fact in year().facts)) < 0.006


def test_a_withdrawal_is_the_last_word_about_its_record() -> None:
    last: dict[str, Any] = {}
    for fact in year().facts:
        last[fact.subject] = max(last.get(fact.subject, (fact.time, fact)), (fact.time, fact), key=lambda pair: pair[0])
    assert all(isinstance(last[fact.subject][1], Withdrawn) for fact in year().facts if isinstance(fact, Withdrawn))


def test_one_of_five_hundred_messages_is_unusable_in_many_ways() -> None:
    broken = [message for messages in year().messages.values() for message in messages if not message.usable]
    assert 0.0015 < share(len(broken)) < 0.0025
    assert {message.source.door for message in broken} == {"kafka", "http"}
    assert sum(not parses(message) for message in broken) >= 5


def parses(message: Message) -> bool:
    try:
        event(message)
    except ValueError:
        return False
    return True


def test_what_goes_through_the_http_door_is_always_a_cloudevent_of_its_source() -> None:
    for message in (message for messages in year().messages.values() for message in messages if message.source.door == "http"):
        said = event(message)
        assert said["source"] == message.source.uri
        assert said["type"].startswith("feed.")
        assert "subject" in said or said["type"] == "feed.batch_closed.v1"


def test_usable_facts_have_values_of_their_declared_types() -> None:
    kinds = {kind.key: kind.attributes for kind in load_kinds()}
    looks = {"text": str, "date": str, "instant": str, "number": int, "boolean": bool}
    for message in FACTS:
        said = event(message)
        for name, value in said["data"].get("set", {}).items():
            declared = kinds[said["data"]["kind"]].get(name)
            assert declared is None or isinstance(value, looks[declared])
            if declared == "date":
                date.fromisoformat(value)


def test_the_key_is_the_subject() -> None:
    assert all(message.key.decode() == event(message)["subject"] for message in FACTS)


@pytest.mark.parametrize("slug", ["case-system", "hotline", "task-register"])
def test_a_closed_batch_counts_all_that_happened_on_its_day_whenever_it_arrives(slug: str) -> None:
    batches = {event(m)["data"]["day"]: event(m)["data"] for m in USABLE if m.id.startswith(f"{slug}-batch-")}
    ids: dict[str, set[str]] = {}
    for fact in year().facts:
        if fact.source.slug == slug:
            ids.setdefault(str(fact.time.date()), set()).add(fact.id)
    assert set(batches) == set(ids)
    for day, batch in batches.items():
        assert batch["count"] == len(ids[day])
        assert batch["digest"] == hashlib.sha256("\n".join(sorted(ids[day])).encode()).hexdigest()


def test_some_calls_carry_a_code_that_no_unit_has_and_some_a_field_that_nobody_declared() -> None:
    calls = [event(message)["data"] for message in FACTS if message.source.slug == "hotline"]
    assert sum(call.get("unit") == "12345-17" for call in calls) > 10
    assert any("street" in call.get("set", {}) for call in calls)
