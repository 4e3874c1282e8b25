"""What is loaded, as data: source, kind, units and cycle of a set of files, and its scheme."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

NAMES: Final = ("traffic-fines", "environment-penalties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    mapping: str
    files: str
    codes: str
    names: str
    known: Mapping[str, str]
    source: Mapping[str, str]
    kind: Mapping[str, Any]
    group: Mapping[str, str]
    cycle: Mapping[str, str]
    scheme: str

    @classmethod
    def named(cls, name: str) -> Self:
        here = resources.files("demo.real")
        raw = tomllib.loads((here / f"{name}.toml").read_text("utf-8"))
        return cls(known=raw.pop("known", {}), scheme=(here / f"{name}.yaml").read_text("utf-8"), **raw)

    def unit_of(self, code: str) -> str:
        """The unit behind a code of the source; raises `KeyError` for one that has none."""
        return self.codes.format(code=code, known=self.known[code] if self.known else "")

    def name_of(self, code: str) -> str:
        return self.names.format(code=code)

    def paths(self, data: Path) -> list[Path]:
        """The files, in the order of their names, which is that of their days."""
        return sorted(data.glob(self.files))
