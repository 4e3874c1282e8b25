"""Of the lock, the part that is needed: `python locked.py requirements.lock needed.txt` prints it with its hashes."""  # noqa: INP001 - a script of the image's build

import re
import sys
from collections import defaultdict
from pathlib import Path


def pinned(line: str) -> str:
    return line.split("==", maxsplit=1)[0].strip()


def blocks(lock: str) -> dict[str, list[str]]:
    """The lines of each package by its name; a package has several blocks where its version depends on the platform."""
    found: dict[str, list[str]] = defaultdict(list)
    for block in re.split(r"\n(?=\S)", lock.strip()):
        if not block.startswith("#"):
            found[pinned(block)].append(block)
    return found


def needed_of(lock: str, needed: str) -> str:
    """The blocks of the needed packages; raises `LookupError` for one that the lock does not hold."""
    wanted = {pinned(line) for line in needed.splitlines() if "==" in line and not line.startswith("#")}
    found = blocks(lock)
    if missing := wanted - found.keys():
        message = f"not in the lock: {', '.join(sorted(missing))}; run make lock"
        raise LookupError(message)
    return "".join(f"{block}\n" for name in sorted(wanted) for block in found[name])


if __name__ == "__main__":
    print(needed_of(*(Path(name).read_text() for name in sys.argv[1:3])), end="")
