"""Which commit ran before each migration, told by git."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.script import Script, ScriptDirectory

from tests.faults.upgrade.sources import Source, git


@dataclass(frozen=True, slots=True)
class Step:
    """A migration, and the last commit without it: its processes were running when the migration came."""

    service: str
    revision: str
    before: str


async def must_be_whole(root: Path) -> None:
    """Raise `LookupError` where the commits before the present one are not there: a shallow clone, an exported tree."""
    if (await git(root, "rev-parse", "--is-shallow-repository")).strip() != b"false":
        raise LookupError("this clone is shallow: the commits before a migration are not in it")


async def steps(source: Source) -> list[Step]:
    """Every migration that came while something ran, oldest first in each service; one that is not committed yet came after HEAD."""
    found: list[Step] = []
    for folder in sorted(source.root.glob("services/*/migrations")):
        service = folder.parent.name
        for script in surviving(list(ScriptDirectory(str(folder)).walk_revisions())[::-1]):
            before = await _commit_before(source.root, Path(script.path))
            if before is not None and await _ran(source.root, before, service):
                found.append(Step(service, script.revision, before))
    return found


def surviving(chain: Sequence[Script]) -> Sequence[Script]:
    """Without the first, and without those whose predecessor a later contraction gave up: it works from the named revision on."""
    order = [script.revision for script in chain]
    given_up = [order.index(named) for script in chain if (named := getattr(script.module, "contracts", None))]
    return chain[max([0, *given_up]) + 1 :]


async def _commit_before(root: Path, migration: Path) -> str | None:
    """The parent of the commit that added it; none when that was the first commit of all."""
    added = (await git(root, "log", "--diff-filter=A", "--format=%H %P", "-1", "--", str(migration))).decode().split()
    return next(iter(added[1:]), None) if added else "HEAD"


async def _ran(root: Path, commit: str, service: str) -> bool:
    """A commit in which the service could not be started yet left nothing running."""
    entrance = f"services/{service}/src/{service}/__main__.py"
    return bool((await git(root, "ls-tree", "--name-only", commit, "--", entrance)).strip())
