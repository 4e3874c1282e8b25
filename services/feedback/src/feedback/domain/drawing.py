"""Draws the table of moves as docs/feedback-states.md: `python -m feedback.domain.drawing > docs/feedback-states.md`."""

import sys

from feedback.domain.states import ENDED, MOVES, ROLE_ZH, RUNNING, WHO, ZH, Move, State


def drawing() -> str:
    """The page: a Mermaid state diagram, and who makes which move."""
    return "\n".join((*_head(), *_diagram(), "", *_people(), ""))


def _head() -> tuple[str, ...]:
    return (
        "# The states of a rectification 整改状态",
        "",
        "Rendered from the table in `services/feedback/src/feedback/domain/states.py` by `make docs`; a test holds it.",
        f"The deadline and the ladder run in: {', '.join(state for state in State if state in RUNNING)}.",
        "",
    )


def _diagram() -> tuple[str, ...]:
    names = (f"    {state}: {state} {ZH[state]}" for state in State)
    edges = (f"    {start} --> {end}: {move} {ZH[move]}" for (start, move), end in MOVES.items())
    ends = (f"    {state} --> [*]" for state in State if state in ENDED)
    return ("```mermaid", "stateDiagram-v2", *names, f"    [*] --> {State.OPEN}", *edges, *ends, "```")


def _people() -> tuple[str, ...]:
    rows = (f"| {move} {ZH[move]} | {', '.join(f'{role} {ROLE_ZH[role]}' for role in WHO[move])} |" for move in Move)
    return ("| move | made by |", "|---|---|", *rows)


if __name__ == "__main__":
    sys.stdout.write(drawing())
