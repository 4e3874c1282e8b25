"""Taking a register: kept row by row, compared in the database, and once whole surely stated, whatever breaks in between."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from collection.domain.facts import Fact, Observed
from collection.domain.mappings import FileMapping, Line
from collection.domain.rows import Reject, Skipped
from collection.domain.runs import Counts, Move, RunId
from collection.domain.snapshots import EmptyRegister, Entry, Register, check_withdrawals, edition_of, is_later
from collection.handlers.ports import Changed, Collect, Held, Pending, StagedRow
from collection.handlers.progress import BATCH, Progress, rows_in

FORGOTTEN_AT_ONCE: Final = 5_000  # rows of replaced registers removed in one transaction


async def take_register(command: Collect, mapping: FileMapping, progress: Progress) -> None:
    """Finishes first what a broken run left whole, so that each register is compared with what was really stated.

    Raises `OlderSnapshot`, `EmptyRegister`, `TooManyWithdrawals`; then nothing is stated.
    """
    held = await _settled(mapping.slug, progress)
    run = progress.run
    assert run.day is not None  # noqa: S101 - a run of a register is opened with its day
    pending = Pending(run.id, run.day, edition_of(run.day, held.taken), run.mapping, run.version)
    await _stage(command, mapping, progress)
    await _check(command, mapping, held, progress)
    async with progress.desk.transactions() as work:
        await work.registers.propose(mapping.slug, pending)
    progress.count(await _finish(pending, mapping, held, progress))


async def _settled(slug: str, progress: Progress) -> Held:
    """What is held of the register once nothing is pending."""
    async with progress.desk.transactions() as work:
        held = await work.registers.held(slug)
        if held.pending is None:
            return held
        mapping = (await work.mappings.version(held.pending.mapping, held.pending.version)).built()
    counts = await _finish(held.pending, mapping, held, progress)
    async with progress.desk.transactions() as work:
        broken = await work.runs.get(held.pending.run)
        counted = replace(broken.counts, observed=counts.observed, withdrawn=counts.withdrawn)
        mended = replace(broken, counts=counted).moved(Move.FINISH, now=progress.desk.clock.now())
        await work.runs.end(mended, was=broken.state)
        return await work.registers.held(slug)


async def _stage(command: Collect, mapping: FileMapping, progress: Progress) -> None:
    chunk: dict[str, StagedRow] = {}
    async for row in rows_in(command.upload, progress.desk.rows_of(mapping)):
        match row if isinstance(row, Reject) else mapping.line(row):
            case Line() as line:
                progress.units.add(line.unit)
                progress.count(Counts(rows=1))
                entry = Entry(line.key, line.unit, line.values)
                _keep_latest(chunk, StagedRow(line.key, entry, line.updated, line.place.number))
            case Reject() as reject:
                progress.reject(reject)
                if reject.key is not None:
                    chunk.setdefault(reject.key, StagedRow(reject.key, None, None, reject.place.number))
            case Skipped():
                progress.count(Counts(rows=1, skipped=1))
        if progress.batch_is_full:
            await _keep(chunk.values(), progress)
            chunk = {}
    await _keep(chunk.values(), progress)


def _keep_latest(chunk: dict[str, StagedRow], row: StagedRow) -> None:
    earlier = chunk.get(row.key)
    if earlier is None or earlier.entry is None or is_later(row.updated, earlier.updated):
        chunk[row.key] = row


async def _keep(rows: Iterable[StagedRow], progress: Progress) -> None:
    await progress.beat()
    async with progress.desk.transactions() as work:
        await work.registers.stage(progress.run.id, sorted(rows, key=lambda row: row.key))


async def _check(command: Collect, mapping: FileMapping, held: Held, progress: Progress) -> None:
    async with progress.desk.transactions() as work:
        difference = await work.registers.carry(progress.run.id, held.run)
    if difference.rows == 0:
        raise EmptyRegister
    if not command.allow_withdrawals:
        check_withdrawals(gone=difference.gone, held=held.rows, most=mapping.snapshot.most_withdrawn)


async def _finish(pending: Pending, mapping: FileMapping, held: Held, progress: Progress) -> Counts:
    """State every change, then mark the register as taken; done again after a crash it states the same facts."""
    register, counts, after = Register(mapping=mapping, day=pending.day, edition=pending.edition), Counts(), ""
    while changes := await _changes(pending.run, held.run, after, progress):
        facts = [_fact(register, change) for change in changes]
        await progress.facts.send(mapping, facts)
        observed = sum(isinstance(fact, Observed) for fact in facts)
        counts += Counts(observed=observed, withdrawn=len(facts) - observed)
        await progress.beat()
        after = changes[-1].key
    async with progress.desk.transactions() as work:
        await work.registers.take(mapping.slug, pending)
    await _forget(mapping.slug, pending.run, progress)
    return counts


async def _changes(run: RunId, last: RunId | None, after: str, progress: Progress) -> list[Changed]:
    async with progress.desk.transactions() as work:
        return list(await work.registers.changes(run, last, after=after, most=BATCH))


def _fact(register: Register, change: Changed) -> Fact:
    return register.disappeared(change.key) if change.entry is None else register.appeared_or_changed(change.entry)


async def _forget(slug: str, taken: RunId, progress: Progress) -> None:
    keep = (taken, progress.run.id)
    while True:
        async with progress.desk.transactions() as work:
            if not await work.registers.forget(keep=keep, slug=slug, most=FORGOTTEN_AT_ONCE):
                return
