"""The only translation between facts of the domain and the public language."""

from typing import Any, Final

from contracts import evidence, feedback, scoring
from contracts.envelope import Contract
from feedback import handlers
from feedback.domain import facts
from feedback.domain.deadlines import Policy, deemed_on
from feedback.domain.deductions import Deduction
from feedback.domain.rectification import Rectification
from kit.inbox import Subscriptions

SUBSCRIPTIONS: Final[Subscriptions[handlers.Work]] = {
    scoring.LineCrossedV1: handlers.on_line_crossed,
    evidence.AcceptedV1: handlers.on_evidence_accepted,
}


class Tongue:
    """Says facts in contracts; the policy tells when a notice will be deemed signed."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def contract_of(self, fact: facts.Fact) -> Contract:
        match fact:
            case facts.DeductionProposed() | facts.DeductionConfirmed() | facts.DeductionRefused():
                return _of_deduction(fact)
            case facts.ProblemRaised() | facts.FindingAdded():
                return _of_finding(fact)
            case facts.NoticeIssued():
                return self._of_notice(fact)
            case (
                facts.ExtensionAsked()
                | facts.ExtensionDecided()
                | facts.StatementAccepted()
                | facts.CancellationAsked()
                | facts.Cancelled()
            ):
                return _of_request(fact)
            case _:
                return _of_step(fact)

    def _of_notice(self, fact: facts.NoticeIssued) -> Contract:
        item = fact.item
        return feedback.NoticeIssuedV1(
            **_numbered(item),
            indicator=item.indicator,
            severity=item.severity.value,
            finding=item.finding,
            requirement=item.requirement,
            sent_on=fact.on,
            working_days=fact.working_days,
            due_on=item.exact_on,
            deemed_on=deemed_on(fact.on, self._policy.deemed_after),
        )


Step = facts.NoticeSigned | facts.Started | facts.Submitted | facts.Returned | facts.StageReached | facts.Verified | facts.Closed
Request = facts.ExtensionAsked | facts.ExtensionDecided | facts.StatementAccepted | facts.CancellationAsked | facts.Cancelled


def _of_step(fact: Step) -> Contract:  # noqa: PLR0911 - one return a fact, the shape of a translation
    item = fact.item
    match fact:
        case facts.NoticeSigned():
            return feedback.NoticeSignedV1(**_numbered(item), signed_on=item.signed_on, deemed=item.deemed, due_on=item.due_on)
        case facts.Started():
            return feedback.StartedV1(**_numbered(item))
        case facts.Submitted():
            return feedback.SubmittedV1(**_numbered(item), report=fact.report)
        case facts.Returned():
            return feedback.ReturnedV1(**_numbered(item), missing=fact.missing, due_on=item.due_on)
        case facts.StageReached():
            stage = {"due_on": fact.due_on, "stage": fact.stage.value, "over": fact.over}
            return feedback.StageReachedV1(**_numbered(item), finding=item.finding, **stage)
        case facts.Verified():
            passed = {"verified_on": fact.on, "first_time": fact.first_time}
            return feedback.VerifiedV1(**_numbered(item), indicator=item.indicator, **passed)
        case facts.Closed():
            return feedback.ClosedV1(**_numbered(item), closed_on=fact.on, late=fact.late)


def _of_finding(fact: facts.ProblemRaised | facts.FindingAdded) -> Contract:
    item = fact.item
    match fact:
        case facts.ProblemRaised():
            return feedback.ProblemRaisedV1(**_found(item), cause=item.cause, finding=item.finding)
        case facts.FindingAdded():
            return feedback.FindingAddedV1(**_found(item), finding=fact.finding.text)


def _of_request(fact: Request) -> Contract:
    item = fact.item
    match fact:
        case facts.ExtensionAsked():
            asked = {"due_on": item.due_on, "until": fact.until, "reason": fact.reason}
            return feedback.ExtensionAskedV1(**_numbered(item), **asked)
        case facts.ExtensionDecided():
            decided = {"granted": fact.granted, "until": fact.until, "due_on": item.due_on}
            return feedback.ExtensionDecidedV1(**_numbered(item), **decided)
        case facts.StatementAccepted():
            return feedback.StatementAcceptedV1(**_numbered(item), reason=fact.reason)
        case facts.CancellationAsked():
            return feedback.CancellationAskedV1(**_numbered(item), reason=fact.reason)
        case facts.Cancelled():
            return feedback.CancelledV1(**_numbered(item), reason=fact.reason)


def _of_deduction(fact: facts.DeductionFact) -> Contract:
    about = _about_deduction(fact.deduction)
    match fact:
        case facts.DeductionProposed():
            return feedback.DeductionProposedV1(**about, reason=fact.deduction.reason, proposed_on=fact.on)
        case facts.DeductionConfirmed():
            return feedback.DeductionConfirmedV1(**about, reason=fact.deduction.reason, confirmed_on=fact.on)
        case facts.DeductionRefused():
            return feedback.DeductionRefusedV1(**about, refused_on=fact.on)


def _about(item: Rectification) -> dict[str, Any]:
    return {"item": item.id, "cycle": item.cycle, "unit": item.unit, "label": item.label, "department": item.department}


def _numbered(item: Rectification) -> dict[str, Any]:
    return {**_about(item), "number": item.number, "indicator_name": item.indicator_name}


def _found(item: Rectification) -> dict[str, Any]:
    return {**_about(item), "indicator": item.indicator, "indicator_name": item.indicator_name, "severity": item.severity.value}


def _about_deduction(deduction: Deduction) -> dict[str, Any]:
    about = {"item": deduction.item, "cycle": deduction.cycle, "unit": deduction.unit}
    return {**about, "deduction": deduction.id, "matter": deduction.matter, "level": deduction.level.value}
