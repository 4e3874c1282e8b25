"""Everything unusable that case systems send, one of each kind, with the reason under which it must be set aside."""

import gzip
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.unit.scoring.ledger.events import CASES, observed

SUBJECT = "case-1"
KEY = SUBJECT.encode()
BINARY = {"ce_specversion": "1.0", "ce_type": "feed.record_observed.v1", "ce_source": CASES.uri, "ce_time": "2026-03-02T01:00:00Z"}
DATA = b'{"kind": "case", "set": {}}'

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Poison:
    """One message as it lies on the log."""

    reason: str
    value: bytes | None
    key: bytes | None = KEY
    headers: Headers = ()


def poisons(serial: int, dice: random.Random) -> list[Poison]:
    """One of each kind, in any order; no two of all serials are the same message."""
    found = [*_no_json(serial), *_no_text(serial), *_too_much(serial, dice), *_no_events(serial), *_no_times(serial), *_elsewhere(serial)]
    found += [*_no_data(serial), *_binary(serial)]
    dice.shuffle(found)
    return found


def event(serial: int, what: str, **changed: object) -> dict[str, Any]:
    return observed(f"p-{serial}-{what}", subject=SUBJECT, unit="east") | changed


def written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()


def with_amount(serial: int, what: str, amount: bytes) -> bytes:
    """JSON that Python would not write."""
    return written(event(serial, what)).replace(b'"set": {}', b'"set": {"amount": ' + amount + b"}")


def _no_json(serial: int) -> Iterator[Poison]:
    whole = written(event(serial, "json"))
    broken = {
        "bom": b"\xef\xbb\xbf" + whole,
        "cut": whole[:-20],
        "two": whole + b"\n" + whole,
        "quotes": whole.replace(b'"', b"'"),
        "padded": whole + b"\0" * 8,
        "spaces": b" " * (serial + 1),
        "xml": b"<event id='%d'/>" % serial,
        "registry": b"\0\0\0\0\7" + whole,
        "nan": with_amount(serial, "nan", b"NaN"),
        "infinity": with_amount(serial, "infinity", b"-Infinity"),
        "zeros": with_amount(serial, "zeros", b"007"),
        "raw nul": with_amount(serial, "raw", b'"a\0b"'),
        "line break": with_amount(serial, "line", b'"a\nb"'),
    }
    yield from (Poison("not_json", value) for value in broken.values())
    yield Poison("empty", None, b"tombstone-%d" % serial)
    yield Poison("empty", b"", b"empty-%d" % serial)


def _no_text(serial: int) -> Iterator[Poison]:
    yield Poison("not_utf8", json.dumps(event(serial, "gbk", subject="案件"), ensure_ascii=False).encode("gbk"))
    yield Poison("not_utf8", written(event(serial, "utf16")).decode().encode("utf-16"))
    yield Poison("not_utf8", gzip.compress(written(event(serial, "gzip")), mtime=0))
    yield Poison("not_utf8", with_amount(serial, "surrogates in utf-8", b'"\xed\xa0\x80"'))
    yield Poison("not_utf8", with_amount(serial, "overlong", b'"\xc0\x80"'))
    yield Poison("lone_surrogate", with_amount(serial, "half", b'"\\ud83d"'))
    yield Poison("lone_surrogate", with_amount(serial, "swapped", b'"\\ude00\\ud83d"'))
    yield Poison("forbidden_character", written(event(serial, "nul", data={"kind": "case", "set": {"status": "a\0b"}})))
    yield Poison("forbidden_character", written(event(serial, "nul in a name", data={"kind": "case", "set": {"a\0": 1}})))


def _too_much(serial: int, dice: random.Random) -> Iterator[Poison]:
    text = dice.randbytes(5_000_000).hex()
    yield Poison("too_large", written(event(serial, "10 MB", data={"kind": "case", "set": {"status": text}})))
    yield Poison("too_large", b"[" * 10_000_000 + b"%d" % serial)
    yield Poison("too_deep", with_amount(serial, "deep", b"[" * 400_000 + b"]" * 400_000))
    yield Poison("too_deep", with_amount(serial, "deep objects", b'{"a":' * 150_000 + b"1" + b"}" * 150_000))
    yield Poison("too_deep", with_amount(serial, "just too deep", b"[" * 33 + b"]" * 33))
    yield Poison("too_long", written(event(serial, "id") | {"id": dice.randbytes(5_000).hex()}))
    long = dice.randbytes(5_000).hex()
    yield Poison("too_long", written(event(serial, "subject", subject=long)), long.encode())
    yield Poison("too_long", written(event(serial, "unit", data={"kind": "case", "unit": long, "set": {}})))
    yield Poison(
        "too_many_values", written(event(serial, "attributes", data={"kind": "case", "set": dict.fromkeys(map(str, range(50_000)))}))
    )
    yield Poison("too_many_values", with_amount(serial, "floats", b"[" + b",".join([b"1.5"] * 220_000) + b"]"))
    yield Poison("too_many_values", with_amount(serial, "arrays", b"[" + b",".join([b"[]"] * 300_000) + b"]"))
    numbers = (b"1e10000000", b"-1e-10000000", b"1e400", b"1e" + b"9" * 30, b"9" * 900_000, b"0." + b"9" * 900_000, b"1234567890123456789")
    yield from (Poison("too_many_digits", with_amount(serial, f"number {index}", number)) for index, number in enumerate(numbers))
    # An attribute's name is a key of the list of undeclared ones: an index row of PostgreSQL holds 2,700 bytes.
    name = dice.randbytes(5_000).hex()
    yield Poison("database_refused", written(event(serial, "name", data={"kind": "case", "set": {name: 1}})))


