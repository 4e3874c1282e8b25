"""CSV with a header (RFC 4180): quoted fields may hold the delimiter and line ends."""

import csv
from collections.abc import Iterator
from typing import Final

from collection.domain.rows import Place, Reject, Row, UnreadableFile
from collection.readers.lines import LONGEST_LINE, Lines

QUOTE: Final = '"'
csv.field_size_limit(LONGEST_LINE)


class CsvRows:
    """A row is numbered by the line on which it begins. `fields` are those that the header must have."""

    def __init__(self, *, encoding: str, delimiter: str, fields: frozenset[str]) -> None:
        self._lines = Lines(encoding)
        self._delimiter = delimiter
        self._fields = fields
        self._header: list[str] | None = None
        self._open: list[str] = []
        self._begun = 0
        self._size = 0
        self._quotes = 0

    def feed(self, data: bytes) -> Iterator[Row | Reject]:
        for line in self._lines.feed(data):
            yield from self._take(line)

    def close(self) -> Iterator[Row | Reject]:
        for line in self._lines.close():
            yield from self._take(line)
        if self._open:
            yield self._unclosed()
        if self._header is None:
            raise UnreadableFile("没有表头", "the file has no header line")

    def _take(self, line: tuple[int, str] | Reject) -> Iterator[Row | Reject]:
        if isinstance(line, Reject):
            yield line
            return
        number, text = line
        if not self._open:
            if not text.strip():
                return
            self._begun, self._size, self._quotes = number, 0, 0
        self._open.append(text)
        self._size += len(text)
        self._quotes += text.count(QUOTE)
        if self._size > LONGEST_LINE:
            yield self._unclosed()
        elif self._quotes % 2 == 0:
            yield from self._row("\n".join(self._open))
            self._open = []

    def _row(self, text: str) -> Iterator[Row | Reject]:
        place = Place(self._begun)
        try:
            cells = [cell.strip() for cell in next(csv.reader([text], delimiter=self._delimiter, strict=True))]
        except csv.Error as error:
            yield Reject(place, f"不是 CSV / is no CSV: {error}")
            return
        if self._header is None:
            self._header = self._checked(cells)
        elif len(cells) != len(self._header):
            yield Reject(
                place, f"有 {len(cells)} 栏, 表头有 {len(self._header)} 栏 / has {len(cells)} fields, the header {len(self._header)}"
            )
        else:
            yield Row(place, dict(zip(self._header, cells, strict=True)))

    def _checked(self, header: list[str]) -> list[str]:
        missing = sorted(self._fields - set(header))
        if missing:
            raise UnreadableFile("表头缺少映射所用的栏", f"the header lacks fields of the mapping: {', '.join(missing)}")
        if len(set(header)) != len(header):
            raise UnreadableFile("表头有重名的栏", "the header names a field twice")
        return header

    def _unclosed(self) -> Reject:
        last = self._begun + len(self._open) - 1
        self._open = []
        return Reject(Place(self._begun), f"引号未闭合, 至第 {last} 行 / a quote is not closed, up to line {last}")
