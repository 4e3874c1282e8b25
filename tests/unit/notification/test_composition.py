from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from kit.http import undeclared_routes
from kit.testing import TestIssuer
from notification.app import METRICS, create
from notification.domain.errors import BadAddress
from notification.settings import NotificationSettings


def settings(**changed: Any) -> NotificationSettings:  # noqa: ANN401 - whatever an environment holds
    told = {
        "environment": "local",
        "database_url": "postgresql://nobody@127.0.0.1:1/none",
        "kafka_bootstrap": "127.0.0.1:1",
        "auth_issuer": "http://issuer.test",
        "auth_jwks_url": "http://issuer.test/jwks.json",
        "smtp_url": "smtp://127.0.0.1:1",
        "mail_from": "kaohe@bureau.example.org",
    }
    return NotificationSettings.model_validate(told | changed)


async def test_every_route_declares_who_may_use_it() -> None:
    assert undeclared_routes(create(settings(), verifier=TestIssuer().verifier()).app) == []


async def test_as_many_senders_as_the_settings_say_are_siblings() -> None:
    service = create(settings(senders=3), verifier=TestIssuer().verifier())
    assert [name for name in service.siblings() if name.startswith("sender")] == ["sender 0", "sender 1", "sender 2"]


def test_a_lease_is_longer_than_any_attempt() -> None:
    told = settings(smtp_patience_seconds=60)
    assert told.lease > timedelta(seconds=told.smtp_patience_seconds)


def test_quiet_hours_that_leave_no_waking_hour_are_refused() -> None:
    with pytest.raises(ValidationError, match="quiet_until"):
        settings(quiet_from="08:00", quiet_until="20:00")


def test_a_sender_that_is_no_address_is_refused() -> None:
    with pytest.raises(BadAddress):
        settings(mail_from="考核办")


def test_the_mail_servers_password_never_shows_in_a_representation() -> None:
    assert "secret" not in repr(settings(smtp_url="smtp://user:secret@mail.example.org"))


def test_every_metric_says_what_it_counts() -> None:
    assert all(metric.sentence.endswith(".") for metric in METRICS)
