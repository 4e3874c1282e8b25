"""People set an indicator's points by hand: proposed by the office, approved by a leader, with the computed score kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NewType
from uuid import UUID

from scoring.appraisal.domain.faults import MarkRefused, NotAllowed, WrongState
from scoring.appraisal.domain.numbers import Rounding, plain, rounded, written
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, Scheme, Unit, UnitCode
from scoring.appraisal.domain.words import Text

OverrideId = NewType("OverrideId", UUID)


class State(StrEnum):
    """In force it is the result, also while somebody proposes to lift it."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    IN_FORCE = "in_force"
    LIFTING = "lifting"
    LIFTED = "lifted"
    REPLACED = "replaced"


class Move(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    LIFT = "lift"
    REPLACE = "replace"


MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.PROPOSED, Move.APPROVE): State.IN_FORCE,
    (State.PROPOSED, Move.REFUSE): State.REFUSED,
    (State.IN_FORCE, Move.LIFT): State.LIFTING,
    (State.LIFTING, Move.APPROVE): State.LIFTED,
    (State.LIFTING, Move.REFUSE): State.IN_FORCE,
    (State.IN_FORCE, Move.REPLACE): State.REPLACED,
    (State.LIFTING, Move.REPLACE): State.REPLACED,
}

HOLDS: Final = frozenset({State.IN_FORCE, State.LIFTING})
"""The states in which an override is the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """`asked_by` proposed what waits now: the override, and later its lifting; that person never decides on it."""

    id: OverrideId
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    points: Fraction
    reason: str
    evidence: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime
    state: State = State.PROPOSED
    asked_by: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    lifting: str | None = None
    decided_by: str | None = None

    @property
    def stated(self) -> dict[str, Any]:
        """As the trace tells it."""
        return {
            "id": str(self.id),
            "points": plain(self.points),
            "reason": self.reason,
            "by": self.proposed_by,
            "approved_by": self.approved_by,
            "at": self.approved_at.isoformat() if self.approved_at else None,
            "evidence": list(self.evidence),
        }


def proposed(override: Override, *, scheme: Scheme, unit: Unit) -> Override:
    """The override, if it may be asked for; raises `MarkRefused` without a reason, for another unit's indicator, or outside its points."""
    indicator = scheme.indicator(override.indicator)
    if indicator is None or indicator not in scheme.indicators_of(unit):
        wrong = Text(f"指标 {override.indicator} 不考核 {unit.name}", f"the indicator {override.indicator} does not judge {unit.code}")
        raise MarkRefused(wrong)
    if not override.reason.strip():
        raise MarkRefused(Text("调整得分须写明理由（reason）", "say why the points are set by hand (reason)"))
    _check_points(override.points, indicator)
    return replace(override, points=rounded(override.points, scheme.rounding))


def approved(override: Override, *, by: str, at: datetime) -> Override:
    """In force, or lifted where a lifting was asked for; raises `NotAllowed` for whoever asked for it."""
    state = _decided(override, Move.APPROVE, by)
    if override.state is State.PROPOSED:
        return replace(override, state=state, approved_by=by, approved_at=at, decided_by=by)
    return replace(override, state=state, decided_by=by)


def refused(override: Override, *, by: str) -> Override:
    return replace(override, state=_decided(override, Move.REFUSE, by), decided_by=by)


def to_be_lifted(override: Override, *, by: str, reason: str) -> Override:
    if not reason.strip():
        raise MarkRefused(Text("撤销须写明理由（reason）", "say why it shall be lifted (reason)"))
    return replace(override, state=moved(override.state, Move.LIFT), asked_by=by, lifting=reason)


def moved(state: State, move: Move) -> State:
    """Raises `WrongState` with what the state allows."""
    if (state, move) in MOVES:
        return MOVES[state, move]
    allowed = ", ".join(each for held, each in MOVES if held is state) or "-"
    raise WrongState(
        Text(f"得分调整处于 {state} 状态，不能 {move}；可做：{allowed}", f"an override in {state} can't {move}; it can: {allowed}")
    )


def overridden(trace: Mapping[str, Any], override: Override | None, rounding: Rounding) -> Mapping[str, Any]:
    """The computed trace with the override as its result; facts go on moving what stands under `computed`."""
    if override is None:
        return trace
    computed = {name: trace[name] for name in _COMPUTED if name in trace}
    rest = {name: value for name, value in trace.items() if name not in _COMPUTED}
    return {
        **rest,
        "computed": computed,
        "overridden": override.stated,
        "result": written(rounded(override.points, rounding), rounding.places),
    }


def computed_of(trace: Mapping[str, Any]) -> Mapping[str, Any]:
    """The trace as it would be without the override."""
    return {**{name: value for name, value in trace.items() if name not in ("overridden", "computed", "result")}, **trace["computed"]}


def told_override(trace: Mapping[str, Any], computed: Text) -> Text:
    said, result = trace["overridden"], trace["result"]
    return Text(
        f"经批准调整为 {result} 分：{said['reason']}（批准人 {said['approved_by']}）；计算结果：{computed.zh}",
        f"set to {result} by decision: {said['reason']} (approved by {said['approved_by']}); computed: {computed.en}",
    )


_COMPUTED: Final = ("result", "awaiting", "missing", "unfit")


def _check_points(points: Fraction, indicator: Indicator) -> None:
    most = indicator.rule.points
    by_role = {
        Role.ORDINARY: (0 <= points <= most, f"0 .. {plain(most)}"),
        Role.BONUS: (points >= 0, ">= 0"),
        Role.DEDUCT_ONLY: (points <= 0, "<= 0"),
    }
    fits, allowed = by_role[indicator.rule.role]
    if not fits:
        raise MarkRefused(Text(f"得分应在 {allowed} 之间", f"the points have to be {allowed}"))


def _decided(override: Override, move: Move, by: str) -> State:
    state = moved(override.state, move)
    if by == override.asked_by:
        raise NotAllowed(Text("提出人不得自行批准，请由另一位领导决定", "whoever asked for it does not decide on it: another leader does"))
    return state
