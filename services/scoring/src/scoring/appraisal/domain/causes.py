"""What lies between two lines of a score's history: another version, a further month, other judgements, facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import Version
from scoring.appraisal.domain.traces import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """`version` and `month` as (from, to) where they changed; `given` are people's judgements that count now and did not before."""

    version: tuple[Version | None, Version] | None
    month: tuple[Month | None, Month] | None
    given: Mapping[str, Any]
    by_facts: bool


def causes_of(former: Trace | None, trace: Trace) -> Causes:
    """Read off the two traces; `by_facts` says that measures judge, so that facts may have done it."""
    was = former or {}
    version, through = Version(trace["scheme"]["version"]), trace.get("through")
    before = Version(was["scheme"]["version"]) if was else None
    sources = _judgements(trace)
    return Causes(
        version=(before, version) if before != version else None,
        month=(was.get("through"), through) if through is not None and was.get("through") != through else None,
        given={name: source for name, source in sources.items() if _judgements(was).get(name) != source},
        by_facts=through is not None,
    )


def _judgements(trace: Trace) -> Mapping[str, Any]:
    judged = {name: source for name, source in trace.get("sources", {}).items() if not _is_counted(source)}
    return judged | ({"override": trace["overridden"]} if "overridden" in trace else {})


def _is_counted(source: object) -> bool:
    return isinstance(source, Mapping) and "months" in source
