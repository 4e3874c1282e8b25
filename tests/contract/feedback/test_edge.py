import json
from typing import Any

import pytest

from contracts.feedback import DeductionConfirmedV1
from feedback import api
from feedback.app import create, scope_of
from feedback.domain import errors
from feedback.settings import FeedbackSettings
from kit.auth import Principal
from kit.errors import Refused
from kit.http import undeclared_routes
from kit.testing import TestIssuer


@pytest.fixture
def settings() -> FeedbackSettings:
    return FeedbackSettings.model_validate(
        {
            "database_url": "postgresql://feedback@nowhere/feedback",
            "kafka_bootstrap": "nowhere:9092",
            "auth_issuer": "https://issuer",
            "auth_jwks_url": "https://issuer/jwks.json",
        }
    )


async def test_every_route_declares_who_may_call_it(settings: FeedbackSettings) -> None:
    assert undeclared_routes(create(settings, verifier=TestIssuer().verifier()).app) == []


async def test_the_service_is_put_together_without_asking_any_server(settings: FeedbackSettings) -> None:
    assert set(create(settings).siblings()) == {"http", "consumer", "relay", "timers"}


def test_every_refusal_has_its_status() -> None:
    own = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Refused) and one is not Refused]
    assert all(any(kind in api.PROBLEMS for kind in one.__mro__) for one in own)


def test_the_example_of_a_problem_is_one() -> None:
    for example in api.ProblemFound.model_json_schema()["examples"]:
        assert api.ProblemFound.model_validate_json(json.dumps(example)).found().cycle == "2026"


@pytest.mark.parametrize(
    ("roles", "units", "scope"),
    [
        ({"unit"}, {"wanglan"}, {"wanglan"}),
        ({"unit"}, set(), set()),
        ({"assessor"}, {"wanglan"}, {"wanglan"}),
        ({"assessor"}, set(), None),
        ({"office", "unit"}, {"wanglan"}, None),
        ({"leader"}, set(), None),
    ],
)
def test_who_sees_which_units(roles: set[str], units: set[str], scope: Any) -> None:  # noqa: ANN401 - a set, or nothing for everybody
    assert scope_of(Principal("p", "p", frozenset(roles), frozenset(units))) == scope


def test_a_confirmed_deduction_is_keyed_by_its_item() -> None:
    assert DeductionConfirmedV1.KEY == "item"
