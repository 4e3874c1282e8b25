"""`python -m notification [serve | migrate | adopt TOPIC | refill]`."""

import sys
from pathlib import Path
from typing import Final

from contracts.topics import DEAD_LETTERS, FEEDBACK, INTERNAL_PARTITIONS, NOTIFICATION, SCORING
from kit.commands import command_line, usual_commands
from kit.restoring import restoring_commands
from notification.app import SERVICE, create
from notification.settings import NotificationSettings
from notification.store.tables import PLUMBING

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
TOPICS: Final = (SCORING, FEEDBACK, NOTIFICATION, DEAD_LETTERS)

COMMANDS: Final = {
    **usual_commands(NotificationSettings, create, topics=TOPICS, migrations=MIGRATIONS),
    **restoring_commands(NotificationSettings, PLUMBING, says={NOTIFICATION: INTERNAL_PARTITIONS}, hears=(SCORING, FEEDBACK)),
}

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, COMMANDS, sys.argv[1:]))
