"""What the appraisal hears from other services and how its changes are told to them."""

from fractions import Fraction
from typing import Final

from contracts import evidence, feedback, scoring
from contracts.envelope import Contract
from kit.inbox import Subscriptions
from scoring.appraisal.domain.changes import Change, LineCrossed, ScoreChanged, UnitRegistered
from scoring.appraisal.domain.lines import Figure, finding_of, recovery_of
from scoring.appraisal.domain.numbers import Rounding, plain, rounded
from scoring.appraisal.handlers import hearing
from scoring.appraisal.handlers.work import Work

SERVICE: Final = "scoring"
CAUSE: Final = "line"  # feedback keeps one open item for (unit, indicator, cause): yellow and then red is one problem
_PLACES: Final = Rounding(6)  # a quotient may have no end

SUBSCRIPTIONS: Final[Subscriptions[Work]] = {
    feedback.VerifiedV1: hearing.on_verified,
    feedback.DeductionConfirmedV1: hearing.on_deduction_confirmed,
    evidence.AcceptedV1: hearing.on_evidence_accepted,
    evidence.IntegrityFailedV1: hearing.on_integrity_failed,
}


def contract_of(change: Change) -> Contract:
    match change:
        case UnitRegistered(unit=unit):
            return scoring.UnitRegisteredV1(unit=unit.code, name=unit.name, group=unit.group)
        case ScoreChanged():
            return scoring.ScoreChangedV1(
                cycle=change.cycle, unit=change.unit, indicator=change.indicator, points=change.points, was=change.was
            )
        case LineCrossed():
            return _line_crossed(change)


def _line_crossed(change: LineCrossed) -> scoring.LineCrossedV1:
    figure = change.figure or Figure(Fraction(0), Fraction(0))
    said = finding_of if change.direction == "fell" else recovery_of
    return scoring.LineCrossedV1(
        cycle=change.cycle,
        unit=change.unit,
        indicator=change.indicator.key,
        indicator_name=change.indicator.name,
        department=change.indicator.department,
        line=change.line.level.value,
        direction=change.direction,
        cause=CAUSE,
        value=plain(rounded(figure.value, _PLACES)),
        n=plain(figure.n),
        threshold=plain(change.line.bound),
        finding=said(change.indicator.name, change.line, figure),
    )
