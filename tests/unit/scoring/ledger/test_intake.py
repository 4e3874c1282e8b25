import json
from typing import Any

import pytest

from kit.auth import Principal
from scoring.ledger.domain.facts import decode
from scoring.ledger.handlers.intake import BATCH, SINGLE, bodies, prepared
from scoring.ledger.handlers.refusals import NotYourSource, UnusableEvents
from scoring.ledger.handlers.registering import SourceEntry
from tests.unit.scoring.ledger.events import CASES, message, observed

SOURCES = [SourceEntry(slug=CASES.slug, uri=CASES.uri, name="案件系统")]


def caller(*units: str) -> Principal:
    return Principal("feed", "feed", frozenset({"feed"}), frozenset(units))


def wrong(content_type: str, headers: dict[str, str], body: bytes) -> str:
    with pytest.raises(UnusableEvents) as caught:
        bodies(content_type, headers, body)
    return caught.value.errors[0]["reason"]


@pytest.mark.parametrize("content_type", [BATCH, "application/json", f"{BATCH}; charset=UTF-8"])
def test_a_batch_is_cut_into_its_events_as_they_were_written(content_type: str) -> None:
    assert bodies(content_type, {}, b'[{"a": 1.10}, {"b" :2}]') == [b'{"a": 1.10}', b'{"b" :2}']


def test_a_binary_event_becomes_a_structured_one_with_its_data_as_written() -> None:
    document = observed("案-1", subject="案 1")
    headers = {f"ce-{name}": value for name, value in document.items() if name != "data"}
    headers |= {"ce-id": "%E6%A1%88-1", "ce-subject": '"%E6%A1%88 1"'}
    (body,) = bodies("application/json", headers, b'{"kind": "case", "set": {"amount": 1.10}}')
    assert b"1.10" in body
    found = decode(message(body))
    assert (found.id, found.subject) == ("案-1", "案 1")


@pytest.mark.parametrize(
    ("content_type", "headers", "body", "reason"),
    [
        (BATCH, {}, b"{", "not_json"),
        (BATCH, {}, b'[{"a": "\xff"}', "not_utf8"),
        (BATCH, {}, b"[" * 100_000, "too_deep"),
        ("application/json", {"ce-specversion": "1.0", "ce-id": "%FF"}, b"{}", "not_utf8"),
        ("application/json", {"ce-specversion": "1.0"}, b"{", "not_json"),
    ],
    ids=str,
)
def test_a_request_that_cannot_be_read_is_refused(content_type: str, headers: dict[str, str], body: bytes, reason: str) -> None:
    assert wrong(content_type, headers, body) == reason


def test_a_binary_withdrawal_needs_no_body() -> None:
    (body,) = bodies("", {"ce-specversion": "1.0", "ce-type": "feed.record_withdrawn.v1"}, b"")
    assert json.loads(body) == {"specversion": "1.0", "type": "feed.record_withdrawn.v1"}


def sent(*documents: dict[str, Any]) -> list[bytes]:
    return [json.dumps(document).encode() for document in documents]


@pytest.mark.parametrize("units", [(CASES.slug,), (CASES.uri,), ("other", CASES.slug)])
def test_a_message_has_its_subject_as_key_and_its_bytes_unchanged(units: tuple[str, ...]) -> None:
    (outgoing,) = prepared(sent(observed("e-1")), sources=SOURCES, caller=caller(*units))
    assert (outgoing.slug, outgoing.key, outgoing.value) == (CASES.slug, b"case-1", sent(observed("e-1"))[0])
    assert bodies(SINGLE, {}, outgoing.value or b"") == [outgoing.value]


def test_a_token_of_another_source_is_refused() -> None:
    with pytest.raises(NotYourSource):
        prepared(sent(observed("e-1")), sources=SOURCES, caller=caller("hotline"))


def test_every_wrong_index_is_named() -> None:
    with pytest.raises(UnusableEvents) as caught:
        prepared(sent(observed(""), observed("e-1"), observed("e-2") | {"source": "urn:x"}), sources=SOURCES, caller=caller(CASES.slug))
    assert [error["path"] for error in caught.value.errors] == ["[0]", "[2].source"]
