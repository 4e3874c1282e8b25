"""Codes that people type: base32 without look-alike letters, in groups, with two letters that give a slip away."""

import hashlib
import hmac
import re
import unicodedata
from typing import Final, NewType

from scoring.ballots.domain.refusals import Mistyped

Digest = NewType("Digest", bytes)
"""What is kept of a code: it can't be turned back, and without the vote's secret not even be compared."""

CODE_BYTES: Final = 10  # 80 bits: a thousand tries a second for a thousand years find none of 10,000 codes
URN_KEY_BYTES: Final = 20  # 160 bits: it decrypts, so guessing it is not slowed down by asking the service
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LOOK_ALIKE: Final = str.maketrans("ILO", "110")
GROUP: Final = 6
CHECK: Final = 2  # letters: a slip of the finger passes once in 1,024 times
BITS: Final = 5
_SEPARATORS: Final = re.compile(r"[\s\-_.·—–]+")


def spelled(body: bytes) -> str:
    """`K7M2QP-0XWV41-9HTBRD`: random bytes, a multiple of five, as they are printed."""
    letters = _letters(int.from_bytes(body), len(body) * 8 // BITS) + _check(body)
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def read(typed: str, size: int) -> bytes:
    """The bytes behind what somebody typed, however it is spaced and whatever its case; raises `Mistyped`."""
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed)).upper().translate(LOOK_ALIKE)
    wanted = size * 8 // BITS + CHECK
    if len(letters) != wanted:
        raise Mistyped(f"应为 {wanted} 个字符，现有 {len(letters)} 个", f"it has {wanted} characters, not {len(letters)}")
    if any(letter not in ALPHABET for letter in letters):
        raise Mistyped("含有不会出现的字符", "it has a character that no code has")
    value = 0
    for letter in letters[:-CHECK]:
        value = value << BITS | ALPHABET.index(letter)
    body = value.to_bytes(size)
    if _check(body) != letters[-CHECK:]:
        raise Mistyped("有一处或几处字符不对", "one or more characters are wrong")
    return body


def digest_of(code: bytes, secret: bytes) -> Digest:
    return Digest(hmac.digest(secret, code, "sha256"))


def _check(body: bytes) -> str:
    return _letters(int.from_bytes(hashlib.sha256(body).digest()[:2]) >> (16 - CHECK * BITS), CHECK)


def _letters(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> (BITS * place) & 31] for place in reversed(range(count)))
