"""The service as it is put together, without a server."""

from pathlib import Path

import pytest

from kit.http import undeclared_routes
from kit.testing import TestIssuer
from scoring.app import Scoring, create
from scoring.settings import ScoringSettings


@pytest.fixture
async def service() -> Scoring:
    settings = ScoringSettings.model_validate(
        {
            "environment": "local",
            "database_url": "postgresql://nobody@127.0.0.1:1/nothing",
            "kafka_bootstrap": "127.0.0.1:1",
            "auth_issuer": "http://issuer.test",
            "auth_jwks_url": "http://issuer.test/jwks.json",
        }
    )
    return create(settings, verifier=TestIssuer().verifier())


def test_every_route_declares_who_may_use_it(service: Scoring) -> None:
    assert undeclared_routes(service.app) == []


def test_the_interface_describes_itself(service: Scoring) -> None:
    paths = service.app.openapi()["paths"]
    assert {"/v1/schemes/validate", "/v1/standings/{cycle}", "/v1/scores/{cycle}/{unit}/{indicator}/trace"} <= paths.keys()
    assert paths["/v1/schemes"]["post"]["requestBody"]["content"].keys() == {"application/yaml"}


def test_production_refuses_the_clock_of_the_local_stack() -> None:
    told = {"database_url": "postgresql://x", "kafka_bootstrap": "x", "auth_issuer": "https://id.example.org", "auth_jwks_url": "x"}
    with pytest.raises(ValueError, match="clock_file"):
        ScoringSettings.model_validate({**told, "environment": "production", "clock_file": Path("clock.json")})
