"""`python -m notification [serve | migrate]`."""

import sys
from pathlib import Path
from typing import Final

from contracts.topics import DEAD_LETTERS, FEEDBACK, NOTIFICATION, SCORING
from kit.commands import command_line, usual_commands
from notification.app import SERVICE, create
from notification.settings import NotificationSettings

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TOPICS: Final = (SCORING, FEEDBACK, NOTIFICATION, DEAD_LETTERS)

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, usual_commands(NotificationSettings, create, topics=TOPICS, migrations=MIGRATIONS), sys.argv[1:]))
