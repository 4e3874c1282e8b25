"""Codes that people type, the urn that seals, and how often a wrong code may be tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ballots.api.tries import MOST, WITHIN, Tries
from scoring.ballots.domain.codes import ALPHABET, CODE_BYTES, GROUP, digest_of, read, spelled
from scoring.ballots.domain.papers import packed, unpacked
from scoring.ballots.domain.refusals import Mistyped, NotTheKey, TooManyTries
from scoring.ballots.domain.sealing import lock_of, opened, sealed

KEY, OTHER = bytes(range(20)), bytes(20)


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_a_code_is_read_however_it_is_typed(body: bytes) -> None:
    code = spelled(body)
    assert [len(group) for group in code.split("-")] == [GROUP] * 3
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " — "), code.replace("0", "O").replace("1", "l")):
        assert read(typed, CODE_BYTES) == body


def test_full_width_letters_of_a_chinese_keyboard_are_the_same_code() -> None:
    code = spelled(b"0123456789")
    assert read("".join(chr(ord(letter) + 0xFEE0) for letter in code), CODE_BYTES) == b"0123456789"


def test_nearly_every_slip_of_one_letter_is_noticed() -> None:
    code = spelled(b"0123456789").replace("-", "")
    slips = [code[:at] + letter + code[at + 1 :] for at in range(len(code)) for letter in ALPHABET if letter != code[at]]
    passed = sum(_reads(slip) for slip in slips)
    assert passed <= len(slips) / 200  # 1 in 1,024 is expected


def _reads(typed: str) -> bool:
    try:
        read(typed, CODE_BYTES)
    except Mistyped:
        return False
    return True


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 18, "中" * 18])
def test_what_is_no_code_is_told_as_mistyped(typed: str) -> None:
    with pytest.raises(Mistyped):
        read(typed, CODE_BYTES)


def test_a_digest_needs_the_secret() -> None:
    assert digest_of(b"code", b"one") != digest_of(b"code", b"two")


def test_a_sealed_paper_is_opened_by_its_key_at_its_place_only() -> None:
    paper = sealed(b"\x00\x01", lock_of(KEY), place="vote/staff")
    assert opened(paper, KEY, place="vote/staff") == b"\x00\x01"
    for key, place in ((OTHER, "vote/staff"), (KEY, "vote/leaders")):
        with pytest.raises(NotTheKey):
            opened(paper, key, place=place)


def test_equal_papers_look_different_and_are_equally_long() -> None:
    marks = [{"east": "A", "west": "B"}, {"east": "A", "west": "B"}, {"east": "A"}]
    papers = [sealed(packed(one, candidates=("east", "west"), scale={"A", "B"}), lock_of(KEY), place="") for one in marks]
    assert len(set(papers)) == 3
    assert len({len(paper) for paper in papers}) == 1


@given(st.dictionaries(st.sampled_from(["east", "west", "squad"]), st.sampled_from(["A", "B", "C"])))
def test_a_paper_is_unpacked_as_it_was_marked(marks: dict[str, str]) -> None:
    candidates, scale = ("east", "west", "squad"), {"A", "B", "C"}
    assert unpacked(packed(marks, candidates=candidates, scale=scale), candidates=candidates, scale=scale) == marks


def test_an_address_tries_again_after_a_while_and_others_never_wait_for_it() -> None:
    clock = [0.0]
    tries = Tries(lambda: clock[0])
    for _ in range(MOST):
        tries.check(("10.0.0.1", "vote"))
        tries.missed(("10.0.0.1", "vote"))
    with pytest.raises(TooManyTries):
        tries.check(("10.0.0.1", "vote"))
    tries.check(("10.0.0.2", "vote"))
    clock[0] = WITHIN
    tries.check(("10.0.0.1", "vote"))
