from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.domain.formats import BooleanFormat, DayFormat, InstantFormat, NumberFormat, Pattern, TextFormat, Unreadable, spelled

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = NumberFormat(thousands="", decimal=".")


def days(*patterns: str) -> DayFormat:
    return DayFormat(patterns=[None if text == "iso" else Pattern.of(text) for text in patterns], zone=SHANGHAI)


@pytest.mark.parametrize(
    ("pattern", "written", "day"),
    [
        ("YYYY/MM/DD", "2013/06/25", "2013-06-25"),
        ("ROC/MM/DD", "102/06/25", "2013-06-25"),
        ("ROC年M月D日", "99年1月5日", "2010-01-05"),
        ("YYYYMMDD", "20130625", "2013-06-25"),
        ("YYYY-MM-DD hh:mm", "2013-06-25 23:59", "2013-06-25"),
        ("iso", "2113-01-01", "2113-01-01"),
        ("iso", "2013-06-24T23:00:00Z", "2013-06-25"),
    ],
)
def test_a_day_is_read_as_it_is_written(pattern: str, written: str, day: str) -> None:
    assert days(pattern).read(written) == day


@pytest.mark.parametrize("written", ["2013/02/30", "2013-06-25", "25/06/2013", "2013/06/25 ", "", "２０１３/06/25"])
def test_what_is_no_day_of_the_pattern_is_unreadable(written: str) -> None:
    with pytest.raises(Unreadable, match="YYYY/MM/DD"):
        days("YYYY/MM/DD").read(written)


def test_mixed_formats_are_tried_in_order() -> None:
    mixed = days("YYYY/MM/DD", "ROC/M/D", "iso")
    assert [mixed.read(one) for one in ("2013/06/25", "102/6/25", "2013-06-25")] == ["2013-06-25"] * 3


@pytest.mark.parametrize("text", ["YYYY/MM", "MM/DD", "YYYY/MM/DD/DD", "day"])
def test_a_pattern_without_a_whole_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"names"):
        Pattern.of(text)


def test_a_local_moment_is_taken_in_the_zone_of_the_source() -> None:
    local = InstantFormat(patterns=[Pattern.of("YYYY-MM-DD hh:mm:ss")], zone=SHANGHAI)
    assert local.read("2026-03-02 09:30:15") == "2026-03-02T01:30:15Z"


def test_a_moment_with_an_offset_keeps_its_instant() -> None:
    assert InstantFormat(patterns=[None], zone=SHANGHAI).instant("2006-07-24T00:00:00+02:00") == datetime(2006, 7, 23, 22, tzinfo=UTC)


def test_a_moment_outside_the_calendar_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="outside the calendar"):
        InstantFormat(patterns=[None], zone=SHANGHAI).instant("0001-01-01T00:00:00+14:00")


def test_an_instant_is_spelled_in_utc() -> None:
    assert spelled(datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)) == "2026-03-02T01:30:00Z"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("35.0", "35.0"),
        ("-0", "0"),
        ("007", "7"),
        ("1E3", "1000"),
        ("4.248252E8", "424825200"),
        ("0.000000001", "0.000000001"),
        ("+5", "5"),
    ],
)
def test_a_number_becomes_plain_decimal_text(written: str, number: str) -> None:
    assert PLAIN.read(written) == number


@pytest.mark.parametrize(
    "written", ["NaN", "Infinity", "一百", "1_000", "1,000", "", "1e10000000", "1e18", "0.0000000001", "9" * 70, "--1"]
)
def test_what_is_no_number_within_the_limits_is_unreadable(written: str) -> None:
    with pytest.raises(Unreadable):
        PLAIN.read(written)


def test_separators_are_read_as_the_mapping_says() -> None:
    assert NumberFormat(thousands=",", decimal=".").read("1,234,567.80") == "1234567.80"
    assert NumberFormat(thousands=".", decimal=",").read("1.234.567,80") == "1234567.80"


def test_a_decimal_point_is_no_number_where_the_comma_is_the_mark() -> None:
    with pytest.raises(Unreadable):
        NumberFormat(thousands="", decimal=",").read("1.5")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**17), max_value=10**17))
def test_a_number_within_the_limits_keeps_its_value(number: object) -> None:
    assert PLAIN.read(PLAIN.read(f"{number:f}")) == PLAIN.read(f"{number:f}")


def test_yes_and_no_are_words_of_the_mapping() -> None:
    words = BooleanFormat(yes=frozenset({"是", "Y"}), no=frozenset({"否"}))
    assert words.read("Y") is True
    assert words.read("否") is False
    with pytest.raises(Unreadable, match="否"):
        words.read("maybe")


def test_words_are_translated_and_others_fall_to_other_or_are_unreadable() -> None:
    strict = TextFormat(words={"訴願駁回": "upheld"}, other=None)
    assert strict.read("訴願駁回") == "upheld"
    with pytest.raises(Unreadable, match="訴願駁回"):
        strict.read("和解")
    assert TextFormat(words={"訴願駁回": "upheld"}, other="rest").read("和解") == "rest"
    assert TextFormat(words={}, other=None).read("和解") == "和解"
