"""Claims of bonuses and deductions (加分扣分清单): applied for or proposed, checked, recognised, each step by another person."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from scoring.appraisal.domain.faults import ClaimRefused, NotAllowed, WrongState
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, Scheme, Unit, UnitCode
from scoring.appraisal.domain.shapes import listed
from scoring.appraisal.domain.words import Text

ClaimId = NewType("ClaimId", UUID)
APPLICANT: Final = "applicant"
"""Not a role of the identity provider: the unit that applied for a bonus, the person who proposed a deduction."""


class State(StrEnum):
    APPLIED = "applied"
    CHECKED = "checked"
    RECOGNISED = "recognised"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    APPLY = "apply"
    CHECK = "check"
    RECOGNISE = "recognise"
    RETURN = "return"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.APPLIED, Move.CHECK): State.CHECKED,
    (State.APPLIED, Move.RETURN): State.RETURNED,
    (State.APPLIED, Move.REFUSE): State.REFUSED,
    (State.APPLIED, Move.WITHDRAW): State.WITHDRAWN,
    (State.CHECKED, Move.RECOGNISE): State.RECOGNISED,
    (State.CHECKED, Move.RETURN): State.RETURNED,
    (State.CHECKED, Move.REFUSE): State.REFUSED,
    (State.CHECKED, Move.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Move.APPLY): State.APPLIED,
    (State.RETURNED, Move.WITHDRAW): State.WITHDRAWN,
}
_CHECKERS: Final = frozenset({"assessor", "office"})
_RECOGNISERS: Final = frozenset({"office", "leader"})
MOVERS: Final[Mapping[tuple[State, Move], frozenset[str]]] = {
    (state, move): frozenset({APPLICANT})
    if move in {Move.APPLY, Move.WITHDRAW}
    else (_CHECKERS if state is State.APPLIED else _RECOGNISERS)
    for state, move in MOVES
}
UNTIL_CLOSE: Final = frozenset({Move.APPLY, Move.CHECK, Move.RECOGNISE})
"""What lets a claim count is done by the closing day; what ends it may come later."""

_BRACKETS: Final = str.maketrans(dict.fromkeys("[{<〔〖【〘〚「『《〈", "(") | dict.fromkeys("]}>〕〗】〙〛」』》〉", ")"))
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))


def same_spelling(text: str) -> str:
    """The text without what people write differently: full-width forms, kinds of brackets and dashes, spaces, upper and lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = unicodedata.normalize("NFKC", folded).translate(_BRACKETS).translate(_DASHES)
    letters = (letter for letter in plain if not letter.isspace() and unicodedata.category(letter) not in {"Cc", "Cf"})
    return unicodedata.normalize("NFKC", "".join(letters))


