"""A run on its way: what its rows came to, told to the database so often that a dead run is seen."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Final

from collection.domain.rows import Reject, Row
from collection.domain.runs import Counts, Run, UnitCodes
from collection.handlers.ports import Desk, Facts, Rows

BATCH: Final = 1_000  # rows between two beats, facts in one sending


@dataclass(slots=True)
class Progress:
    run: Run
    desk: Desk
    facts: Facts
    counts: Counts = field(default_factory=Counts)
    units: UnitCodes = field(default_factory=UnitCodes)
    _rejects: list[Reject] = field(default_factory=list)
    _told: int = 0

    def count(self, counts: Counts) -> None:
        self.counts += counts

    def reject(self, one: Reject) -> None:
        self.counts += Counts(rows=1, rejected=1)
        self._rejects.append(one)

    @property
    def batch_is_full(self) -> bool:
        return self.counts.rows - self._told >= BATCH

    async def beat(self) -> None:
        """Raises `RunEnded` where another run took over."""
        rejects, self._rejects, self._told = self._rejects, [], self.counts.rows
        async with self.desk.transactions() as work:
            await work.runs.beat(self.run.id, self.counts, rejects)

    def so_far(self) -> Run:
        return replace(self.run, counts=self.counts, units=self.units.counted())


async def rows_in(upload: AsyncIterable[bytes], rows: Rows) -> AsyncIterator[Row | Reject]:
    """The rows of a file that comes in pieces; raises `UnreadableFile`."""
    async for piece in upload:
        for row in rows.feed(piece):
            yield row
    for row in rows.close():
        yield row


def plain_name(file: str) -> str:
    """The file's own name, whatever folder it came from and whether it came packed: part of the ids of its rows."""
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    return name.removesuffix(".gz").removesuffix(".xz") or "file"
