"""Plain, gzip and xz bytes, told apart by how they begin, unpacked in bounded pieces (a small archive may hide gigabytes)."""

import lzma
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from collection.domain.rows import UnreadableFile

PIECE: Final = 256 * 1024  # bytes handed on at once: about 40 ms of work for the slowest reader, so that the server's loop turns
GZIP: Final = b"\x1f\x8b"
XZ: Final = b"\xfd7zXZ\x00"
GZIP_WINDOW: Final = 31  # zlib's word for "gzip header, largest window"
MOST_XZ_MEMORY: Final = 256 * 1024 * 1024


class Unpacker(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Raises `UnreadableFile` where the archive ends too early."""


class Decompressed:
    """The plain bytes of a file that comes in pieces."""

    def __init__(self) -> None:
        self._begin = b""
        self._unpacker: Unpacker | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            self._begin += data
            if len(self._begin) < len(XZ):
                return
            self._unpacker, data = unpacker_of(self._begin), self._begin
        yield from self._unpacker.feed(data)

    def close(self) -> Iterator[bytes]:
        if self._unpacker is None:
            yield self._begin
        else:
            self._unpacker.close()


def unpacker_of(begin: bytes) -> Unpacker:
    if begin.startswith(GZIP):
        return Gzip()
    if begin.startswith(XZ):
        return Xz()
    return Plain()


class Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE]

    def close(self) -> None:
        return


class Gzip:
    """One gzip member after the other; zeros after the last one are padding."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if not self._begun:
                data = data.lstrip(b"\0")
            piece, data = self._step(data)
            yield piece

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        self._begun = self._begun or bool(data)
        try:
            piece = self._member.decompress(data, PIECE)
        except zlib.error as error:
            raise UnreadableFile("gzip 损坏", f"the gzip archive is broken: {error}") from error
        if not self._member.eof:
            return piece, self._member.unconsumed_tail
        rest = self._member.unused_data
        self._member, self._begun = zlib.decompressobj(GZIP_WINDOW), False
        return piece, rest

    def close(self) -> None:
        if self._begun:
            raise UnreadableFile("gzip 不完整", "the gzip archive ends too early: send the whole file")


class Xz:
    """One xz stream after the other, with a limit on the memory that the archive may ask for."""

    def __init__(self) -> None:
        self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_XZ_MEMORY)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not self._stream.needs_input:
            if not self._begun:
                data = data.lstrip(b"\0")
                if not data:
                    return
            piece, data = self._step(data)
            yield piece

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        self._begun = True
        try:
            piece = self._stream.decompress(data, PIECE)
        except lzma.LZMAError as error:
            raise UnreadableFile("xz 损坏", f"the xz archive is broken: {error}") from error
        if not self._stream.eof:
            return piece, b""
        rest = self._stream.unused_data
        self._stream, self._begun = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_XZ_MEMORY), False
        return piece, rest

    def close(self) -> None:
        if self._begun:
            raise UnreadableFile("xz 不完整", "the xz archive ends too early: send the whole file")
