"""A person's judgement on one indicator of one unit: who may give it, what the rule asks of it, and which of them counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final, NewType
from uuid import UUID

from scoring.appraisal.domain.faults import Conflict, InputRefused, MarkRefused, NotAllowed, WrongState
from scoring.appraisal.domain.given import Given
from scoring.appraisal.domain.numbers import Rounding, plain
from scoring.appraisal.domain.rules import evaluate
from scoring.appraisal.domain.rules.inputs import Mark as MarkInputs
from scoring.appraisal.domain.rules.inputs import Marks as Samples
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, Scheme, Unit, UnitCode
from scoring.appraisal.domain.words import Text

MarkId = NewType("MarkId", UUID)


SAMPLED: Final = "sampling_mean"
CONVERTED: Final = "convert"
MARKED: Final = frozenset({"manual", CONVERTED, SAMPLED})
"""The kinds of rule that assessors' marks decide."""


class State(StrEnum):
    """A draft counts for nothing and is its author's own; a given mark counts at once unless the indicator wants it confirmed."""

    DRAFT = "draft"
    GIVEN = "given"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    REPLACED = "replaced"
    DISCARDED = "discarded"


PRIVATE: Final = frozenset({State.DRAFT, State.DISCARDED})
"""Seen by their author alone, and never counted."""

OVER: Final = frozenset({State.REPLACED, State.DISCARDED})


class Move(StrEnum):
    CONFIRM = "confirm"
    RETURN = "return"
    REPLACE = "replace"


MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.GIVEN, Move.CONFIRM): State.CONFIRMED,
    (State.GIVEN, Move.RETURN): State.RETURNED,
    (State.DRAFT, Move.REPLACE): State.DISCARDED,
    (State.GIVEN, Move.REPLACE): State.REPLACED,
    (State.CONFIRMED, Move.REPLACE): State.REPLACED,
    (State.RETURNED, Move.REPLACE): State.REPLACED,
}


def moved(state: State, move: Move) -> State:
    """Raises `WrongState` with what the state allows."""
    if (state, move) in MOVES:
        return MOVES[state, move]
    allowed = ", ".join(each for held, each in MOVES if held is state) or "-"
    raise WrongState(Text(f"评分处于 {state} 状态，不能 {move}；可做：{allowed}", f"a mark in {state} can't {move}; it can: {allowed}"))


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What is marked: of all marks of a place at most one counts. Members, and each assessor's samples, have places of their own."""

    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    slot: str = ""  # see `slot_of`


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A second person's word on a mark; `reason` says what has to be done where it was returned."""

    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`replaces` is the mark that stood in its place when it was given; `evidence` names what it rests on."""

    id: MarkId
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    mark: Fraction
    reason: str
    assessor: str
    marked_at: datetime
    evidence: tuple[str, ...] = ()
    replaces: MarkId | None = None
    state: State = State.GIVEN
    counts: bool = True
    decision: Decision | None = None
    sample: str = ""
    member: str = ""

    @property
    def place(self) -> Place:
        return Place(self.cycle, self.unit, self.indicator, slot_of(self.sample, self.assessor, self.member))

    @property
    def counts_beside(self) -> bool:
        """It counts as one of several of its indicator."""
        return self.counts and bool(self.sample or self.member)

    @property
    def inputs(self) -> MarkInputs | Samples:
        return Samples((self.mark,)) if self.sample else MarkInputs(self.mark, self.reason)

    @property
    def given(self) -> Given:
        return Given({"mark": plain(self.mark), "reason": self.reason}, {"mark": self.source})

    @property
    def source(self) -> Mapping[str, object]:
        source: dict[str, object] = {"mark": str(self.id), "assessor": self.assessor, "marked_at": self.marked_at.isoformat()}
        if self.evidence:
            source["evidence"] = list(self.evidence)
        if self.state is State.CONFIRMED and self.decision:
            source["confirmed_by"] = self.decision.by
        if self.sample:
            source["sample"] = self.sample
        return source

    def says_what(self, other: "Mark") -> bool:
        """The same judgement of the same person: a request that was sent twice."""
        return (self.assessor, self.replaces, self.mark, self.reason, self.evidence) == (
            other.assessor,
            other.replaces,
            other.mark,
            other.reason,
            other.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What stands in a place: the newest mark that was given, the one that counts, and the drafts of all."""

    current: Mark | None = None
    counting: Mark | None = None
    drafts: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Succession:
    """A mark that is new or has changed, with what it changes beside itself."""

    mark: Mark
    is_new: bool
    former: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfAssessment:
    """What a unit thinks that it deserves (自评), for the assessor to read; it counts for nothing."""

    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    mark: Fraction
    reason: str
    evidence: tuple[str, ...]
    said_by: str
    said_at: datetime


