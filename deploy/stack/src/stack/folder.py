"""Where the local stack keeps everything it makes: data, logs, process ids, keys. One folder, and nothing outside it."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stack.problems import AlreadyRunning

KEYS = ("postgres", "s3_admin_access", "s3_admin_secret", "s3_uploader_access", "s3_uploader_secret", "issuer")
KEY_BYTES = 24


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one stack. Others may pass through (PostgreSQL may have to run as another user), but not look."""

    root: Path

    def __post_init__(self) -> None:
        for path in (self.root, self.logs, self.pids, self.data):
            path.mkdir(mode=0o711, parents=True, exist_ok=True)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        return self.root / "pids"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def secrets(self) -> dict[str, str]:
        """Passwords and keys of this folder's servers, made at the first call and kept."""
        path = self.root / "secrets.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [key for key in KEYS if key not in kept]
        if missing:
            kept |= {key: secrets.token_urlsafe(KEY_BYTES) for key in missing}
            write_private(path, json.dumps(kept, indent=1))
        return kept

    def secret(self, name: str) -> str:
        """A password that is made when it is first asked for: a role's, an API key's."""
        kept = self.secrets()
        if name not in kept:
            kept[name] = secrets.token_urlsafe(KEY_BYTES)
            write_private(self.root / "secrets.json", json.dumps(kept, indent=1))
        return kept[name]

    def owner(self) -> int | None:
        """The process that holds the folder at this moment."""
        try:
            with self.owned(peeking=True):
                return None
        except AlreadyRunning as running:
            return running.pid

    @contextmanager
    def owned(self, *, peeking: bool = False) -> Iterator[None]:
        """Hold the folder for this process alone; the lock dies with the process, however that ends. Raises `AlreadyRunning`."""
        with self.lock.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise AlreadyRunning(int(file.read().strip() or 0)) from None
            if not peeking:
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
            yield


def forget_abandoned(parent: Path, pattern: str) -> None:
    """Remove the folders of stacks whose owners died without removing them."""
    for root in parent.glob(pattern):
        with suppress(AlreadyRunning), Folder(root).owned():
            shutil.rmtree(root, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write so that no other user can read it and no reader ever sees half of it."""
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    part.chmod(0o600)
    part.write_text(text)
    part.replace(path)
