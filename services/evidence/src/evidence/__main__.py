"""`python -m evidence [serve | migrate | buckets | check | refill]`."""

import sys
from pathlib import Path
from typing import Final

from contracts.topics import EVIDENCE, INTERNAL_PARTITIONS
from evidence.app import SERVICE, create, prepare_buckets
from evidence.settings import BucketSettings, EvidenceSettings
from evidence.store import tables
from kit.commands import Command, command_line, usual_commands
from kit.restoring import restoring_commands

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"


async def check(settings: EvidenceSettings) -> int:
    """Read every accepted file again now; the status says whether any is damaged."""
    service = create(settings.model_copy(update={"integrity_hours": 0}))
    try:
        return 1 if await service.integrity.round() else 0
    finally:
        await service.database.close()


COMMANDS: Final = {
    **usual_commands(EvidenceSettings, create, topics=(EVIDENCE,), migrations=MIGRATIONS),
    "buckets": Command(BucketSettings, prepare_buckets),
    **restoring_commands(EvidenceSettings, tables, says={EVIDENCE: INTERNAL_PARTITIONS}),
    "check": Command(EvidenceSettings, check),
}

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, COMMANDS, sys.argv[1:]))
