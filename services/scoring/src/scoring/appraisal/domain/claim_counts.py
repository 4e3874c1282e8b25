"""Which recognised claims count: proven ones, a document once for a unit and part, a matter once for a unit, at the highest level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scoring.appraisal.domain.claims import Proven, same_spelling
from scoring.appraisal.domain.given import NOTHING_GIVEN, Given, GivenOf
from scoring.appraisal.domain.numbers import plain
from scoring.appraisal.domain.rules.outcome import Role
from scoring.appraisal.domain.rules.per_event import worths_of
from scoring.appraisal.domain.schemes import Indicator, Scheme, Unit
from scoring.appraisal.domain.words import Text

_UNPROVEN: Final = Text("没有已接收的佐证材料", "none of its evidence is accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rated:
    """A recognised claim under one version of the scheme; `worth` is none for a level that this version does not know."""

    proven: Proven
    indicator: Indicator
    worth: Fraction | None

    @property
    def is_bonus(self) -> bool:
        return self.indicator.rule.role is Role.BONUS

    @property
    def counts_once_as(self) -> tuple[str, str]:
        """A document is counted once in a part, a matter is deducted once whatever the part."""
        content = self.proven.claim.content
        if self.is_bonus and content.document is not None:
            return self.indicator.part, content.document.identity
        return "", same_spelling(content.matter or "")

    @property
    def stands(self) -> bool:
        return self.worth is not None and bool(self.proven.accepted)

    @property
    def rank(self) -> tuple[Any, ...]:
        """The highest first, among equals the one that came first; numbers follow the order in which claims came."""
        claim = self.proven.claim
        return -(self.worth or Fraction(0)), claim.applied_at, claim.number


def counted(indicator: Indicator, scheme: Scheme, unit: Unit, given: GivenOf) -> Given:
    """The rule's events of one indicator, and for the trace every recognised claim on it, with why it was left out.

    Depends on the set of the unit's recognised claims alone, whatever order they come in.
    """
    rated = [one for each in scheme.indicators_of(unit) for one in _rated(each, given)]
    best = _best(one for one in rated if one.stands)
    own = sorted((one for one in rated if one.indicator.key == indicator.key), key=lambda one: one.proven.claim.number)
    events = [_event(one) for one in own if best.get(_key(one)) is one]
    return Given({"events": events}, {f"claims.{one.proven.claim.number}": _source(one, best.get(_key(one))) for one in own})


def told_claim(source: Mapping[str, Any]) -> Text:
    """A claim as the trace holds it, in a sentence: what it rests on, what proves it, and why it was left out if it was."""
    named = source.get("matter") or f"{source['document']}（{source['organ']}）"
    level = Text(f"，档次 {source['level']}", f", level {source['level']}") if "level" in source else Text("", "")
    proofs = "、".join(source["evidence"]) or "-"
    out = source.get("left_out")
    counts = Text(f"未计入：{out['zh']}", f"left out: {out['en']}") if out else Text(f"计 {source['each']} 分", f"worth {source['each']}")
    return Text(
        f"第 {source['claim']} 号申报“{named}”{level.zh}，佐证材料 {proofs}；{counts.zh}。",
        f"Claim {source['claim']}, “{named}”{level.en}, proved by {proofs}: {counts.en}.",
    )


def _rated(indicator: Indicator, given: GivenOf) -> Iterable[_Rated]:
    if indicator.plan.claims_close is None:
        return
    worths = worths_of(indicator.rule.parameters["each"])
    for proven in given.get(indicator.key, NOTHING_GIVEN).claims:
        yield _Rated(proven=proven, indicator=indicator, worth=worths.worth_of(proven.claim.content.level))


def _key(one: _Rated) -> tuple[bool, tuple[str, str]]:
    return one.is_bonus, one.counts_once_as


def _best(standing: Iterable[_Rated]) -> Mapping[tuple[bool, tuple[str, str]], _Rated]:
    best: dict[tuple[bool, tuple[str, str]], _Rated] = {}
    for one in sorted(standing, key=lambda one: one.rank):
        best.setdefault(_key(one), one)
    return best


def _event(one: _Rated) -> dict[str, Any]:
    return {"document": one.counts_once_as[1], "level": one.proven.claim.content.level, "accepted": True}


def _source(one: _Rated, best: _Rated | None) -> dict[str, Any]:
    claim, content = one.proven.claim, one.proven.claim.content
    document = {} if content.document is None else {"document": content.document.number, "organ": content.document.organ}
    left_out = _why_left_out(one, best)
    return {
        "claim": claim.number,
        "id": str(claim.id),
        **document,
        **({} if content.matter is None else {"matter": content.matter}),
        **({} if content.level is None else {"level": content.level}),
        **({} if one.worth is None else {"each": plain(one.worth)}),
        "evidence": dict(sorted(one.proven.accepted.items())),
        **({} if left_out is None else {"left_out": {"zh": left_out.zh, "en": left_out.en}}),
    }


def _why_left_out(one: _Rated, best: _Rated | None) -> Text | None:
    if one.worth is None:
        level = one.proven.claim.content.level
        return Text(f"本版方案没有档次“{level or ''}”", f"this version of the scheme knows no level {level or ''!r}")
    if not one.proven.accepted:
        return _UNPROVEN
    if best is None or best is one:
        return None
    number, where = best.proven.claim.number, best.indicator.key
    what = Text("同一文件", "the same document") if one.is_bonus else Text("同一事项", "the same matter")
    why = (
        Text("该号分值更高", "which is worth more")
        if best.worth != one.worth
        else Text("分值相同而申报在先", "which is worth the same and came first")
    )
    return Text(f"与第 {number} 号（{where}）为{what.zh}，{why.zh}", f"{what.en} as claim {number} ({where}), {why.en}")
