"""A small bureau for tests: two groups, three units, a scheme of every registered kind of rule."""

from fractions import Fraction
from typing import Any

from scoring.appraisal.domain.documents import document_of
from scoring.appraisal.domain.inputs import MeasureKey, Month, MonthTotal, Totals
from scoring.appraisal.domain.scheme_documents import World, scheme_of
from scoring.appraisal.domain.schemes import Cycle, CycleKey, GroupKey, Scheme, Unit, UnitCode, Version
from scoring.appraisal.domain.versions import Term
from scoring.ledger.domain.values import Kind

EAST = Unit(code=UnitCode("east"), name="砚东分局", group=GroupKey("branch"))
WEST = Unit(code=UnitCode("west"), name="砚西分局", group=GroupKey("branch"))
SQUAD = Unit(code=UnitCode("squad"), name="机动大队", group=GroupKey("brigade"))
UNITS = (EAST, WEST, SQUAD)

CASE = Kind.of(
    "case",
    {"status": "text", "due_on": "date", "closed_on": "date", "decided_on": "date", "fine_amount": "number", "result": "text"},
)
REVIEW = Kind.of("review", {"outcome": "text", "decided_on": "date"})
CYCLE = Cycle(key=CycleKey("2026"), name="2026", start=Month("2026-01"), end=Month("2026-12"))
WORLD = World(
    cycles={CYCLE.key: CYCLE},
    groups=frozenset({GroupKey("branch"), GroupKey("brigade")}),
    units=frozenset(unit.code for unit in UNITS),
    kinds={"case": CASE, "review": REVIEW},
)

DOCUMENT = """
cycle: "2026"
title: 2026 年度目标责任考核
rounding: 2
parts:
  - {key: targets, name: 目标责任}
  - {key: duty, name: 班子成员履职}
  - {key: minus, name: 扣分, deduct_cap: 5}
indicators:
  - key: closed_in_time
    part: targets
    name: 案件按期办结率
    definition: 到期案件中按期办结的比例
    department: 法制科
    points: 10
    rule: {kind: ratio, target: 0.95}
    inputs: {a: closed_in_time, b: due}
    lines:
      - {level: yellow, below: 0.92}
      - {level: red, below: 0.85}
  - key: corrected
    part: targets
    name: 复议诉讼纠错
    definition: 被撤销、变更的决定
    department: 法制科
    points: 5
    rule: {kind: per_event_deduct, each: {revoked: 2, changed: 1}, cap: 5}
    inputs: {counts: {revoked: revoked, changed: changed}}
    lines:
      - {level: yellow, at_least: 1}
      - {level: red, at_least: 2, of: {x: revoked}}
  - key: duty_report
    part: duty
    name: 履职
    definition: 述职和谈话
    department: 考核组
    points: 8
    rule: {kind: manual}
  - key: overdue
    part: minus
    name: 整改逾期
    definition: 经考核办确认的逾期
    department: 考核办
    points: 0
    rule: {kind: per_event_deduct, each: 0.5, floor: null}
    inputs: {n: revoked}
measures:
  closed_in_time:
    kind: case
    at: due_on
    where: [[status, "=", closed], [closed_on, "<=", {attribute: due_on}]]
  due: {kind: case, at: due_on}
  revoked: {kind: review, at: decided_on, where: [[outcome, "=", revoked]]}
  changed: {kind: review, at: decided_on, where: [[outcome, "=", changed]]}
"""

PLACED = """  - key: placed
    part: targets
    name: 按期办结率排名
    definition: 组内按期办结率的名次
    department: 法制科
    points: 10
    rule: {kind: rank_ladder, better: higher, ladder: [10, 8]}
    inputs: {a: closed_in_time, b: due}
"""
KEY_TASK = """  - key: key_task
    part: targets
    name: 重点工作进度
    definition: 各节点按期完成
    department: 办公室
    points: 10
    tags: [key_task]
    rule: {kind: milestone, late: {per_day: 0.02, max: 30}}
    inputs: {milestones: [{key: plan, due: 2026-03-31, share: 0.4}, {key: done, due: 2026-06-30, share: 0.6}]}
"""
NODES = DOCUMENT.replace("measures:\n", f"{KEY_TASK}measures:\n")
COMPARING = DOCUMENT.replace("measures:\n", f"{PLACED}measures:\n")


def document(text: str = DOCUMENT) -> dict[str, Any]:
    return document_of(text)


def scheme(text: str = DOCUMENT) -> Scheme:
    return scheme_of(document(text), WORLD)


def totals(**months: dict[str, int]) -> Totals:
    """Counts by measure and month: `totals(due={"2026-03": 40})`."""
    return {
        MeasureKey(measure): {Month(month): MonthTotal(n, Fraction(n)) for month, n in counts.items()} for measure, counts in months.items()
    }


def term(since: str = "2026-01", through: str = "2026-06", version: int = 1) -> Term:
    return Term(version=Version(version), since=Month(since), through=Month(through))
