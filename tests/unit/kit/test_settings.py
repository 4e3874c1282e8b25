from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from kit.settings import ServiceSettings

GOOD: dict[str, Any] = {
    "http_port": 1,
    "database_url": SecretStr("postgresql://x"),
    "kafka_bootstrap": "k:9092",
    "auth_issuer": "https://id.example.org",
    "auth_jwks_url": "https://id.example.org/jwks",
}


def test_production_is_what_one_gets_without_saying_so() -> None:
    assert ServiceSettings(**GOOD).environment == "production"


def test_production_refuses_a_business_clock(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="clock_file"):
        ServiceSettings(**GOOD, clock_file=tmp_path / "clock.json")


def test_production_refuses_the_development_issuer() -> None:
    with pytest.raises(ValidationError, match="issuer"):
        ServiceSettings(**{**GOOD, "auth_issuer": "http://127.0.0.1:8100"})


def test_the_local_stack_may_have_both(tmp_path: Path) -> None:
    settings = ServiceSettings(**{**GOOD, "auth_issuer": "http://127.0.0.1:8100"}, clock_file=tmp_path / "clock.json", environment="local")
    assert settings.clock_file


def test_a_topic_has_at_least_one_copy() -> None:
    with pytest.raises(ValidationError, match="kafka_replicas"):
        ServiceSettings(**GOOD, kafka_replicas=0)
