"""The source of a version: the present one, a copy to plant something in, or what a commit held."""

import asyncio
import io
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEMBERS: Final = ("services", "shared")


@dataclass(frozen=True, slots=True)
class Source:
    root: Path

    @property
    def path(self) -> str:
        """For PYTHONPATH: it comes before what is installed, so the processes run this version's code with the present packages."""
        return os.pathsep.join(str(folder) for member in MEMBERS for folder in sorted(self.root.glob(f"{member}/*/src")))

    def migrations(self, service: str) -> Path:
        return self.root / "services" / service / "migrations"


PRESENT: Final = Source(Path(__file__).parents[3])


def copied(source: Source, folder: Path) -> Source:
    for member in MEMBERS:
        shutil.copytree(source.root / member, folder / member, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return Source(folder)


async def git(root: Path, *words: str) -> bytes:
    """What git says; raises `LookupError` where there is no git, no history, or nothing by that name."""
    program, pipe = shutil.which("git"), asyncio.subprocess.PIPE
    if program is None:
        raise LookupError("there is no git on this machine")
    # A hook that runs these tests has GIT_DIR set: taken over, it would turn every folder into the project's own repository.
    asked = await asyncio.create_subprocess_exec(
        program, "-c", "safe.directory=*", "-C", str(root), *words, env={"PATH": os.defpath}, stdout=pipe, stderr=pipe
    )
    said, complaint = await asked.communicate()
    if asked.returncode:
        raise LookupError(complaint.decode().strip())
    return said


async def of_commit(root: Path, commit: str, folder: Path) -> Source:
    packed = await git(root, "archive", commit, *MEMBERS)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return Source(folder)
