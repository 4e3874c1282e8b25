from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from scoring.ledger.domain.facts import encode, parse
from scoring.ledger.domain.reasons import Reason, Refused
from scoring.ledger.domain.records import Held, Record
from scoring.ledger.domain.values import SCALE, AttributeType, check_limits, instant, local_date, microseconds, read, scaled
from scoring.ledger.store.codec import decoded, encoded
from scoring.ledger.store.taking import unscaled


@pytest.mark.parametrize(
    ("value", "billionths"),
    [
        (0, 0),
        (-7, -7 * SCALE),
        (10**18 - 1, (10**18 - 1) * SCALE),
        (10**18, None),
        (True, None),
        (Decimal("1E+17"), 10**17 * SCALE),
        (Decimal("1E+18"), None),
        (Decimal("0.000000001"), 1),
        (Decimal("0.0000000001"), None),
        (Decimal("1.0000000000"), SCALE),
        (Decimal("-0.0"), 0),
        (Decimal("1E+10000000"), None),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), None),
        ("12.50", 12 * SCALE + SCALE // 2),
        ("-0.5", -SCALE // 2),
        ("007", 7 * SCALE),
        ("999999999999999999.999999999", 10**27 - 1),
        ("1234567890123456789", None),
        ("+1", None),
        (".5", None),
        ("1e3", None),
        (" 1", None),
        ("１", None),
        ("", None),
        (None, None),
        ([1], None),
    ],
    ids=str,
)
def test_a_number_is_exact_within_eighteen_and_nine_digits_and_none_beyond(value: object, billionths: int | None) -> None:
    assert scaled(value) == billionths


@pytest.mark.parametrize(
    ("of", "value", "typed"),
    [
        (AttributeType.TEXT, "", ""),
        (AttributeType.TEXT, 1, None),
        (AttributeType.BOOLEAN, False, False),
        (AttributeType.BOOLEAN, 0, None),
        (AttributeType.DATE, "2024-02-29", date(2024, 2, 29)),
        (AttributeType.DATE, "2026-02-29", None),
        (AttributeType.DATE, "20260301", None),
        (AttributeType.DATE, "2026-W10-1", None),
        (AttributeType.DATE, 20260301, None),
        (AttributeType.INSTANT, "2026-03-01T08:00:00+08:00", datetime(2026, 3, 1, tzinfo=UTC)),
        (AttributeType.INSTANT, "2026-03-01t00:00:00z", datetime(2026, 3, 1, tzinfo=UTC)),
        (AttributeType.INSTANT, "2026-03-01T00:00:00.1234560Z", datetime(2026, 3, 1, microsecond=123456, tzinfo=UTC)),
        (AttributeType.INSTANT, "2026-03-01T00:00:00.1234567Z", None),
        (AttributeType.INSTANT, "2026-03-01T24:00:00Z", None),
        (AttributeType.INSTANT, "2026-03-01T00:00:00+24:00", None),
        (AttributeType.INSTANT, "2026-03-01", None),
        (AttributeType.INSTANT, None, None),
    ],
    ids=str,
)
def test_a_value_is_read_as_its_type_or_not_at_all(of: AttributeType, value: object, typed: object) -> None:
    assert read(of, value) == typed


def test_instants_are_counted_in_whole_microseconds() -> None:
    assert microseconds(instant("1970-01-01T08:00:00.000001+08:00")) == 1
    assert microseconds(instant("0001-01-01T00:00:00Z")) == -62_135_596_800_000_000


def test_the_ends_of_time_have_no_local_date_beyond_the_calendar() -> None:
    assert local_date(instant("9999-12-31T23:00:00Z"), ZoneInfo("Asia/Shanghai")) is None
    assert local_date(instant("9999-12-31T15:00:00Z"), ZoneInfo("Asia/Shanghai")) == date(9999, 12, 31)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1234567890123456789}', Reason.TOO_MANY_DIGITS),
        (b'{"a": 1.0000000001}', Reason.TOO_MANY_DIGITS),
        (b'{"a": "\\u0000"}', Reason.FORBIDDEN_CHARACTER),
        (b"[" * 34 + b"]" * 34, Reason.TOO_DEEP),
        (b"[" + b"1.5," * 10_000 + b"1]", Reason.TOO_MANY_VALUES),
    ],
    ids=lambda given: str(given)[:20],
)
def test_limits_hold_wherever_the_quick_look_cannot_rule_them_out(body: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        parse(body)
    assert caught.value.reason is reason


@pytest.mark.parametrize("body", [b'{"a": "1234567890123456789012"}', b'["\\\\u0000"]', b"[" + b"[1]," * 40 + b"1]"])
def test_what_only_looks_like_a_broken_limit_is_taken(body: bytes) -> None:
    document = parse(body)
    check_limits(document)
    assert parse(encode(document)) == document


def test_a_record_comes_back_from_its_state_as_it_was() -> None:
    attributes = {"amount": Held(Decimal("1.10"), (1, "e-1")), "案由": Held(None, (2, "案-1")), "more": Held([1, {"a": True}], (-3, "e"))}
    for record in (
        Record("s", "case-1", "case", Held("u", (1, "e-1")), Held(value=False, stamp=(1, "e-1")), attributes),
        Record("s", "case-2", None, None, Held(value=True, stamp=(1, "e-1"))),
        Record("s", "case-3", "case"),
    ):
        assert decoded(record.source, record.subject, record.kind, encoded(record)) == record


@pytest.mark.parametrize("billionths", [0, 1, -1, SCALE, 10**30 + 1, -(10**40)])
def test_a_total_keeps_every_digit_on_its_way_to_postgresql(billionths: int) -> None:
    assert Fraction(unscaled(billionths)) == Fraction(billionths, SCALE)
