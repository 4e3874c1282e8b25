"""HTTP in, command out: routes, request and response models, and how refusals are told."""

from typing import Final

from fastapi import APIRouter

from kit.errors import Problem, Problems
from notification.api import messages, people
from notification.domain.errors import Invalid, NoReceiptAsked, NoSuchMessage, NoSuchPerson, NotTheReceiver

ROUTERS: Final[tuple[APIRouter, ...]] = (people.router, messages.router)

PROBLEMS: Final[Problems] = {
    Invalid: Problem(422, "invalid"),
    NoSuchPerson: Problem(404, "no-such-person"),
    NoSuchMessage: Problem(404, "no-such-message"),
    NotTheReceiver: Problem(403, "not-the-receiver"),
    NoReceiptAsked: Problem(409, "no-receipt-asked"),
}
