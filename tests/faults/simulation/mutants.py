"""Planted bugs: what the histories must find. Each is one text of the real code and what stands there instead while it is loaded."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Final


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` stands exactly once in `file`; `history` is the kind that finds the bug, not long after the seed `first`."""

    name: str
    history: str
    file: str
    text: str
    instead: str
    sentence: str
    first: int = 1


OUTBOX: Final = "shared/kit/src/kit/outbox.py"
INBOX: Final = "shared/kit/src/kit/inbox.py"
READER: Final = "shared/kit/src/kit/reader.py"
WORKER: Final = "services/scoring/src/scoring/ledger/worker/feed.py"
LEDGER: Final = "services/scoring/src/scoring/ledger/store/taking.py"
TAKING: Final = "services/scoring/src/scoring/ledger/handlers/taking.py"
KNOWLEDGE: Final = "services/scoring/src/scoring/ledger/store/knowledge.py"
BACKFILLING: Final = "services/scoring/src/scoring/ledger/store/backfilling.py"
FRONTIERS: Final = "services/scoring/src/scoring/ledger/store/frontiers.py"
ITEMS: Final = "services/feedback/src/feedback/store/items.py"
STATES: Final = "services/feedback/src/feedback/domain/states.py"

MUTANTS: Final = (
    Mutant(
        "marks-before-acknowledgement",
        "relay",
        OUTBOX,
        "            await _acknowledged(producer, unsent)\n            await rows.mark_sent([row.id for row in unsent])\n",
        "            await rows.mark_sent([row.id for row in unsent])\n            await _acknowledged(producer, unsent)\n",
        "the relay marks rows before Kafka has acknowledged them",
        first=19,
    ),
    Mutant(
        "no-order",
        "relay",
        OUTBOX,
        ".order_by(c.id).limit(most)",
        ".order_by(c.id.desc()).limit(most)",
        "the relay does not send in the order of ids",
    ),
    Mutant(
        "no-key-lock",
        "relay",
        OUTBOX,
        'text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")',
        'text("select cast(:key as text)")',
        "rows of one key are inserted without its lock",
    ),
    Mutant(
        "shares-of-others",
        "relay",
        OUTBOX,
        "where pg_try_advisory_lock(:space, share)",
        "where pg_try_advisory_lock(:space, share) or true",
        "a relay serves shares that another one owns",
    ),
    Mutant(
        "keeps-its-locks",
        "relay",
        OUTBOX,
        "            await connection.invalidate()\n",
        "            pass\n",
        "a relay that starts again leaves its locks with a connection in the pool",
        first=66,
    ),
    Mutant(
        "no-inbox",
        "inbox",
        INBOX,
        "if _touched(await session.execute(inbox)) == 0:",
        "if _touched(await session.execute(inbox)) < 0:",
        "an event that was handled before is handled again",
    ),
    Mutant(
        "position-apart",
        "inbox",
        INBOX,
        "        async with self._database.transaction() as session:\n"
        "            await self._positions.move(session, partition, was=was, now=now)\n"
        "            inbox =",
        "        async with self._database.transaction() as session:\n"
        "            await self._positions.move(session, partition, was=was, now=now)\n"
        "        async with self._database.transaction() as session:\n"
        "            inbox =",
        "the consumer's position is written in a transaction of its own, before the work",
    ),
    Mutant(
        "offset-before-work",
        "feed",
        WORKER,
        "            await facts.move(moves, outcome.newest)\n",
        "            async with self._pool.acquire() as other:\n                await PgFacts(other).move(moves, outcome.newest)\n",
        "the worker's offsets are written before the work and without it",
    ),
    Mutant(
        "offset-unchecked",
        "feed",
        LEDGER,
        "and epoch = $3 and next_offset = $8",
        "and epoch = $3 and $8::bigint >= 0",
        "a worker that lost its partition writes its own offset over the new owner's",
        first=5,
    ),
    Mutant(
        "version-unchecked",
        "feed",
        LEDGER,
        '        if written != f"INSERT 0 {len(records)}":\n            raise Raced\n',
        "",
        "a record that another worker wrote in between is left as it is, and the batch counts all the same",
        first=50,
    ),
    Mutant(
        "overwrites-records",
        "feed",
        LEDGER,
        '            " where held.version = excluded.version - 1",\n',
        '            "",\n',
        "a record is overwritten by what was read before another worker wrote it",
        first=50,
    ),
    Mutant(
        "counts-duplicates",
        "feed",
        LEDGER,
        '        if made != f"INSERT 0 {len(rows)}":\n            raise Raced\n',
        "",
        "a fact that another worker took in between counts twice",
    ),
    Mutant(
        "adds-corrections",
        "feed",
        TAKING,
        "was = catalogue.contributions(held.record) if held else {}",
        "was = {}",
        "a correction adds to the totals instead of replacing what the record added before",
    ),
    Mutant(
        "unsorted-totals",
        "feed",
        LEDGER,
        "for place, amount in sorted(changes.items()) if amount",
        "for place, amount in changes.items() if amount",
        "totals are written in the order in which they come, and two workers wait for each other",
    ),
    Mutant(
        "stale-knowledge",
        "feed",
        KNOWLEDGE,
        "        raise Outdated\n",
        "        pass\n",
        "a worker goes on with aliases and measures that have changed",
    ),
    Mutant(
        "feeds-while-counting",
        "feed",
        KNOWLEDGE,
        "    )\n    return found\n",
        "    )\n    return None\n",
        "facts are taken while totals are counted anew",
        first=8,
    ),
    Mutant(
        "frontier-not-held",
        "feed",
        LEDGER,
        "        await hold_frontiers(self._connection)\n",
        "",
        "a backfill goes on while a batch is open that has read how far it came",
        first=5,
    ),
    Mutant(
        "frontier-not-owned",
        "feed",
        BACKFILLING,
        "        await own_frontiers(connection)\n",
        "",
        "a backfill goes on without waiting for the batches that are open",
        first=5,
    ),
    Mutant(
        "forgets-what-was-written-meanwhile",
        "feed",
        BACKFILLING,
        "        if written:\n",
        "        if False:\n",
        "a backfill counts records as it read them, though they were written since",
        first=70,
    ),
    Mutant(
        "counts-ahead-of-the-frontier",
        "feed",
        FRONTIERS,
        '" on at_end or (asked.source, asked.subject) <= (backfills.source, backfills.subject) where id = any($1)"',
        '" on true where id = any($1)"',
        "a batch counts for a backfill also what that has still to count",
        first=8,
    ),
    Mutant(
        "goes-on-after-a-failure",
        "feed",
        WORKER,
        "        self._in_doubt = True\n",
        "        self._in_doubt = False\n",
        "after a failed batch the worker goes on with the next one",
    ),
    Mutant(
        "takes-before-the-seek",
        "feed",
        READER,
        "return [message for message in messages if message.offset >= position]",
        "return messages[1:] or messages",
        "messages that were fetched at another place than the stored one are taken",
    ),
    Mutant(
        "ledger-without-due-date",
        "ladder",
        ITEMS,
        ".where(stage.c.item == item, stage.c.due_on == due_on)",
        ".where(stage.c.item == item)",
        "a stage that was told for one due date is not told for the next one",
        first=7,
    ),
    Mutant(
        "looks-without-lock",
        "ladder",
        ITEMS,
        "unlooked(day)).with_for_update(skip_locked=True)",
        "unlooked(day))",
        "two schedulers look at an item at the same moment",
        first=10,
    ),
    Mutant(
        "acts-without-lock",
        "ladder",
        ITEMS,
        "where(rectification.c.id == item).with_for_update())",
        "where(rectification.c.id == item))",
        "a person acts on an item that the timers are changing",
        first=26,
    ),
    Mutant(
        "told-again",
        "ladder",
        ITEMS,
        "        return frozenset(Stage(row.stage) for row in rows)\n",
        "        return frozenset()\n",
        "what was told is forgotten, and only the ledger's key is left",
        first=2,
    ),
    Mutant(
        "climbs-while-submitted",
        "ladder",
        STATES,
        "RUNNING: Final = frozenset({State.SIGNED, State.IN_PROGRESS, State.RETURNED})",
        "RUNNING: Final = frozenset({State.SIGNED, State.IN_PROGRESS, State.RETURNED, State.SUBMITTED})",
        "the ladder goes on while an item is submitted",
        first=14,
    ),
    Mutant(
        "skips-silently",
        "ladder",
        ITEMS,
        '[*rows, {**row, "stage": fact.stage, "skipped": False}]',
        '[{**row, "stage": fact.stage, "skipped": False}]',
        "stages that were missed are not recorded as skipped",
        first=2,
    ),
)


class NotFound(Exception):
    """The text does not stand exactly once in the file any more: the list of mutants is to be brought up to date."""


def mutated(mutant: Mutant, source: str) -> str:
    if source.count(mutant.text) != 1:
        raise NotFound(f"{mutant.name}: {mutant.text!r} stands {source.count(mutant.text)} times in {mutant.file}")
    return source.replace(mutant.text, mutant.instead)


class _Loader(SourceFileLoader):
    def __init__(self, spec: ModuleSpec, mutant: Mutant) -> None:
        super().__init__(spec.name, str(spec.origin))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """From the changed source; kept bytecode is of the real one."""
        return compile(mutated(self._mutant, str(self.get_source(fullname))), self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        others = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((found for found in others if found), None)
        if spec is not None and str(spec.origin).endswith(self._mutant.file):
            spec.loader = _Loader(spec, self._mutant)
        return spec


def mutate(mutant: Mutant) -> None:
    """Change the code of this process before it is imported; the file stays as it is."""
    sys.meta_path.insert(0, _Finder(mutant))
