"""Taking a file whole: a run begins, its rows become facts, and it ends in a state that says what to do."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from collection.domain.facts import Observed
from collection.domain.mappings import FileMapping
from collection.domain.rows import Reject, Skipped
from collection.domain.runs import Counts, Move, Run, RunEnded, RunId, RunState
from collection.domain.snapshots import DayUnknown
from collection.handlers.ports import Collect, Desk, StoredMapping
from collection.handlers.progress import Progress, plain_name, rows_in
from collection.handlers.registers import take_register
from kit.errors import NotYet, Refused


async def collect(command: Collect, *, desk: Desk) -> Run:
    """The run, done. The same file again states the same facts, which change nothing.

    Raises `NoSuchMapping`, `SourceNotRegistered`, `RunUnderWay`, `UnreadableFile`, `SnapshotRefused`; a run that began is kept with
    the reason.
    """
    async with desk.transactions() as work:
        stored = await work.mappings.latest(command.mapping)
    mapping = stored.built()
    run = _opened(command, stored, mapping, desk)
    async with desk.feed() as facts:
        await facts.check(mapping.slug)
        async with desk.transactions() as work:
            await work.runs.start(run)
        return await _run(command, mapping, Progress(run, desk, facts))


async def _run(command: Collect, mapping: FileMapping, progress: Progress) -> Run:
    try:
        await _take(command, mapping, progress)
    except RunEnded:
        raise  # another run took over and has marked this one
    except Refused as refusal:
        move = Move.INTERRUPT if isinstance(refusal, NotYet) else Move.REFUSE
        await _end(progress, move, f"{refusal.zh} / {refusal.en}")
        raise
    except Exception as broken:
        await _end(progress, Move.INTERRUPT, f"{type(broken).__name__}: 请重新执行 / run it again")
        raise
    return await _end(progress, Move.FINISH)


async def _take(command: Collect, mapping: FileMapping, progress: Progress) -> None:
    if mapping.mode == "snapshots":
        await take_register(command, mapping, progress)
    else:
        await _take_events(command, mapping, progress)
    await progress.beat()


def _opened(command: Collect, stored: StoredMapping, mapping: FileMapping, desk: Desk) -> Run:
    return Run(
        id=RunId(desk.new_id()),
        mapping=stored.name,
        version=stored.version,
        slug=mapping.slug,
        file=plain_name(command.file),
        day=day_of(command, mapping),
        started_by=command.by,
        started_at=desk.clock.now(),
    )


def day_of(command: Collect, mapping: FileMapping) -> date | None:
    """The day of a register, said or in the file's name; raises `DayUnknown`. Events have none."""
    if mapping.mode == "events":
        return None
    day = command.day or mapping.day_of(command.file)
    if day is None:
        raise DayUnknown(command.file)
    return day


async def _take_events(command: Collect, mapping: FileMapping, progress: Progress) -> None:
    facts: list[Observed] = []
    async for row in rows_in(command.upload, progress.desk.rows_of(mapping)):
        match row if isinstance(row, Reject) else mapping.observed(row, file=progress.run.file):
            case Observed() as fact:
                facts.append(fact)
                progress.units.add(fact.unit)
                progress.count(Counts(rows=1))
            case Reject() as reject:
                progress.reject(reject)
            case Skipped():
                progress.count(Counts(rows=1, skipped=1))
        if progress.batch_is_full:
            await _send(facts, mapping, progress)
            facts = []
    await _send(facts, mapping, progress)


async def _send(facts: Sequence[Observed], mapping: FileMapping, progress: Progress) -> None:
    await progress.facts.send(mapping, facts)
    progress.count(Counts(observed=len(facts)))
    await progress.beat()


async def _end(progress: Progress, move: Move, reason: str | None = None) -> Run:
    ended = progress.so_far().moved(move, now=progress.desk.clock.now(), reason=reason)
    with suppress(RunEnded):  # a run that broke off for long may have been marked by the next one
        async with progress.desk.transactions() as work:
            await work.runs.end(ended, was=RunState.RUNNING)
    progress.desk.told(ended)
    return ended
