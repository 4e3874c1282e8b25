"""A result in words: the arithmetic, what came out, and what limited it."""

from collections.abc import Iterable
from typing import Final

from scoring.appraisal.domain.words import Text, both

_COMMA: Final = Text("，", ", ")


def told_of(points: str | None, *, formula: str, bites: Iterable[Text], empty: Text | None) -> Text:
    """`(38 / 40) / 0.95 x 10 = 10.00, capped at 10`; `empty` is why there was nothing to judge."""
    if empty is not None:
        return both((empty, _of_nothing(points)), _COMMA)
    sum_ = f"{formula} = {points}"
    return both((Text(sum_, sum_), *bites), _COMMA)


def _of_nothing(points: str | None) -> Text:
    return Text("本指标不适用", "not applicable") if points is None else Text(f"按规定得 {points} 分", f"{points} points by the scheme")
