"""Reading a file without stating or keeping anything: what a mapping would make of it."""

from collections.abc import Callable

from collection.domain.facts import Fact, Observed
from collection.domain.mappings import FileMapping, Line
from collection.domain.rows import Reject, Row, Skipped
from collection.domain.runs import Counts, UnitCodes
from collection.domain.snapshots import Entry, Register
from collection.handlers.collecting import day_of
from collection.handlers.ports import Collect, Desk, Preview
from collection.handlers.progress import plain_name, rows_in

Reading = Callable[[Row], Observed | Reject | Skipped]


async def dry_run(command: Collect, *, first: int, desk: Desk) -> Preview:
    """Reads the whole file; gives the `first` facts and rejects. A register's rows are shown as if they all appeared on its day."""
    async with desk.transactions() as work:
        mapping = (await work.mappings.latest(command.mapping)).built()
    reading, counts, units = _reading(command, mapping), Counts(), UnitCodes()
    facts: list[Fact] = []
    rejects: list[Reject] = []
    async for row in rows_in(command.upload, desk.rows_of(mapping)):
        match row if isinstance(row, Reject) else reading(row):
            case Observed() as fact:
                counts += Counts(rows=1, observed=1)
                units.add(fact.unit)
                facts += [fact] if len(facts) < first else []
            case Reject() as reject:
                counts += Counts(rows=1, rejected=1)
                rejects += [reject] if len(rejects) < first else []
            case Skipped():
                counts += Counts(rows=1, skipped=1)
    return Preview(mapping.source, counts, facts, rejects, units.counted())


def _reading(command: Collect, mapping: FileMapping) -> Reading:
    day = day_of(command, mapping)
    if day is None:
        file = plain_name(command.file)
        return lambda row: mapping.observed(row, file=file)
    register = Register(mapping=mapping, day=day, edition=1)

    def appearing(row: Row) -> Observed | Reject | Skipped:
        line = mapping.line(row)
        return register.appeared_or_changed(Entry(line.key, line.unit, line.values)) if isinstance(line, Line) else line

    return appearing
