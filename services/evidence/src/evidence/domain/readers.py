"""Who may see which evidence, and hand in for whom."""

from dataclasses import dataclass
from typing import Final

from evidence.domain.claims import Confidentiality, UnitCode


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is asking: everything of the own `units`, and of all units what stands at one of `levels`."""

    subject: str
    name: str
    units: frozenset[UnitCode]
    levels: frozenset[Confidentiality]

    def may_upload_for(self, unit: UnitCode | None) -> bool:
        """Whoever reads work secrets of all units (assessors, the office) may hand in for any, or for none."""
        return unit in self.units or Confidentiality.WORK_SECRET in self.levels


# A work secret is for those who need to know it: the unit that it concerns, who marks and verifies, and the office.
LEVELS: Final = {
    "office": frozenset(Confidentiality),
    "assessor": frozenset(Confidentiality),
    "leader": frozenset({Confidentiality.PUBLIC, Confidentiality.INTERNAL}),
}


def reader_of(subject: str, name: str, *, roles: frozenset[str], units: frozenset[str]) -> Reader:
    """A unit's staff read their own unit only; admins and auditors read no file."""
    own = frozenset(UnitCode(unit) for unit in units) if "unit" in roles else frozenset()
    levels = frozenset(level for role in roles for level in LEVELS.get(role, ()))
    return Reader(subject, name, own, levels)
