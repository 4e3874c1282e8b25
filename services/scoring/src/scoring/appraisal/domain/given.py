"""What people gave to judge an indicator by, where no measure counts: a mark, samples, a vote, the dates of milestones, claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scoring.appraisal.domain.claims import Proven
from scoring.appraisal.domain.rules.inputs import Raw
from scoring.appraisal.domain.schemes import IndicatorKey


@dataclass(frozen=True, slots=True)
class Given:
    """`raw` are the rule's inputs as JSON values; `source` says in the trace where they came from.

    `claims` are recognised ones: which of them count depends on the unit's others and on the version (`claim_counts`).
    For milestones `raw` is `{done: {milestone: date}}`: what is due and how much it weighs stands in the scheme.
    """

    raw: Raw
    source: Mapping[str, Any]
    claims: tuple[Proven, ...] = ()


NOTHING_GIVEN: Final = Given({}, {})

GivenOf = Mapping[IndicatorKey, Given]
"""One unit's, by indicator."""
