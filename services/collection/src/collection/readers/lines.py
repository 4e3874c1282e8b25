"""Numbered lines out of pieces of bytes; lines are split before they are decoded, so that a broken one rejects itself only."""

from collections.abc import Iterator
from typing import Final

from collection.domain.rows import Place, Reject

LONGEST_LINE: Final = 1_000_000  # bytes; a message may have 1 MB, so a longer line could never be sent


class Lines:
    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._rest = b""
        self._number = 0
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[tuple[int, str] | Reject]:
        """Lines without their ends, numbered from 1."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            yield self._line(line)
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._too_long = b"", True

    def close(self) -> Iterator[tuple[int, str] | Reject]:
        if self._rest or self._too_long:
            yield self._line(self._rest)
            self._rest = b""

    def _line(self, line: bytes) -> tuple[int, str] | Reject:
        self._number += 1
        if self._too_long or len(line) > LONGEST_LINE:
            self._too_long = False
            return Reject(Place(self._number), "一行超过 1 MB / the line is longer than 1 MB")
        if b"\0" in line:
            return Reject(Place(self._number), "含有空字符 NUL / holds the character NUL")
        try:
            return self._number, line.decode(self._encoding).rstrip("\r")
        except UnicodeDecodeError as error:
            return Reject(Place(self._number), f"不是 {self._encoding} 编码 / is not {self._encoding}: byte {error.start + 1}")
