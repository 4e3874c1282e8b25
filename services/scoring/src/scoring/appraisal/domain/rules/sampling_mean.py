"""The mean of sampled marks of 0..100, the highest and lowest trimmed: P·mean/100."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.faults import Fault, InputRefused
from scoring.appraisal.domain.numbers import added, plain
from scoring.appraisal.domain.rules.inputs import Inputs, Marks, unsuitable
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import MOST_TERMS
from scoring.appraisal.domain.shapes import ON_EMPTY, mapping, whole
from scoring.appraisal.domain.words import Text

BEST: Final = 100


@dataclass(frozen=True, slots=True)
class Trim:
    """How many of the highest and lowest marks are dropped, and from how many marks on (`when_more_than`)."""

    high: int = 0
    low: int = 0
    when_more_than: int = 0

    def kept(self, marks: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """One mark is dropped for each place, also among equals."""
        if len(marks) <= self.when_more_than:
            return marks
        return tuple(sorted(marks)[self.low : len(marks) - self.high])


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingMean:
    points: Fraction
    trim: Trim

    def work(self, inputs: Inputs) -> Working | Empty:
        """Every mark is checked before the trim."""
        if not isinstance(inputs, Marks):
            raise unsuitable(inputs)
        if not all(0 <= mark <= BEST for mark in inputs.marks):
            raise InputRefused(Text("抽样评分应在 0 至 100 之间", "a mark is outside 0 to 100"))
        kept = self.trim.kept(inputs.marks)
        if not kept:
            return Empty(Text("没有抽样评分", "there is no mark"))
        dropped = len(inputs.marks) - len(kept)
        return Working(
            value=self.points * added(kept) / (len(kept) * BEST),
            formula=f"{_spelled(kept)} / {len(kept)} / {BEST} x {plain(self.points)}",
            numbers={"mean": added(kept) / len(kept), "marks": Fraction(len(kept))},
            bites=(Text(f"去掉 {dropped} 个最高、最低分", f"{dropped} highest and lowest dropped"),) if dropped else (),
        )


def _spelled(marks: tuple[Fraction, ...]) -> str:
    if len(marks) > MOST_TERMS:
        return plain(added(marks))
    terms = " + ".join(map(plain, sorted(marks)))
    return f"({terms})" if len(marks) > 1 else terms


def _trim_of(stated: Mapping[str, Any]) -> Trim:
    high, low = int(stated.get("high", 0)), int(stated.get("low", 0))
    return Trim(high, low, int(stated.get("when_more_than", high + low)))


def _make(parameters: Parameters, points: Fraction) -> SamplingMean:
    return SamplingMean(points=points, trim=_trim_of(parameters.get("trim", {})))


def _faults(parameters: Parameters) -> tuple[Fault, ...]:
    trim = _trim_of(parameters.get("trim", {}))
    if trim.when_more_than >= trim.high + trim.low:
        return ()
    wrong = Text(f"多于 {trim.when_more_than} 个时去分，可能一个不剩", f"a trim of more than {trim.when_more_than} can leave no mark")
    least = trim.high + trim.low
    return (Fault("trim.when_more_than", wrong, Text(f"不小于 {least}", f"at least {least}")),)


KIND: Final = Kind(
    name="sampling_mean",
    title=Text("抽样平均", "the mean of samples"),
    formula=Text("分值 × 平均分 ÷ 100（可去掉最高、最低分）", "points x mean / 100, after the trim"),
    shape=mapping(trim=mapping(high=whole(0), low=whole(0), when_more_than=whole(0)), on_empty=ON_EMPTY),
    takes=(Marks,),
    make=_make,
    example=Example(
        rule={"trim": {"high": 1, "low": 1, "when_more_than": 5}},
        points="10",
        inputs={"marks": ["60", "80", "85", "90", "95", "100"]},
        result="8.75",
    ),
    faults=_faults,
)
