"""Readers: bytes of a file go in piece by piece, rows with their places come out, in constant memory whatever the file's size."""

from collections.abc import Iterator
from typing import Protocol

from collection.domain.mappings import FileMapping
from collection.domain.rows import Reject, Row
from collection.readers.compressed import Decompressed
from collection.readers.csv_rows import CsvRows
from collection.readers.json_rows import JsonRows
from collection.readers.xes import XesEvents


class Reader(Protocol):
    """One format. Both raise `UnreadableFile`."""

    def feed(self, data: bytes) -> Iterator[Row | Reject]: ...

    def close(self) -> Iterator[Row | Reject]: ...


class FileRows:
    """A file, plain, .gz or .xz, read as its mapping says. Take what each call gives before the next call."""

    def __init__(self, mapping: FileMapping) -> None:
        self._bytes = Decompressed()
        self._reader = reader_of(mapping)

    def feed(self, data: bytes) -> Iterator[Row | Reject]:
        for piece in self._bytes.feed(data):
            yield from self._reader.feed(piece)

    def close(self) -> Iterator[Row | Reject]:
        for piece in self._bytes.close():
            yield from self._reader.feed(piece)
        yield from self._reader.close()


def reader_of(mapping: FileMapping) -> Reader:
    match mapping.format:
        case "csv":
            return CsvRows(encoding=mapping.encoding, delimiter=mapping.delimiter, fields=mapping.fields())
        case "jsonl":
            return JsonRows(encoding=mapping.encoding)
        case "xes":
            return XesEvents()
