"""Rules that compare the units of a group: whose figures they see, and whether a unit's own figure moved for the others."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from scoring.appraisal.domain.inputs import Plan, Totals, gathered
from scoring.appraisal.domain.schemes import Indicator, Scheme, Unit, UnitCode


def peers_of(units: Iterable[Unit], known: Iterable[Unit], *schemes: Scheme) -> tuple[Unit, ...]:
    """The units that share a group with one of these, they themselves included; nobody where no rule compares."""
    groups = {unit.group for unit in units} if any(scheme.compares for scheme in schemes) else set()
    return tuple(unit for unit in known if unit.group in groups)


class Peer(Protocol):
    """A unit with all that its own scores are decided by."""

    @property
    def unit(self) -> Unit: ...

    def totals_of(self, indicator: Indicator) -> Totals:
        """What the indicator judges of the unit."""


def judged_beside(indicator: Indicator, unit: Unit, peers: Iterable[Peer]) -> dict[UnitCode, Totals]:
    """What the indicator judges of those in the unit's group whom it judges at all, by code."""
    beside = {peer.unit.code: peer for peer in peers if peer.unit.group == unit.group and indicator.judges(peer.unit)}
    return {code: beside[code].totals_of(indicator) for code in sorted(beside)}


def gathered_beside(plan: Plan, unit: UnitCode, beside: Mapping[UnitCode, Totals]) -> dict[str, Any]:
    """A group rule's inputs: the figure of each unit, exact; a share stays the quotient that it is."""
    return {"group": {code: _figure(gathered(plan, totals)) for code, totals in beside.items()}, "unit": unit}


def moves_its_group(made: Mapping[str, Any], held: Mapping[str, Any] | None) -> bool:
    """Whether the unit's own figure is another than in the trace that was held, so that the others of its group stand otherwise.

    A unit without a trace held is new: whoever made it so has its group settled.
    """
    return held is not None and _own_figures(made) != _own_figures(held)


def _own_figures(trace: Mapping[str, Any]) -> list[Any]:
    if "versions" in trace:
        return [figure for one in trace["versions"] for figure in _own_figures(one["trace"])]
    inputs = trace.get("inputs") or {}
    return [inputs["group"].get(inputs["unit"])] if "group" in inputs else []


def _figure(raw: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
    return raw["x"] if "x" in raw else dict(raw)
