"""The whole scheme of docs/schemes.md is one that the platform takes."""

import re
from pathlib import Path
from typing import Any

import pytest

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


def shown() -> dict[str, Any]:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return document_of(text)


def rows() -> list[tuple[str, str]]:
    """The rules and inputs of the page's table."""
    return re.findall(r"^\| [^|]+ \| `(\{kind: [^`]+\})` \| (?:`([^`]+)`)?", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("rule", "inputs"), rows())
def test_every_rule_that_the_page_shows_takes_the_inputs_beside_it(rule: str, inputs: str) -> None:
    document = shown()
    read = document_of(f"rule: {rule}" + (f"\ninputs: {inputs}" if inputs else ""))
    document["indicators"][0].update(read, points="0" if "per_event_add" in rule else "10", lines=[])
    if not inputs:
        del document["indicators"][0]["inputs"]
    document["indicators"][0].pop("targets", None)
    assert scheme_of(document, WORLD).indicators[0].rule.kind.name in rule


def test_the_table_of_rules_is_read() -> None:
    assert len(rows()) == 12


def test_the_scheme_that_the_page_shows_is_taken() -> None:
    scheme = scheme_of(shown(), WORLD)
    assert [indicator.key for indicator in scheme.indicators] == ["in_time", "days", "duty", "revoked", "praised"]
