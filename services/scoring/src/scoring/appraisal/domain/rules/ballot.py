"""Democratic appraisal (民主测评): the weighted mean of the voter classes' means, invalid papers counted by reason."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.faults import Fault, InputRefused
from scoring.appraisal.domain.numbers import added, number_of, plain
from scoring.appraisal.domain.rules.inputs import Ballots, Inputs, Paper, Tally, unsuitable
from scoring.appraisal.domain.rules.outcome import Empty, Example, Kind, Parameters, Working
from scoring.appraisal.domain.rules.sentences import summed
from scoring.appraisal.domain.shapes import NUMBER, ON_EMPTY, POSITIVE, by_key, fault, listed, mapping, whole
from scoring.appraisal.domain.words import Text
from scoring.ballots.domain.papers import Demands, Reason, reason_against
from scoring.ballots.domain.tallies import class_mean

SCALE: Final[Mapping[str, str]] = {"A": "100", "B": "80", "C": "60", "D": "40"}
_FULL: Final = 100


_SAID: Final[Mapping[str, Text]] = {
    Reason.SECOND: Text("重复投票", "second ballots"),
    Reason.INCOMPLETE: Text("漏评", "incomplete"),
    Reason.OVER_QUOTA: Text("超出名额", "over quota"),
    Reason.UNIFORM: Text("全部相同", "uniform"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterClass:
    weight: Fraction
    reject_uniform: bool
    quota: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    points: Fraction
    classes: Mapping[str, VoterClass]
    scale: Mapping[str, Fraction]

    def work(self, inputs: Inputs) -> Working | Empty:
        """A class without valid papers gives its weight to the others in proportion."""
        if isinstance(inputs, Tally):
            return self._counted(inputs)
        if not isinstance(inputs, Ballots):
            raise unsuitable(inputs)
        self._refuse_unknown_classes(inputs)
        sorted_out = {name: self._sorted_out(papers, name, inputs.candidates) for name, papers in inputs.papers.items()}
        reasons = Counter(reason for papers in sorted_out.values() for reason, _ in papers if reason is not None)
        invalid = {reason.value: reasons[reason] for reason in Reason if reasons[reason]}
        valid = {name: [paper for reason, paper in papers if reason is None] for name, papers in sorted_out.items()}
        means = {name: self._mean(papers, inputs.unit) for name, papers in valid.items() if papers}
        if not means:
            return Empty(Text("没有有效票", "there is no valid ballot"), invalid=invalid)
        return self._weighed(means, sum(map(len, valid.values())), invalid)

    def _counted(self, tally: Tally) -> Working | Empty:
        """What a vote by codes gave: its papers were judged by the same demands when they were counted.

        A version that names other classes or marks than the vote had is no error: settling it must not stop all others.
        """
        marks = {mark for counts in tally.counts.values() for mark in counts}
        if not (tally.counts.keys() <= self.classes.keys() and marks <= self.scale.keys()):
            return Empty(
                Text("测评的投票类别或等次与现行规则不符，须重新测评", "the vote had other classes or marks than this rule: vote again")
            )
        means = {name: mean for name, counts in tally.counts.items() if (mean := class_mean(counts, self.scale)) is not None}
        if not means:
            return Empty(Text("没有有效票", "there is no valid ballot"), invalid=tally.invalid)
        return self._weighed(means, sum(sum(counts.values()) for counts in tally.counts.values()), tally.invalid)

    def _weighed(self, means: Mapping[str, Fraction], valid: int, invalid: Mapping[str, int]) -> Working:
        """In the order of the rule's classes, so that the words don't hang on who voted first."""
        terms = [(voters.weight, means[name]) for name, voters in self.classes.items() if name in means]
        weights = added(weight for weight, _ in terms)
        mean = added(weight * of_class for weight, of_class in terms) / weights
        return Working(
            value=self.points * mean / _FULL,
            formula=f"({summed(terms)}) / {plain(weights)} / {_FULL} x {plain(self.points)}",
            numbers={"mean": mean, "valid": Fraction(valid), **{f"mean.{name}": means[name] for name in sorted(means)}},
            bites=_invalid_said(invalid),
            invalid=invalid,
        )

    def _sorted_out(self, papers: tuple[Paper, ...], name: str, candidates: frozenset[str]) -> list[tuple[Reason | None, Paper]]:
        """Each paper with its first reason to be invalid; a voter's first paper counts as cast even if it is invalid."""
        seen: set[str] = set()
        found: list[tuple[Reason | None, Paper]] = []
        for paper in papers:
            found.append((Reason.SECOND if paper.voter in seen else self._flaw(paper, self.classes[name], candidates), paper))
            seen.add(paper.voter)
        return found

    def _flaw(self, paper: Paper, voters: VoterClass, candidates: frozenset[str]) -> Reason | None:
        if len(paper.marks) < len(candidates):
            return Reason.INCOMPLETE
        demands = Demands(reject_uniform=voters.reject_uniform, quota=voters.quota)
        return reason_against(paper.marks, demands, candidates=candidates, scale=self.scale)

    def _mean(self, papers: list[Paper], unit: str) -> Fraction:
        return added(self.scale[str(paper.marks[unit])] for paper in papers) / len(papers)

    def _refuse_unknown_classes(self, ballots: Ballots) -> None:
        unknown = [name for name in ballots.papers if name not in self.classes]
        if unknown:
            known = ", ".join(self.classes)
            raise InputRefused(Text(f"没有该投票类别，可用：{known}", f"a class of voters is unknown; there are: {known}"))