def self_assessed(said: SelfAssessment, held: Held, *, scheme: Scheme, unit: Unit) -> SelfAssessment:
    """Raises `MarkRefused` where the indicator asks for none, the rule forbids it, or no reason is given; `Conflict` after the mark."""
    indicator = marked_indicator(said.indicator, scheme, unit)
    if not indicator.self_assessment:
        raise MarkRefused(Text("该指标不要求自评", "this indicator asks for no self-assessment"))
    if not said.reason.strip():
        raise MarkRefused(Text("自评须写明理由（reason）", "say why (reason)"))
    if held.current is not None:
        raise Conflict(Text("该指标已评分，自评已截止", "the indicator is marked already: it is too late for a self-assessment"))
    _evaluated(indicator, unit, MarkInputs(said.mark, said.reason), scheme.rounding)
    return said


def assessors_mark(indicator: Indicator) -> bool:
    """Not what records count, and not what a vote or dates decide."""
    return indicator.is_marked and indicator.rule.kind.name in MARKED


def fits(mark: Mark, *, indicator: Indicator, unit: Unit, rounding: Rounding) -> bool:
    """Whether the rule of now still takes a mark that was given under an earlier one."""
    try:
        give_mark(mark, indicator=indicator, unit=unit, rounding=rounding)
    except MarkRefused:
        return False
    return True


def slot_of(sample: str, assessor: str, member: str) -> str:
    if sample:
        return f"{sample}/{assessor}"
    return f"@{member}" if member else ""


def given_of(marks: Sequence[Mark]) -> Given:
    """What the marks that count for one indicator of one unit come to: one mark, one a member, or all samples in an order of their own."""
    members = {mark.member: mark for mark in sorted(marks, key=lambda mark: mark.member) if mark.member}
    if members:
        raw = {key: mark.given.raw for key, mark in members.items()}
        return Given({"members": raw}, {"members": {key: mark.source for key, mark in members.items()}})
    samples = sorted((mark for mark in marks if mark.sample), key=lambda mark: mark.id)
    if not samples:
        return marks[0].given
    return Given({"marks": [plain(mark.mark) for mark in samples]}, {"samples": [mark.source for mark in samples]})


def standing(marks: Iterable[Mark]) -> Sequence[Mark]:
    """Of marks from the newest to the oldest those that stand in their places: what the next one has to say that it replaces."""
    found: dict[Place, Mark] = {}
    for each in marks:
        if each.state not in PRIVATE | OVER:
            found.setdefault(each.place, each)
    return list(found.values())


def give_mark(mark: Mark, *, indicator: Indicator, unit: Unit, rounding: Rounding) -> Mark:
    """The mark, if the rule allows it; raises `MarkRefused`. Who may judge whom is the appointments' business.

    An external mark that is converted names the document that it stands in as its reason.
    """
    kind = indicator.rule.kind.name
    if bool(mark.sample) != (kind == SAMPLED):
        zh, en = (
            ("须写明样本（sample）", "say which sample it is") if kind == SAMPLED else ("该指标不抽样", "this indicator takes no samples")
        )
        raise MarkRefused(Text(zh, en))
    if indicator.of_members != bool(mark.member):
        zh, en = ("须写明成员（member）", "say which member") if indicator.of_members else ("该指标不逐个评价成员", "it judges no members")
        raise MarkRefused(Text(zh, en))
    if kind == CONVERTED and not mark.reason.strip():
        raise MarkRefused(Text("折算外部评分须在理由中写明文件名称、文号（reason）", "name the document of the external mark (reason)"))
    _evaluated(indicator, unit, mark.inputs, rounding)
    return mark


