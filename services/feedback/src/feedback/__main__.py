"""`python -m feedback [serve | migrate | adopt TOPIC | refill]`."""

import sys
from pathlib import Path
from typing import Final

from contracts.topics import DEAD_LETTERS, EVIDENCE, FEEDBACK, INTERNAL_PARTITIONS, SCORING
from feedback.app import SERVICE, create
from feedback.settings import FeedbackSettings
from feedback.store.tables import PLUMBING
from kit.commands import command_line, usual_commands
from kit.restoring import restoring_commands

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TOPICS: Final = (SCORING, EVIDENCE, FEEDBACK, DEAD_LETTERS)

COMMANDS: Final = {
    **usual_commands(FeedbackSettings, create, topics=TOPICS, migrations=MIGRATIONS),
    **restoring_commands(FeedbackSettings, PLUMBING, says={FEEDBACK: INTERNAL_PARTITIONS}, hears=(SCORING, EVIDENCE)),
}

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, COMMANDS, sys.argv[1:]))
