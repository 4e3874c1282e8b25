import json
from typing import Any

import pytest

from scoring.ledger.domain.facts import (
    BatchClosed,
    Feed,
    Observed,
    Unset,
    Withdrawn,
    belonging,
    check_kind,
    claimed_id,
    decode,
    event_of,
    parse,
    undeclared,
)
from scoring.ledger.domain.reasons import ADVICE, Reason, Refused
from tests.unit.scoring.ledger.events import CASES, KINDS, event, message, observed, withdrawn


def refused(value: bytes | None, *, headers: dict[str, str] | None = None) -> Reason:
    with pytest.raises(Refused) as caught:
        decode(message(value, headers=headers))
    return caught.value.reason


def judged(document: dict[str, Any], *, key: bytes | None = b"case-1", feed: Feed = CASES) -> Reason:
    with pytest.raises(Refused) as caught:
        check_kind(belonging(event(document), feed=feed, key=key), KINDS)
    return caught.value.reason


def with_data(text: str) -> bytes:
    return json.dumps(observed("e-1") | {"data": "DATA"}).replace('"DATA"', text).encode()


def test_a_structured_event_is_read() -> None:
    found = decode(message(json.dumps(observed("e-1", unit="u-1", set={"status": "open"})).encode()))
    assert isinstance(found, Observed)
    assert (found.id, found.subject, found.unit, found.values) == ("e-1", "case-1", "u-1", {"status": "open"})


def test_a_binary_event_is_the_same_as_a_structured_one() -> None:
    document = observed("案-1", set={"amount": "1"})
    headers = {f"ce_{name}": str(value) for name, value in document.items() if name != "data"} | {"content-type": "application/json"}
    body = json.dumps(document["data"]).encode()
    assert decode(message(body, headers=headers)) == event(document)


def test_a_header_that_is_not_utf8_is_refused() -> None:
    found = message(b"{}", headers={"ce_specversion": "1.0"})
    broken = type(found)(found.topic, 0, 0, 0, None, b"{}", (*found.headers, ("ce_id", "编号".encode("gbk"))))
    with pytest.raises(Refused) as caught:
        decode(broken)
    assert caught.value.reason is Reason.NOT_UTF8


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b'{"id": "e-1", "data": {"set": {"a": "%s"}}}' % (b"x" * 2_000_000), "e-1"),
        (b'{"id": "e-1", "data": {"set": {"a": 1e10000000}}}', "e-1"),
        (b'{"id": "e-1", "data": ' + b"[" * 40 + b"]" * 40 + b"}", "e-1"),
        (b'{"id": "%s"}' % (b"x" * 501), None),
        (b'{"id": "a\\u0000"}', None),
        (b'{"id": 7}', None),
        (b"[]", None),
        (None, None),
    ],
    ids=["too large", "too many digits", "too deep", "too long", "forbidden", "a number", "a list", "nothing"],
)
def test_a_refused_message_is_known_by_the_id_that_it_gives_itself(value: bytes | None, found: str | None) -> None:
    assert claimed_id(message(value)) == found


def test_what_stands_in_for_an_unreadable_message_says_so() -> None:
    assert refused(None, headers={"kaohe-unreadable": "feed.x/0/7"}) is Reason.NOT_UTF8


def test_a_withdrawal_needs_no_data() -> None:
    document = withdrawn("e-2")
    del document["data"]
    assert isinstance(event(document), Withdrawn)


def test_silence_about_the_unit_is_not_a_unit_of_null() -> None:
    silent, nothing = event(observed("e-1")), event(observed("e-2", unit=None))
    assert isinstance(silent, Observed)
    assert isinstance(silent.unit, Unset)
    assert isinstance(nothing, Observed)
    assert nothing.unit is None


