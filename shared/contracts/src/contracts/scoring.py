"""What scoring says."""

from typing import ClassVar, Literal

from contracts.envelope import Contract
from contracts.topics import SCORING


class UnitRegisteredV1(Contract):
    """An appraised unit is known by this name; said again when the name or the group changes."""

    TYPE: ClassVar = "scoring.unit_registered.v1"
    TOPIC: ClassVar = SCORING
    KEY: ClassVar = "unit"

    unit: str
    name: str
    group: str


class LineCrossedV1(Contract):
    """A unit's measure crossed a yellow or red line of the scheme, said once a crossing; `value`, `n` and `threshold` are decimals."""

    TYPE: ClassVar = "scoring.line_crossed.v1"
    TOPIC: ClassVar = SCORING
    KEY: ClassVar = "unit"

    cycle: str
    unit: str
    indicator: str
    indicator_name: str
    department: str
    line: Literal["yellow", "red"]
    direction: Literal["fell", "recovered"]
    cause: str
    value: str
    n: str
    threshold: str
    finding: str


class ScoreChangedV1(Contract):
    """An indicator's rounded points of a unit are others than before.

    For the office's services only: nothing of it may reach a unit before publication.
    """

    TYPE: ClassVar = "scoring.score_changed.v1"
    TOPIC: ClassVar = SCORING
    KEY: ClassVar = "unit"

    cycle: str
    unit: str
    indicator: str
    points: str | None
    was: str | None
