"""An indicator's light: green, yellow or red by its lines, and yellow for the rest of the cycle once a red was repaired (domain.md §7)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from scoring.appraisal.domain.lines import Level


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    REPAIRED = "repaired"  # a red that was left: shown yellow, whatever the other lines say


TURNS: Final[Mapping[tuple[Light, Level | None], Light]] = {  # (light, gravest line that is crossed now) -> light
    (Light.GREEN, None): Light.GREEN,
    (Light.GREEN, Level.YELLOW): Light.YELLOW,
    (Light.GREEN, Level.RED): Light.RED,
    (Light.YELLOW, None): Light.GREEN,
    (Light.YELLOW, Level.YELLOW): Light.YELLOW,
    (Light.YELLOW, Level.RED): Light.RED,
    (Light.RED, None): Light.REPAIRED,
    (Light.RED, Level.YELLOW): Light.REPAIRED,
    (Light.RED, Level.RED): Light.RED,
    (Light.REPAIRED, None): Light.REPAIRED,
    (Light.REPAIRED, Level.YELLOW): Light.REPAIRED,
    (Light.REPAIRED, Level.RED): Light.RED,
}
COLOURS: Final[Mapping[Light, str]] = {Light.GREEN: "green", Light.YELLOW: "yellow", Light.RED: "red", Light.REPAIRED: "yellow"}


def turned(light: Light, crossed: Iterable[Level]) -> Light:
    """The light after lines of these levels are the ones that are crossed."""
    levels = set(crossed)
    gravest = Level.RED if Level.RED in levels else Level.YELLOW if levels else None
    return TURNS[light, gravest]
