"""`python -m feedback [serve | migrate]`."""

import sys
from pathlib import Path
from typing import Final

from contracts.topics import DEAD_LETTERS, EVIDENCE, FEEDBACK, SCORING
from feedback.app import SERVICE, create
from feedback.settings import FeedbackSettings
from kit.commands import command_line, usual_commands

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TOPICS: Final = (SCORING, EVIDENCE, FEEDBACK, DEAD_LETTERS)

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, usual_commands(FeedbackSettings, create, topics=TOPICS, migrations=MIGRATIONS), sys.argv[1:]))