def _no_events(serial: int) -> Iterator[Poison]:
    for body in (f"[{serial}]", f'"text {serial}"', f"{serial}", "null" + " " * serial):
        yield Poison("no_cloudevent", body.encode())
    yield Poison("no_cloudevent", b"[" + written(event(serial, "batch")) + b"]")
    faults: dict[str, dict[str, object]] = {
        "0.3": {"specversion": "0.3"},
        "a number": {"specversion": 1.0},
        "no id": {"id": ""},
        "id number": {"id": 7},
        "time number": {"time": 1_772_442_000},
        "no subject": {"subject": None},
    }
    for what, changed in faults.items():
        yield Poison("no_cloudevent", written(event(serial, what, nr=serial) | changed))
    yield Poison("unknown_type", written(event(serial, "v2", type="feed.record_observed.v2")))
    yield Poison("no_cloudevent", written(event(serial, "types", type=["feed.record_observed.v1"])))


def _no_times(serial: int) -> Iterator[Poison]:
    times = ("99999-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "2016-12-31T23:59:60Z", "2026-03-02T09:00:00", "2026-03-02 09:00:00+08:00")
    for time in (*times, "2026-02-30T09:00:00Z", "0001-01-01T00:00:00+14:00", "02/03/2026", "2026-03-02T24:00:00Z"):
        yield Poison("bad_time", written(event(serial, time, time=time)))
    yield Poison("time_too_fine", written(event(serial, "nanoseconds", time="2026-03-02T09:00:00.123456789Z")))


def _elsewhere(serial: int) -> Iterator[Poison]:
    yield Poison("key_is_not_subject", written(event(serial, "key")), b"case-2")
    yield Poison("key_is_not_subject", written(event(serial, "no key")), None)
    yield Poison("foreign_source", written(event(serial, "source", source="urn:source:hotline")))


def _no_data(serial: int) -> Iterator[Poison]:
    for what, value in {"far": "99999-01-01", "zero": "0000-00-00", "slashes": "2026/03/02", "number": 20260302}.items():
        yield Poison("wrong_type", written(event(serial, what, data={"kind": "case", "set": {"closed_on": value}})))
    yield Poison("wrong_type", written(event(serial, "ten", data={"kind": "case", "set": {"amount": "ten"}})))
    yield Poison("wrong_type", written(event(serial, "a unit", data={"kind": "case", "unit": 7, "set": {}})))
    for what, data in {"list": [1], "text": "x", "set": {"kind": "case", "set": [1]}, "kind": {"kind": 7, "set": {}}}.items():
        yield Poison("bad_data", written(event(serial, what, data=data)))
    encoded = {name: value for name, value in event(serial, "base64").items() if name != "data"}
    yield Poison("bad_data", written(encoded | {"data_base64": "e30="}))
    dossier = event(serial, "kind", subject=f"dossier-{serial}", data={"kind": "dossier", "set": {"opened_on": "2026-03-01"}})
    permit = event(serial, "permit", subject=f"permit-{serial}", data={"kind": "permit", "set": {"fee": 12.50}})
    yield Poison("unknown_kind", written(dossier), f"dossier-{serial}".encode())
    yield Poison("wrong_type", written(permit), f"permit-{serial}".encode())


def _binary(serial: int) -> Iterator[Poison]:
    for what, reason, changed in (
        ("gbk", "not_utf8", {"ce_id": "编号".encode("gbk")}),
        ("no id", "no_cloudevent", {}),
        ("nul", "forbidden_character", {"ce_id": b"a\0b"}),
        ("version", "no_cloudevent", {"ce_id": b"x", "ce_specversion": b"2.0"}),
        ("time", "bad_time", {"ce_id": b"x", "ce_time": b"soon"}),
    ):
        headers = {name: content.encode() for name, content in BINARY.items()} | {"ce_subject": KEY, **changed}
        yield Poison(reason, DATA, headers=(*headers.items(), ("nr", f"{serial} {what}".encode())))
    typed = (("content-type", b"application/cloudevents+json; charset=utf-8"), ("nr", b"%d" % serial))
    yield Poison("no_cloudevent", DATA, headers=typed)
    yield Poison("no_cloudevent", DATA, headers=(("content-type", b"application/avro"), ("nr", b"%d" % serial)))
