"""The only translation between this service's facts and the public language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts import feedback, notification, scoring
from contracts.envelope import Contract
from kit.inbox import Handler
from notification.domain.messages import ReceiptGiven, ReceiverUnreachable
from notification.handlers import hearing
from notification.handlers.work import Fact, Work

SUBSCRIPTIONS: Final[Mapping[type[Contract], Handler[Work]]] = MappingProxyType(
    {
        scoring.UnitRegisteredV1: hearing.on_unit_registered,
        feedback.NoticeIssuedV1: hearing.on_notice_issued,
        feedback.NoticeSignedV1: hearing.on_notice_signed,
        feedback.StageReachedV1: hearing.on_stage_reached,
        feedback.SubmittedV1: hearing.on_submitted,
        feedback.ReturnedV1: hearing.on_returned,
        feedback.VerifiedV1: hearing.on_verified,
        feedback.ClosedV1: hearing.on_closed,
        feedback.FindingAddedV1: hearing.on_finding_added,
        feedback.CancellationAskedV1: hearing.on_cancellation_asked,
        feedback.CancelledV1: hearing.on_cancelled,
        feedback.ExtensionAskedV1: hearing.on_extension_asked,
        feedback.ExtensionDecidedV1: hearing.on_extension_decided,
        feedback.StatementAcceptedV1: hearing.on_statement_accepted,
        feedback.DeductionProposedV1: hearing.on_deduction_proposed,
        feedback.DeductionConfirmedV1: hearing.on_deduction_confirmed,
    }
)


def contract_of(fact: Fact) -> Contract:
    match fact:
        case ReceiptGiven():
            return notification.ReceiptGivenV1(message=str(fact.message), item=fact.matter.item, person=fact.receiver, at=fact.at)
        case ReceiverUnreachable():
            return notification.ReceiverUnreachableV1(person=fact.person, on=fact.on)
