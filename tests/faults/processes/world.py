"""The bureau that is put under fire: six units, two systems that report, a scheme of every kind of rule that has inputs."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from demo.callers import Who

CYCLE: Final = "2026"
FIRST_DAY: Final = date(2026, 3, 2)
LAST_DAY: Final = date(2026, 12, 11)  # the ladder counts working days, and the shipped calendar ends with the year
ZONE: Final = "Asia/Shanghai"

GROUPS: Final = {"branches": ("east", "west", "north"), "brigades": ("first", "second", "third")}
UNITS: Final = tuple(unit for units in GROUPS.values() for unit in units)
DILIGENCE: Final = dict(zip(UNITS, (0.99, 0.9, 0.8, 0.97, 0.93, 0.6), strict=True))  # how much is done in time


@dataclass(frozen=True, slots=True)
class Source:
    """A system that reports; it knows the units by codes of its own."""

    slug: str
    uri: str

    def code_of(self, unit: str) -> str:
        return f"{self.slug}-{unit}"


CASES: Final = Source("cases", "urn:bureau:cases")
CALLS: Final = Source("calls", "urn:bureau:calls")
SOURCES: Final = (CASES, CALLS)
KINDS: Final[dict[str, dict[str, str]]] = {
    "case": {"due_on": "date", "closed_on": "date", "status": "text", "hours": "number"},
    "call": {"due_on": "date", "answered_on": "date", "satisfied": "boolean"},
}

ADMIN: Final = Who("admin", ("admin",))
OFFICE: Final = Who("office", ("office",))
ASSESSOR: Final = Who("assessor", ("assessor",))
VERIFIER: Final = Who("verifier", ("assessor",))
DUTIES: Final = ("contact", "deputy", "head", "discipline_officer")
BUREAU_DUTIES: Final = ("bureau_deputy", "bureau_head", "office_director")
DEPARTMENT: Final = "法制科"


def contact_of(unit: str) -> Who:
    return Who(f"{unit}-contact", ("unit",), (unit,))


def feed_of(source: Source) -> Who:
    return Who(f"feed-{source.slug}", ("feed",), (source.slug,))


def people() -> list[dict[str, Any]]:
    """Everybody with a duty, and an address: four a unit, the leaders, and the head of a department."""
    held: list[tuple[str, str, str | None]] = [(f"{unit}-{duty}".replace("_", "-"), duty, unit) for unit in UNITS for duty in DUTIES]
    held += [(duty.replace("_", "-"), duty, None) for duty in BUREAU_DUTIES] + [("department-head", "department_head", DEPARTMENT)]
    return [
        {"id": key, "name": key, "email": f"{key}@bureau.example.org", "duties": [{"duty": duty, "unit": unit, "from_on": "2025-01-01"}]}
        for key, duty, unit in held
    ]


SCHEME: Final = """
cycle: "2026"
title: 故障演练方案
rounding: 2
parts:
  - {key: targets, name: 目标责任}
  - {key: duty, name: 履职}
  - {key: minus, name: 扣分, deduct_cap: 3}
indicators:
  - key: in_time
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
  - key: late
    part: targets
    name: 超期办结
    definition: 超期办结的案件
    department: 法制科
    points: 4
    rule: {kind: per_event_deduct, each: 0.05, cap: 3}
    inputs: {n: closed_late}
  - key: answered
    part: targets
    name: 工单按期答复率
    definition: 到期工单中按期答复的比例
    department: 指挥中心
    points: 5
    rule: {kind: step_deduct, target: 0.9, step: 0.05, deduct: 0.5, better: higher}
    inputs: {a: answered_in_time, b: calls}
    lines:
      - {level: yellow, below: 0.8}
  - key: satisfied
    part: targets
    name: 满意率
    definition: 已答复工单中满意的比例
    department: 指挥中心
    points: 4
    rule: {kind: ratio_floor, floor: 0.3, full: 0.9}
    inputs: {a: satisfied, b: answered}
  - key: care
    part: targets
    name: 平均用时
    definition: 结案平均工时
    department: 法制科
    points: 6
    rule: {kind: tiers, tiers: [[4, 2], [5, 4.5], [6, 6]]}
    inputs: {x: {mean: hours}}
  - key: report
    part: duty
    name: 述职
    definition: 述职评分
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
    inputs: {n: deductions}
measures:
  due: {kind: case, at: due_on}
  closed_in_time: {kind: case, at: due_on, where: [[status, "=", closed], [closed_on, "<=", {attribute: due_on}]]}
  closed_late: {kind: case, at: due_on, where: [[status, "=", closed], [closed_on, ">", {attribute: due_on}]]}
  hours: {kind: case, at: closed_on, where: [[status, "=", closed]], take: {sum: hours}}
  calls: {kind: call, at: due_on}
  answered_in_time: {kind: call, at: due_on, where: [[answered_on, "<=", {attribute: due_on}]]}
  answered: {kind: call, at: answered_on}
  satisfied: {kind: call, at: answered_on, where: [[satisfied, "=", true]]}
  deductions: {kind: deduction, at: confirmed_on}
"""
"""`model.py` says the same once more, in Python of its own."""
