"""What people gave to judge an indicator by, where no measure counts: a mark, samples, a vote, the dates of milestones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.appraisal.domain.rules.inputs import Raw
from scoring.appraisal.domain.schemes import IndicatorKey


@dataclass(frozen=True, slots=True)
class Given:
    """`raw` are the rule's inputs as JSON values; `source` says in the trace where they came from.

    For milestones `raw` is `{done: {milestone: date}}`: what is due and how much it weighs stands in the scheme.
    """

    raw: Raw
    source: Mapping[str, Any]


GivenOf = Mapping[IndicatorKey, Given]
"""One unit's, by indicator."""
