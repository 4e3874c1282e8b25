"""`python -m collection [serve | migrate]`."""

import sys
from pathlib import Path
from typing import Final

from collection.app import SERVICE, create
from collection.settings import Settings
from kit.commands import command_line, usual_commands

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"

if __name__ == "__main__":
    sys.exit(command_line(SERVICE, usual_commands(Settings, create, topics=(), migrations=MIGRATIONS), sys.argv[1:]))
