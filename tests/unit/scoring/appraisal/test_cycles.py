from datetime import date

import pytest

from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.schemes import Cycle, CycleKey

CYCLE = Cycle(key=CycleKey("2026"), name="2026", start=Month("2025-12"), end=Month("2026-11"))


@pytest.mark.parametrize(
    ("today", "through"), [(date(2025, 12, 1), "2025-12"), (date(2026, 6, 30), "2026-06"), (date(2027, 2, 1), "2026-11")]
)
def test_a_cycle_counts_through_the_present_month_and_not_beyond_its_end(today: date, through: str) -> None:
    assert CYCLE.through(today) == through