@dataclass(frozen=True, slots=True)
class Document:
    """A paper by its number (文号) and the organ that issued it (发文机关)."""

    number: str
    organ: str

    @property
    def identity(self) -> str:
        """The same for the same document, however it is written."""
        return f"{same_spelling(self.organ)} {same_spelling(self.number)}"

    @property
    def is_named(self) -> bool:
        return bool(same_spelling(self.organ) and same_spelling(self.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    move: Move
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is claimed. A bonus rests on a document; a deduction on a matter (事项), and on a document where there is one."""

    document: Document | None
    level: str | None
    matter: str | None
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """`number` counts the claims of a cycle; `applied_at` is when it came first, also after it was returned and sent again."""

    id: ClaimId
    number: int
    cycle: CycleKey
    unit: UnitCode
    indicator: IndicatorKey
    content: Content
    state: State
    applied_by: str
    applied_at: datetime
    steps: tuple[Step, ...] = ()

    def after(self, step: Step, *, roles: frozenset[str]) -> "Claim":
        """Raises `WrongState`; `NotAllowed` for another role, or for one person who takes two steps; `ClaimRefused` without a reason."""
        if (self.state, step.move) not in MOVES:
            allowed = ", ".join(f"{move} ({_roles(MOVERS[held, move])})" for held, move in MOVES if held is self.state) or "-"
            zh = f"第 {self.number} 号申报处于 {self.state} 状态，不能 {step.move}；可做：{allowed}"
            raise WrongState(Text(zh, f"claim {self.number} is {self.state} and can't {step.move}; it can: {allowed}"))
        movers = MOVERS[self.state, step.move]
        if not movers & roles:
            raise NotAllowed(Text(f"此步骤由 {_roles(movers)} 办理", f"this step is for {_roles(movers)}"))
        if APPLICANT not in movers and step.by in self._acted:
            raise NotAllowed(Text("须由另一人办理", "this step needs another person than those before it"))
        if not step.reason.strip():
            raise ClaimRefused(Text("须写明理由（reason）", "say why (reason)"))
        return replace(self, state=MOVES[self.state, step.move], steps=(*self.steps, step))

    @property
    def _acted(self) -> frozenset[str]:
        """Who applied, and who took a step since it was last applied for: a return begins a new round."""
        again = [place for place, step in enumerate(self.steps) if step.move is Move.APPLY]
        return frozenset({self.applied_by, *(step.by for step in self.steps[again[-1] if again else 0 :])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A claim with those of its pieces of evidence that are accepted, each with the SHA-256 of its newest sound revision."""

    claim: Claim
    accepted: Mapping[str, str] = field(default_factory=dict)


def claimable(key: IndicatorKey, scheme: Scheme, unit: Unit) -> Indicator:
    """Raises `ClaimRefused` for an indicator that does not judge the unit, or not by claims."""
    indicator = scheme.indicator(key)
    if indicator is None or indicator not in scheme.indicators_of(unit):
        raise ClaimRefused(Text(f"指标 {key} 不考核 {unit.name}", f"the indicator {key} does not judge {unit.code}"))
    if indicator.plan.claims_close is None:
        known = listed(each.key for each in scheme.indicators_of(unit) if each.plan.claims_close)
        raise ClaimRefused(Text(f"指标 {key} 不接受申报；{known.zh}", f"the indicator {key} takes no claims; {known.en}"))
    return indicator


def in_time(indicator: Indicator, *, today: date) -> None:
    """Raises `ClaimRefused` after the closing day."""
    close = indicator.plan.claims_close
    if close is not None and today > close:
        raise ClaimRefused(
            Text(
                f"“{indicator.name}”的申报、初核和认定已于 {close} 截止，不再受理",
                f"claims of {indicator.key} closed on {close}: nothing is applied for, checked or recognised after that day",
            )
        )


def checked_content(content: Content, indicator: Indicator) -> Content:
    """Raises `ClaimRefused` for what the rule does not know, or where what identifies the document or the matter is missing."""
    _check_level(content.level, indicator.rule.parameters["each"])
    is_bonus = indicator.rule.role is Role.BONUS
    if content.document is not None and not content.document.is_named:
        raise ClaimRefused(Text("文号（number）和发文机关（organ）不得为空", "number and organ of the document may not be blank"))
    if is_bonus and content.document is None:
        raise ClaimRefused(
            Text("加分须写明文号和发文机关（document）", "name the document that a bonus rests on (document: number, organ)")
        )
    if is_bonus and content.matter is not None:
        raise ClaimRefused(Text("加分不填事项（matter）", "a matter belongs to a deduction: leave it out"))
    if not is_bonus and not same_spelling(content.matter or ""):
        raise ClaimRefused(Text("扣分须写明事项（matter）", "say which matter is deducted for (matter)"))
    if not content.reason.strip():
        raise ClaimRefused(Text("须写明理由（reason）", "say why (reason)"))
    return content


def proved(proven: Proven) -> Claim:
    """Raises `ClaimRefused` while no piece of its evidence is accepted."""
    if not proven.accepted:
        raise ClaimRefused(
            Text(
                "尚无已接收的佐证材料，不能认定；请先完成上传，或退回申报单位补正",
                "no piece of its evidence is accepted yet: have the upload finished first, or return the claim",
            )
        )
    return proven.claim


def _check_level(level: str | None, each: object) -> None:
    if isinstance(each, Mapping):
        if level not in each:
            known = listed(each)
            raise ClaimRefused(Text(f"没有档次“{level or ''}”；{known.zh}", f"there is no level {level!r}; {known.en}"))
    elif level is not None:
        raise ClaimRefused(Text("该指标不分档次，请去掉 level", "this indicator knows no levels: leave level out"))


def _roles(roles: frozenset[str]) -> str:
    return "/".join(sorted(roles))
