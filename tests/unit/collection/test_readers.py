import gzip
import lzma
import random
from collections.abc import Iterator

import pytest

from collection.domain.building import mapping_from
from collection.domain.mappings import FileMapping
from collection.domain.rows import Place, Reject, Row, UnreadableFile
from collection.readers import FileRows
from collection.readers.compressed import PIECE, Decompressed
from collection.readers.lines import LONGEST_LINE
from tests.unit.collection.samples import EVENTS

CSV = 'no,office,at,status,amount\r\n1,A,2026-03-02 09:30,open,"1,200"\r\n\r\n2,B,2026-03-02 09:31,"two\nlines ""quoted""",3\r\n'
XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/"><int key="total" value="3"><int key="nested" value="1"/></int>
<trace><string key="concept:name" value="A1"/><event><string key="concept:name" value="Create"/><date key="t" value="2006-07-24"/></event>
<event><string key="concept:name" value="Send"/><list key="empty"/></event></trace>
<trace><event><string key="concept:name" value="Create"/></event></trace></log>"""


def mapping(kind: str) -> FileMapping:
    return mapping_from(EVENTS.replace('format = "csv"', f'format = "{kind}"'))


def read(kind: str, data: bytes, step: int = 0) -> list[Row | Reject]:
    rows = FileRows(mapping(kind))
    pieces = [data[at : at + step] for at in range(0, len(data), step)] if step else [data]
    return [row for piece in pieces for row in rows.feed(piece)] + list(rows.close())


def test_csv_rows_are_numbered_by_the_line_on_which_they_begin() -> None:
    first, second = read("csv", CSV.encode())
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.place, first.fields["amount"]) == (Place(2), "1,200")
    assert (second.place, second.fields["status"]) == (Place(4), 'two\nlines "quoted"')


def test_a_csv_row_of_another_width_or_an_open_quote_is_rejected_with_its_line() -> None:
    found = read("csv", CSV.encode() + b'3,C\r\n4,D,"never closed,\r\n5,E\r\n')
    assert [one.place.number for one in found if isinstance(one, Reject)] == [6, 7]
    assert "up to line 8" in str(found[-1])


def test_stray_characters_after_a_quote_are_rejected() -> None:
    found = read("csv", CSV.encode() + b'6,A,2026-03-02 09:30,"a"b,1\r\n')
    assert isinstance(found[-1], Reject)


@pytest.mark.parametrize(("text", "reason"), [("no,office\n", "amount"), ("", "no header"), (CSV.replace("no,", "no,no,"), "twice")])
def test_a_csv_file_without_the_header_that_the_mapping_needs_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read("csv", text.encode())


def test_json_numbers_stay_the_literals_of_the_file() -> None:
    (found,) = read("jsonl", b'{"a": 0.1000, "b": 12345678901234567890, "c": null, "d": true, "e": {"f": [1]}, "g": " x "}')
    assert isinstance(found, Row)
    assert found.fields == {"a": "0.1000", "b": "12345678901234567890", "c": "", "d": "true", "e": '{"f": ["1"]}', "g": "x"}


def test_json_lines_that_are_no_objects_are_rejected_with_their_numbers() -> None:
    data = b'{"a": 1}\n[]\n\n{"a": \n\xff\n' + b"[" * 200_000 + b"\n"
    assert [one.place.number for one in read("jsonl", data) if isinstance(one, Reject)] == [2, 4, 5, 6]


def test_a_line_longer_than_a_message_may_be_is_rejected_and_the_next_is_read() -> None:
    data = b'{"a": "' + b"x" * (2 * LONGEST_LINE) + b'"}\n{"a": "1"}\n'
    first, second = read("jsonl", data, 100_000)
    assert isinstance(first, Reject)
    assert second == Row(Place(2), {"a": "1"})


def test_a_log_gives_its_events_with_case_and_position() -> None:
    assert read("xes", XES.encode()) == [
        Row(Place(1, "A1"), {"case:concept:name": "A1", "concept:name": "Create", "t": "2006-07-24"}),
        Row(Place(2, "A1"), {"case:concept:name": "A1", "concept:name": "Send"}),
        Row(Place(1, "#2"), {"concept:name": "Create"}),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE log [<!ENTITY e "x">]><log><trace><event/></trace></log>', "DTD"),
        ("<log><trace>", "ends too early|well-formed"),
        ("<log><trace></log>", "well-formed"),
        ("<html/>", "no XES log"),
        ("not xml", "well-formed"),
    ],
)
def test_what_is_no_plain_log_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read("xes", text.encode())


@pytest.mark.parametrize("kind", ["csv", "xes"])
@pytest.mark.parametrize(
    "packed", [bytes, gzip.compress, lzma.compress, lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]) + b"\0\0"]
)
@pytest.mark.parametrize("step", [1, 7, 0])
def test_a_file_reads_the_same_plain_or_packed_and_however_it_is_cut(kind: str, packed: "type[bytes]", step: int) -> None:
    data = (CSV if kind == "csv" else XES).encode()
    assert read(kind, packed(data), step) == read(kind, data)


@pytest.mark.parametrize("packed", [gzip.compress, lzma.compress])
def test_an_archive_that_is_cut_off_or_broken_is_refused(packed: "type[bytes]") -> None:
    data = packed(CSV.encode() * 100)
    with pytest.raises(UnreadableFile, match="too early"):
        read("csv", data[:-9])
    broken = bytearray(data)
    broken[len(data) // 2] ^= 255
    broken[-1] ^= 255
    with pytest.raises(UnreadableFile):
        read("csv", bytes(broken))


def test_a_small_archive_that_hides_much_is_unpacked_in_bounded_pieces() -> None:
    hidden = b"\0" * (20 * PIECE)
    for packed in (gzip.compress(hidden), lzma.compress(hidden)):
        sizes = [len(piece) for piece in Decompressed().feed(packed)]
        assert sum(sizes) == len(hidden)
        assert max(sizes) <= PIECE


def test_packed_and_plain_bytes_come_back_whole() -> None:
    data = random.Random(3).randbytes(3 * PIECE)
    for packed in (data, gzip.compress(data), lzma.compress(data)):
        assert b"".join(pieces(packed)) == data


def pieces(packed: bytes) -> Iterator[bytes]:
    unpacked = Decompressed()
    for at in range(0, len(packed), 10_000):
        yield from unpacked.feed(packed[at : at + 10_000])
    yield from unpacked.close()


def test_a_file_shorter_than_any_mark_is_plain() -> None:
    assert b"".join(pieces(b"ab")) == b"ab"


@pytest.mark.parametrize("line", [b'{"a": "x\\u0000"}', b'{"a": "\\ud800"}', b'{"a": "x\0"}', b'{"\\udfff": 1}'])
def test_text_that_no_store_takes_is_rejected(line: bytes) -> None:
    (found,) = read("jsonl", line)
    assert isinstance(found, Reject)


def test_escaped_characters_and_whole_surrogate_pairs_are_read() -> None:
    (found,) = read("jsonl", b'{"a": "\\u8003\\ud83d\\ude00"}')
    assert isinstance(found, Row)
    assert found.fields == {"a": "考😀"}
