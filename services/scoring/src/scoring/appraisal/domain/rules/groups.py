"""What the kinds that compare a unit with its group have in common: who has a value, and when there is nothing to compare."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from scoring.appraisal.domain.rules.inputs import Group, Inputs, unsuitable
from scoring.appraisal.domain.rules.outcome import Empty
from scoring.appraisal.domain.words import Text

Compared: TypeAlias = tuple[Fraction, tuple[Fraction, ...]]
"""The unit's own value, and those of all units of its group that have one, its own included."""


def compared(inputs: Inputs) -> Compared | Empty:
    """A unit without a value, and the only one with a value, compare with nobody."""
    if not isinstance(inputs, Group):
        raise unsuitable(inputs)
    own, values = inputs.values[inputs.unit], _present(inputs.values)
    if own is None:
        return Empty(Text("本单位没有数值", "the unit has no value"))
    if len(values) == 1:
        return Empty(Text("分组内没有其他有数值的单位", "no other unit of the group has a value"))
    return own, values


def _present(values: Mapping[str, Fraction | None]) -> tuple[Fraction, ...]:
    return tuple(value for value in values.values() if value is not None)
