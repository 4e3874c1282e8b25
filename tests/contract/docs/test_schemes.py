"""The whole scheme of docs/schemes.md is one that the platform takes."""

import re
from pathlib import Path

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.inputs import Month
from scoring.appraisal.domain.scheme_documents import World, scheme_of
from scoring.appraisal.domain.schemes import Cycle, CycleKey, GroupKey, UnitCode
from scoring.ledger.domain.values import Kind

PAGE = Path(__file__).parents[3] / "docs/schemes.md"
CASE = Kind.of(
    "case", {"status": "text", "filed_on": "date", "due_on": "date", "closed_on": "date", "revoked": "boolean", "revoked_on": "date"}
)
CYCLE = Cycle(key=CycleKey("2026"), name="2026", start=Month("2026-01"), end=Month("2026-12"))
WORLD = World(
    cycles={CYCLE.key: CYCLE},
    groups=frozenset({GroupKey("branches")}),
    units=frozenset({UnitCode("wanglan")}),
    kinds={"case": CASE},
)


def test_the_scheme_that_the_page_shows_is_taken() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    scheme = scheme_of(document_of(text), WORLD)
    assert [indicator.key for indicator in scheme.indicators] == ["in_time", "days", "duty", "revoked"]
