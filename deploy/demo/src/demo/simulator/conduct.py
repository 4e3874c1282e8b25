"""How each unit behaves on a day, and what happens only once: `data/conduct.toml` as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from demo.bureau import document


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    duplicates: float
    late: float
    corrections: float
    withdrawals: float
    unusable: float
    unknown_units: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    unit: str
    habit: str
    first: date
    last: date
    value: float

    def holds(self, unit: str, habit: str, day: date) -> bool:
        return self.unit == unit and self.habit == habit and self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    unit: str
    final_on: date
    procedure: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    unit: str
    decided_on: date
    level: str
    accepted: bool
    self_reported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    giver: str
    taker: str
    cases: int
    filed_on: date
    due_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MiswrittenCall:
    """A call that was answered in time, entered as late, and corrected by the hotline weeks after."""

    unit: str
    received_on: date
    due_on: date
    written_on: date
    answered_on: date
    corrected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    rates: Rates
    usual: Mapping[str, float]
    units: Mapping[str, Mapping[str, float]]
    spells: tuple[Spell, ...]
    reviews: tuple[Review, ...]
    letters: tuple[Letter, ...]
    transfer: Transfer
    miswritten_call: MiswrittenCall

    def habit(self, unit: str, habit: str, day: date) -> float:
        for spell in self.spells:
            if spell.holds(unit, habit, day):
                return spell.value
        return self.units.get(unit, {}).get(habit, self.usual[habit])


def load_conduct() -> Conduct:
    raw = document("conduct.toml")
    return Conduct(
        rates=Rates(**raw["rates"]),
        usual=raw["usual"],
        units=raw["units"],
        spells=tuple(_spell(spell) for spell in raw["spells"]),
        reviews=tuple(Review(**review) for review in raw["reviews"]),
        letters=tuple(Letter(**letter) for letter in raw["letters"]),
        transfer=Transfer(**raw["transfer"]),
        miswritten_call=MiswrittenCall(**raw["miswritten_call"]),
    )


def _spell(raw: Mapping[str, Any]) -> Spell:
    return Spell(unit=raw["unit"], habit=raw["habit"], first=raw["from"], last=raw["through"], value=raw["value"])