def test_a_closed_batch_is_read_without_a_subject() -> None:
    document = observed("b-1") | {"type": "feed.batch_closed.v1", "data": {"day": "2026-03-02", "count": 3, "digest": "a" * 64}}
    del document["subject"]
    found = belonging(event(document), feed=CASES, key=b"anything")
    assert isinstance(found, BatchClosed)
    assert (found.day.isoformat(), found.count, found.source) == ("2026-03-02", 3, "case-system")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b"{", Reason.NOT_JSON),
        (b"[]", Reason.NO_CLOUDEVENT),
        ('{"id": "案件"}'.encode("gbk"), Reason.NOT_UTF8),
        ("案件".encode("gbk"), Reason.NOT_UTF8),
        (b'{"id": "\\ud800"}', Reason.LONE_SURROGATE),
        (b'{"id": "\\udc00 and more"}', Reason.LONE_SURROGATE),
        (with_data('{"kind": "case", "set": {"status": "\\u0000"}}'), Reason.FORBIDDEN_CHARACTER),
        (with_data('{"kind": "case", "set": {"a\\u0000": 1}}'), Reason.FORBIDDEN_CHARACTER),
        (b"[" * 200_000, Reason.TOO_DEEP),
        (with_data('{"kind": "case", "set": {"more": ' + "[" * 40 + "]" * 40 + "}}"), Reason.TOO_DEEP),
        (with_data('{"kind": "case", "set": {"amount": 1e10000000}}'), Reason.TOO_MANY_DIGITS),
        (with_data('{"kind": "case", "set": {"amount": 1e99999999999999999999}}'), Reason.TOO_MANY_DIGITS),
        (with_data('{"kind": "case", "set": {"amount": 0e-999999}}'), Reason.TOO_MANY_DIGITS),
        (with_data('{"kind": "case", "set": {"amount": 1234567890123456789}}'), Reason.TOO_MANY_DIGITS),
        (with_data('{"kind": "case", "set": {"amount": 0.1234567891}}'), Reason.TOO_MANY_DIGITS),
        (with_data('{"kind": "case", "set": {"amount": ' + "1" * 5000 + "}}"), Reason.TOO_MANY_DIGITS),
        (b" " * 1_000_001, Reason.TOO_LARGE),
        (with_data('{"set": {}}'), Reason.BAD_DATA),
        (with_data('{"kind": "case", "set": []}'), Reason.BAD_DATA),
        (with_data('"text"'), Reason.BAD_DATA),
        (with_data('{"kind": "case", "unit": 7, "set": {}}'), Reason.WRONG_TYPE),
        (with_data(json.dumps({"kind": "case", "unit": "u" * 501, "set": {}})), Reason.TOO_LONG),
    ],
    ids=str,
)
def test_what_is_no_usable_event_is_refused_with_its_reason(value: bytes | None, reason: Reason) -> None:
    assert refused(value) is reason


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"specversion": "0.3"}, Reason.NO_CLOUDEVENT),
        ({"id": ""}, Reason.NO_CLOUDEVENT),
        ({"id": 7}, Reason.NO_CLOUDEVENT),
        ({"subject": None}, Reason.NO_CLOUDEVENT),
        ({"id": "e" * 501}, Reason.TOO_LONG),
        ({"type": "feed.record_removed.v1"}, Reason.UNKNOWN_TYPE),
        ({"time": "2026-03-02 09:00"}, Reason.BAD_TIME),
        ({"time": "2026-03-02T09:00:00"}, Reason.BAD_TIME),
        ({"time": "2026-02-30T09:00:00Z"}, Reason.BAD_TIME),
        ({"time": "0001-01-01T00:00:00+08:00"}, Reason.BAD_TIME),
        ({"time": "2026-03-02T09:00:00.1234567Z"}, Reason.TIME_TOO_FINE),
        ({"data_base64": "e30="}, Reason.BAD_DATA),
        ({"type": "feed.record_withdrawn.v1", "data": {"reason": 7}}, Reason.WRONG_TYPE),
        ({"type": "feed.batch_closed.v1", "data": {"day": "2026-02-30", "count": 0, "digest": "a" * 64}}, Reason.BAD_DATA),
        ({"type": "feed.batch_closed.v1", "data": {"day": "2026-03-02", "count": True, "digest": "a" * 64}}, Reason.BAD_DATA),
        ({"type": "feed.batch_closed.v1", "data": {"day": "2026-03-02", "count": 0, "digest": "x" * 64}}, Reason.BAD_DATA),
    ],
    ids=str,
)
def test_an_envelope_with_a_mistake_is_refused_with_its_reason(changed: dict[str, Any], reason: Reason) -> None:
    assert refused(json.dumps(observed("e-1") | changed).encode()) is reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"kind": "dossier"}, Reason.UNKNOWN_KIND),
        ({"set": {"amount": "ten"}}, Reason.WRONG_TYPE),
        ({"set": {"amount": True}}, Reason.WRONG_TYPE),
        ({"set": {"amount": "1234567890123456789"}}, Reason.TOO_MANY_DIGITS),
        ({"set": {"urgent": "true"}}, Reason.WRONG_TYPE),
        ({"set": {"status": 1}}, Reason.WRONG_TYPE),
        ({"set": {"closed_on": "2026-02-30"}}, Reason.WRONG_TYPE),
        ({"set": {"heard_at": "2026-03-01T09:00:00"}}, Reason.WRONG_TYPE),
        ({"set": {"heard_at": "2026-03-01T09:00:00.1234567Z"}}, Reason.TIME_TOO_FINE),
    ],
    ids=str,
)
def test_a_value_that_is_not_of_its_declared_type_is_refused(data: dict[str, Any], reason: Reason) -> None:
    assert judged(observed("e-1", **data)) is reason


