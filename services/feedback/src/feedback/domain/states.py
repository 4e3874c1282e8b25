"""The states of a rectification and the moves between them: one table, rendered into docs/feedback-states.md."""

from enum import StrEnum
from typing import Final

from feedback.domain.errors import IllegalMove


class State(StrEnum):
    OPEN = "open"
    NOTICED = "noticed"
    SIGNED = "signed"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    NOTICE = "notice"
    SIGN = "sign"
    START = "start"
    SUBMIT = "submit"
    RETURN = "return"
    VERIFY = "verify"
    CLOSE = "close"
    EXTEND = "extend"
    EXCUSE = "excuse"
    CANCEL = "cancel"


MOVES: Final = {
    (State.OPEN, Move.NOTICE): State.NOTICED,
    (State.NOTICED, Move.SIGN): State.SIGNED,
    (State.SIGNED, Move.START): State.IN_PROGRESS,
    (State.IN_PROGRESS, Move.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Move.RETURN): State.RETURNED,
    (State.RETURNED, Move.START): State.IN_PROGRESS,
    (State.SUBMITTED, Move.VERIFY): State.VERIFIED,
    (State.VERIFIED, Move.CLOSE): State.CLOSED,
    (State.SIGNED, Move.EXTEND): State.SIGNED,
    (State.IN_PROGRESS, Move.EXTEND): State.IN_PROGRESS,
    (State.RETURNED, Move.EXTEND): State.RETURNED,
    (State.SIGNED, Move.EXCUSE): State.SIGNED,
    (State.IN_PROGRESS, Move.EXCUSE): State.IN_PROGRESS,
    (State.RETURNED, Move.EXCUSE): State.RETURNED,
    (State.OPEN, Move.CANCEL): State.CANCELLED,
    (State.NOTICED, Move.CANCEL): State.CANCELLED,
    (State.SIGNED, Move.CANCEL): State.CANCELLED,
    (State.IN_PROGRESS, Move.CANCEL): State.CANCELLED,
    (State.SUBMITTED, Move.CANCEL): State.CANCELLED,
    (State.RETURNED, Move.CANCEL): State.CANCELLED,
}

WHO: Final = {
    Move.NOTICE: ("office", "assessor"),
    Move.SIGN: ("unit",),
    Move.START: ("unit",),
    Move.SUBMIT: ("unit",),
    Move.RETURN: ("assessor", "office"),
    Move.VERIFY: ("assessor", "office"),
    Move.CLOSE: ("office",),
    Move.EXTEND: ("office",),
    Move.EXCUSE: ("office",),
    Move.CANCEL: ("leader",),
}
"""The roles that may make a move; a person's own limits (who submits cannot verify) come on top."""

ENDED: Final = frozenset({State.CLOSED, State.CANCELLED})
RUNNING: Final = frozenset({State.SIGNED, State.IN_PROGRESS, State.RETURNED})
"""Where the deadline runs: the ladder stops while an item is submitted and goes on when it is returned."""

ZH: Final[dict[State | Move, str]] = {
    State.OPEN: "待下达",
    State.NOTICED: "已下达",
    State.SIGNED: "已签收",
    State.IN_PROGRESS: "整改中",
    State.SUBMITTED: "已提交",
    State.RETURNED: "已退回",
    State.VERIFIED: "已验收",
    State.CLOSED: "已销号",
    State.CANCELLED: "已撤销",
    Move.NOTICE: "下达通知书",
    Move.SIGN: "签收",
    Move.START: "开始整改",
    Move.SUBMIT: "提交整改",
    Move.RETURN: "退回",
    Move.VERIFY: "核查验收",
    Move.CLOSE: "销号",
    Move.EXTEND: "延期",
    Move.EXCUSE: "采纳情况说明",
    Move.CANCEL: "撤销",
}

ROLE_ZH: Final = {"unit": "被考核单位", "assessor": "责任科室", "office": "考核办", "leader": "领导"}


def after(state: State, move: Move) -> State:
    """The state that a move leads to; raises `IllegalMove` with the state, the move, where it is legal and who makes it."""
    following = MOVES.get((state, move))
    if following is None:
        raise _refusal(state, move)
    return following


def _refusal(state: State, move: Move) -> IllegalMove:
    starts = [start for start, made in MOVES if made is move]
    en = f"the item is {state}: {move} is made by {' or '.join(WHO[move])} when it is {' or '.join(starts)}"
    roles, states = "、".join(ROLE_ZH[role] for role in WHO[move]), "、".join(ZH[start] for start in starts)
    zh = f"整改项{ZH[state]}，不能{ZH[move]}；须在{states}时由{roles}办理"
    return IllegalMove(zh, en, state=state, move=move, who=WHO[move])
