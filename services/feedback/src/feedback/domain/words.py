"""The names that everything here is said in."""

from enum import StrEnum
from typing import Final, NewType

ItemId = NewType("ItemId", str)
UnitCode = NewType("UnitCode", str)
CycleKey = NewType("CycleKey", str)
IndicatorKey = NewType("IndicatorKey", str)
Person = NewType("Person", str)

PLATFORM: Final = Person("platform")
"""Who acts when a timer or another service does."""


class Severity(StrEnum):
    """How bad a problem is; it decides the working days that a unit has."""

    MINOR = "minor"
    MAJOR = "major"
    SEVERE = "severe"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