def _invalid_said(invalid: Mapping[str, int]) -> tuple[Text, ...]:
    if not invalid:
        return ()
    zh = "、".join(f"{_SAID[reason].zh} {count} 张" for reason, count in invalid.items())
    en = ", ".join(f"{count} {_SAID[reason].en}" for reason, count in invalid.items())
    return (Text(f"无效票：{zh}", f"invalid: {en}"),)


def _make(parameters: Parameters, points: Fraction) -> Ballot:
    return Ballot(
        points=points,
        classes={name: _class(stated) for name, stated in parameters["classes"].items()},
        scale={mark: number_of(value) for mark, value in parameters.get("scale", SCALE).items()},
    )


def _class(stated: Mapping[str, Any]) -> VoterClass:
    return VoterClass(
        weight=number_of(stated["weight"]),
        reject_uniform=stated.get("reject_uniform", False),
        quota={mark: int(most) for mark, most in stated.get("quota", {}).items()},
    )


def _faults(parameters: Parameters) -> tuple[Fault, ...]:
    """A quota of a mark that the scale lacks would never bite."""
    scale = parameters.get("scale", SCALE)
    wrong = Text("评分等级不在 scale 中", "this mark is not in the scale")
    return tuple(
        fault(("classes", name, "quota", mark), wrong, listed(scale))
        for name, stated in parameters["classes"].items()
        for mark in stated.get("quota", {})
        if mark not in scale
    )


_CLASS: Final = mapping(
    ("weight",), weight=POSITIVE, reject_uniform={"type": "boolean"}, quota={"type": "object", "additionalProperties": whole(0)}
)

KIND: Final = Kind(
    name="ballot",
    title=Text("民主测评", "a ballot"),
    formula=Text("分值 × 各类平均分按权重的平均 ÷ 100", "points x weighted mean of the classes' means / 100"),
    shape=mapping(("classes",), classes=by_key(_CLASS), scale=by_key(NUMBER), on_empty=ON_EMPTY),
    takes=(Ballots, Tally),
    make=_make,
    example=Example(
        rule={"classes": {"leaders": {"weight": "0.6"}, "staff": {"weight": "0.4", "reject_uniform": True}}},
        points="10",
        inputs={
            "ballots": {
                "leaders": [{"voter": "l1", "marks": {"dong": "A", "xi": "B"}}, {"voter": "l2", "marks": {"dong": "B", "xi": "A"}}],
                "staff": [{"voter": "s1", "marks": {"dong": "B", "xi": "C"}}, {"voter": "s2", "marks": {"dong": "A", "xi": "A"}}],
            },
            "candidates": ["dong", "xi"],
            "unit": "dong",
        },
        result="8.60",
    ),
    faults=_faults,
)
