"""How far the demonstration has come: a small file, replaced whole, so that a later start goes on where the last one stopped."""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

Phase = Literal["setting up", "catching up", "live", "year is over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """`through` is the last day that was worked whole; a day that was cut short is worked again, with the same event ids."""

    phase: Phase = "setting up"
    through: date | None = None
    sent: int = 0


@dataclass(slots=True)
class Progress:
    path: Path
    reached: Reached

    @classmethod
    def kept_in(cls, path: Path) -> "Progress":
        if not path.exists():
            return cls(path, Reached())
        raw = json.loads(path.read_text(encoding="utf-8"))
        through = raw["through"] and date.fromisoformat(raw["through"])
        return cls(path, Reached(phase=raw["phase"], through=through, sent=raw["sent"]))

    def enter(self, phase: Phase) -> None:
        self._keep(replace(self.reached, phase=phase))

    def worked(self, day: date, *, sent: int) -> None:
        self._keep(replace(self.reached, through=day, sent=self.reached.sent + sent))

    def _keep(self, reached: Reached) -> None:
        self.reached = reached
        written = self.path.with_suffix(".next")
        written.write_text(json.dumps(asdict(reached), default=str), encoding="utf-8")
        os.replace(written, self.path)  # noqa: PTH105 - the atomic one by its name