def succeeding(mark: Mark, held: Held, indicator: Indicator) -> Succession:
    """What becomes of a place when this mark comes; the same request sent twice changes nothing the second time.

    Raises `Conflict` where somebody marked since the marker looked: the mark that was seen is not the one that stands.
    """
    mine = tuple(draft for draft in held.drafts if draft.assessor == mark.assessor)
    former = tuple(_replaced(draft) for draft in mine)
    if mark.state is State.DRAFT:
        return Succession(replace(mark, counts=False), is_new=True, former=former)
    if held.current is not None and mark.says_what(held.current):
        return Succession(held.current, is_new=False, former=former)
    if mark.replaces != (held.current.id if held.current else None):
        raise _overtaken(held.current)
    counts_at_once = not indicator.confirm
    passed = [held.current] if held.current and (counts_at_once or held.current != held.counting) else []
    if counts_at_once and held.counting and held.counting not in passed:
        passed.append(held.counting)
    return Succession(replace(mark, counts=counts_at_once), is_new=True, former=(*former, *map(_replaced, passed)))


def confirmed(mark: Mark, held: Held, decision: Decision) -> Succession:
    """The mark counts from now on, and the one that counted before no more; raises `WrongState`, `NotAllowed`."""
    state = _decided(mark, held, decision, Move.CONFIRM)
    former = (_replaced(held.counting),) if held.counting and held.counting.id != mark.id else ()
    return Succession(replace(mark, state=state, counts=True, decision=decision), is_new=False, former=former)


def returned(mark: Mark, held: Held, decision: Decision) -> Succession:
    """The mark waits for a better one; raises `WrongState`, `NotAllowed`, and `MarkRefused` where no reason is given."""
    state = _decided(mark, held, decision, Move.RETURN)
    if mark.counts:
        raise WrongState(Text("该评分已生效，请重新评分", "this mark counts already: give another one"))
    if not decision.reason.strip():
        raise MarkRefused(Text("退回须写明理由（reason）", "say why it is returned (reason)"))
    return Succession(replace(mark, state=state, decision=decision), is_new=False)


def marked_indicator(key: IndicatorKey, scheme: Scheme, unit: Unit) -> Indicator:
    """Raises `MarkRefused` for an indicator that does not judge the unit or that records count."""
    indicator = scheme.indicator(key)
    if indicator is None or indicator not in scheme.indicators_of(unit):
        raise MarkRefused(Text(f"指标 {key} 不考核 {unit.name}", f"the indicator {key} does not judge {unit.code}"))
    if not indicator.is_marked:
        raise MarkRefused(Text("该指标由数据自动计分，不需评分", "this indicator is counted from records: nobody marks it"))
    if indicator.rule.kind.name not in MARKED:
        raise MarkRefused(
            Text(f"该指标按 {indicator.rule.kind.name} 计分，不由考核人评分", f"no assessor marks {indicator.rule.kind.name}")
        )
    return indicator


def _evaluated(indicator: Indicator, unit: Unit, inputs: MarkInputs | Samples, rounding: Rounding) -> None:
    try:
        evaluate(indicator.rule_for(unit.code), inputs, rounding)
    except InputRefused as refused:
        raise MarkRefused(refused.text) from refused


def _decided(mark: Mark, held: Held, decision: Decision, move: Move) -> State:
    if decision.by == mark.assessor:
        raise NotAllowed(Text("本人的评分须由另一人确认或退回", "somebody else has to confirm or return the own mark"))
    if held.current is None or held.current.id != mark.id:
        raise _overtaken(held.current)
    return moved(mark.state, move)


def _replaced(mark: Mark) -> Mark:
    return replace(mark, state=moved(mark.state, Move.REPLACE), counts=False)


def _overtaken(current: Mark | None) -> Conflict:
    """The answer shows who marked, not what: whoever may see it looks, and decides anew."""
    if current is None:
        return Conflict(Text("该处尚无评分，请去掉 replaces 后再提交", "there is no mark yet: send it without replaces"))
    at = f"{current.marked_at:%Y-%m-%d %H:%M} UTC"
    return Conflict(
        Text(
            f"{current.assessor} 已于 {at} 评分；请先查看现有评分，如仍需更改，请在 replaces 中填写 {current.id} 后重新提交",
            f"{current.assessor} marked it at {at}: look at that mark first, and if yours shall replace it send replaces: {current.id}",
        )
    )
