"""Which migrations the running version would not survive, read from the SQL that they would send: no history is needed.

Two versions run side by side during an upgrade (docs/operations/upgrading.md), so a migration may add and must not take away. What an
earlier release stopped using may go: the migration then says `contracts = "<the revision of that release>"`.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory

TAKES_AWAY: Final = {
    r"\bdrop (?!not null\b)": "drops",
    r"^alter .*\brename\b": "renames",
    r"\balter column \S+ (set data )?type\b": "changes a type",
    r"\balter column \S+ set not null\b": "forbids null",
    r"\badd column (?!.*\b(default|generated)\b).*\bnot null\b": "demands a value that the running version does not write",
    r"^truncate\b": "empties",
}
RULE_ON: Final = re.compile(r"^alter table (\S+) add (?!column\b)|^create unique index (?:\S+ )*?on (\S+)")
MADE: Final = re.compile(r"^create table (?:if not exists )?(\S+)")
LITERAL_OR_COMMENT: Final = re.compile(r"'[^']*'|--[^\n]*")
RELEASED: Final = re.compile(r"^## \S+ \((\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chain:
    """A service's migrations in order, and the days on which releases were made (the changelog's dated headings)."""

    scripts: Sequence[Script]
    releases: Sequence[date]

    def refusals(self, script: Script) -> list[str]:
        """Why this migration may not be, in words that say what to do; none when the running version goes on working."""
        broken = [f"{script.revision} {what}: {statement}" for what, statement in taken_away(statements(script))]
        named: str | None = getattr(script.module, "contracts", None)
        if not broken:
            return []
        if named is None:
            return [f"{each}; expand first, and contract in a later release: docs/operations/upgrading.md" for each in broken]
        return self._refused_contraction(script, named)

    def _refused_contraction(self, script: Script, named: str) -> list[str]:
        order = [each.revision for each in self.scripts]
        if named not in order[: order.index(script.revision)]:
            return [f"{script.revision} contracts {named}, which is no earlier migration of this service"]
        if not any(day_of(named) <= released < day_of(script.revision) for released in self.releases):
            return [f"{script.revision} contracts {named}, which no release lies after yet: CHANGELOG.md dates none between the two"]
        return []


def chain_of(migrations: Path, changelog: str) -> Chain:
    scripts = list(ScriptDirectory(str(migrations)).walk_revisions())[::-1]
    return Chain(scripts, [date.fromisoformat(day) for day in RELEASED.findall(changelog)])


def day_of(revision: str) -> date:
    """Revisions are named for the minute in which they were written: `2026_11_23_1950`."""
    year, month, day, *_ = revision.split("_")
    return date(int(year), int(month), int(day))


def statements(script: Script) -> list[str]:
    """What the migration sends, one statement each, in small letters, without literals, quotes and line ends."""
    sent = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sent, "literal_binds": True})
    with Operations.context(context):
        script.module.upgrade()
    plain = LITERAL_OR_COMMENT.sub("''", sent.getvalue()).replace('"', "").lower()
    return [found for each in plain.split(";") if (found := " ".join(each.split()))]


def taken_away(sent: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What each statement takes from a version that does not know of it, with the statement; tables made here are nobody's yet."""
    made = {found[1] for each in sent if (found := MADE.match(each))}
    for statement in sent:
        for pattern, what in TAKES_AWAY.items():
            if re.search(pattern, statement):
                yield what, statement
        ruled = RULE_ON.match(statement)
        if ruled and (ruled[1] or ruled[2]) not in made:
            yield "adds a rule that the running version may break", statement
