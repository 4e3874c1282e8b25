"""Points of a unit's place in its group; places are competition ranks (1, 2, 2, 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from scoring.appraisal.domain.numbers import added, number_of, plain
from scoring.appraisal.domain.rules.groups import compared
from scoring.appraisal.domain.rules.inputs import Group, Inputs
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working, higher_is_better
from scoring.appraisal.domain.rules.sentences import MOST_TERMS
from scoring.appraisal.domain.shapes import BETTER, NOT_NEGATIVE, NUMBER, ON_EMPTY, mapping, sequence
from scoring.appraisal.domain.words import Text

THEN: Final[Mapping[str, Any]] = {
    "if": {"type": "object"},
    "then": mapping(("less",), less=NOT_NEGATIVE),
    "else": {"const": "last"},
    "description": "last，或 {less: 每名递减的分值} · last, or {less: points less a place}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RankLadder:
    """`less` is what each place beyond the ladder has less than the one before; without it such a place has no points."""

    points: Fraction
    higher_is_better: bool
    ladder: tuple[Fraction, ...]
    less: Fraction | None
    ties: str

    def work(self, inputs: Inputs) -> Working | Empty:
        found = compared(inputs)
        if isinstance(found, Empty):
            return found
        own, values = found
        place = 1 + sum(1 for value in values if (value > own if self.higher_is_better else value < own))
        tied = values.count(own)
        if tied > 1 and self.ties == "cancel":
            return Empty(Text(f"与其他 {tied - 1} 个单位并列，不计分", f"tied with {tied - 1} others: places are cancelled"), excluded=True)
        return self._worth(place, tied if self.ties == "share" else 1, place_said=_said(place, tied, len(values)))

    def _worth(self, place: int, shared_by: int, *, place_said: Text) -> Working:
        worths = [self._at(each) for each in range(place, place + shared_by)]
        value = added(worths) / shared_by
        return Working(
            value=value,
            formula=_spelled(worths),
            numbers={"place": Fraction(place), "shared_by": Fraction(shared_by)},
            bites=(place_said,),
        )

    def _at(self, place: int) -> Fraction:
        """A place is worth 0..P before a tie is shared."""
        beyond = place - len(self.ladder)
        return min(self.points, max(Fraction(0), self.ladder[place - 1] if beyond <= 0 else self._after(beyond)))

    def _after(self, beyond: int) -> Fraction:
        return Fraction(0) if self.less is None else self.ladder[-1] - beyond * self.less


def _spelled(worths: list[Fraction]) -> str:
    if len(worths) == 1:
        return plain(worths[0])
    terms = plain(added(worths)) if len(worths) > MOST_TERMS else f"({' + '.join(map(plain, worths))})"
    return f"{terms} / {len(worths)}"


def _said(place: int, tied: int, of: int) -> Text:
    if tied > 1:
        return Text(f"{of} 个单位中第 {place} 名（{tied} 个单位并列）", f"place {place} of {of}, {tied} tied")
    return Text(f"{of} 个单位中第 {place} 名", f"place {place} of {of}")


def _make(parameters: Parameters, points: Fraction) -> RankLadder:
    return RankLadder(
        points=points,
        higher_is_better=higher_is_better(parameters),
        ladder=tuple(map(number_of, parameters["ladder"])),
        less=_less(parameters.get("then")),
        ties=parameters.get("ties", "share"),
    )


def _less(then: Any) -> Fraction | None:  # noqa: ANN401 - a JSON value that fits THEN
    if then is None:
        return None
    return Fraction(0) if then == "last" else number_of(then["less"])


def _more_is_better(parameters: Parameters) -> bool:
    """Also where fewer are better and yet a later place has more points."""
    ladder = tuple(map(number_of, parameters["ladder"]))
    return higher_is_better(parameters) or any(later > earlier for earlier, later in pairwise(ladder))


KIND: Final = Kind(
    name="rank_ladder",
    title=Text("名次计分", "points of a place"),
    formula=Text(
        "组内名次对应的分值；并列的平分所占名次的分值（share）、取最好名次（best）或不计（cancel）",
        "the points of the place in the group; tied units share those of their places, have the best, or are cancelled",
    ),
    shape=mapping(
        ("better", "ladder"),
        better=BETTER,
        ladder=sequence(NUMBER, least=1),
        ties={"enum": ["share", "best", "cancel"]},
        then=THEN,
        on_empty=ON_EMPTY,
    ),
    takes=(Group,),
    make=_make,
    example=Example(
        rule={"better": "higher", "ladder": ["10", "9", "8", "7"]},
        points="10",
        inputs={"group": {"dong": "98", "xi": "95", "nan": "95", "bei": "90"}, "unit": "xi"},
        result="8.50",
    ),
    more_is_better=_more_is_better,
)