def test_an_event_of_another_source_is_refused() -> None:
    assert judged(observed("e-1"), feed=Feed("hotline", "urn:source:hotline")) is Reason.FOREIGN_SOURCE


def test_a_key_that_is_not_the_subject_is_refused() -> None:
    assert judged(observed("e-1"), key=b"case-2") is Reason.KEY_IS_NOT_SUBJECT
    assert judged(observed("e-1"), key=None) is Reason.KEY_IS_NOT_SUBJECT


def test_null_fits_every_type_and_undeclared_attributes_are_named() -> None:
    found = event(observed("e-1", set={"amount": None, "colour": "red"}))
    check_kind(found, KINDS)
    assert undeclared(found, KINDS) == {"colour"}
    assert undeclared(event(withdrawn("e-2")), KINDS) == frozenset()


def test_trailing_zeros_do_not_count_as_digits() -> None:
    long, short = (event_of(parse(with_data('{"kind": "case", "set": {"amount": %s}}' % text))) for text in ("1.0000000000", "1"))  # noqa: UP031 - JSON is full of braces
    assert long.digest == short.digest


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": 100}, {"a": 1e2}, True),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 2, "c": 1}, "a": 1}, True),
        ({"a": None}, {}, False),
    ],
)
def test_contents_are_the_same_when_they_are_the_same_json_values(left: object, right: object, same: bool) -> None:
    assert (event(observed("e-1", more=left)).digest == event(observed("e-1", more=right)).digest) is same


def test_every_reason_says_in_both_languages_what_to_do() -> None:
    for reason in Reason:
        assert ADVICE[reason].zh.endswith("。")
        assert ADVICE[reason].en.endswith(".")


def test_a_fingerprint_is_of_key_value_and_headers() -> None:
    one = message(b"{}", headers={"a": "b"})
    assert one.fingerprint() == message(b"{}", headers={"a": "b"}).fingerprint()
    others = [message(b"{}", headers={"ab": ""}), message(b"{}", key=None, headers={"a": "b"}), message(None, headers={"a": "b"})]
    assert one.fingerprint() not in {other.fingerprint() for other in others}
