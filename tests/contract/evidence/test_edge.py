import json
from pathlib import Path

import pytest

from contracts import evidence as said
from evidence import api, events
from evidence.app import create
from evidence.domain import refusals
from evidence.domain.claims import Fault, Subject, SubjectKind
from evidence.domain.revisions import MOVES, Accepted, IntegrityFailed, State, UploadRefused
from evidence.settings import EvidenceSettings
from kit.errors import Refused
from kit.http import undeclared_routes
from kit.testing import TestIssuer
from tests.unit.evidence.builders import SHA, a_revision

README = Path(__file__).parents[3] / "services/evidence/README.md"


@pytest.fixture
def settings() -> EvidenceSettings:
    return EvidenceSettings.model_validate(
        {
            "database_url": "postgresql://evidence@nowhere/evidence",
            "kafka_bootstrap": "nowhere:9092",
            "auth_issuer": "https://issuer",
            "auth_jwks_url": "https://issuer/jwks.json",
            "s3_endpoint": "https://store:9000",
            "s3_access_key": "key",
            "s3_secret_key": "secret",
        }
    )


def test_every_route_declares_who_may_call_it(settings: EvidenceSettings) -> None:
    assert undeclared_routes(create(settings, verifier=TestIssuer().verifier()).app) == []


def test_the_service_is_put_together_without_asking_any_server(settings: EvidenceSettings) -> None:
    assert set(create(settings).siblings()) == {"http", "relay", "sweep", "integrity"}


def test_every_refusal_has_its_status() -> None:
    own = {
        one for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, Refused) and one.__module__ == refusals.__name__
    }
    assert own == set(api.PROBLEMS)


def test_the_example_of_a_declaration_is_one(settings: EvidenceSettings) -> None:
    examples = api.Declaration.model_json_schema()["examples"]
    for example in examples:
        body = api.Declaration.model_validate_json(json.dumps(example))
        assert body.claim().checked(largest=settings.largest_bytes) == body.claim()


def test_acceptance_is_said_with_everything_that_others_need() -> None:
    revision = a_revision(State.ACCEPTED)
    contract = events.contract_of(Accepted(revision, (Subject(SubjectKind.ITEM, "item-1"),)))
    assert isinstance(contract, said.AcceptedV1)
    assert (contract.key, contract.subjects[0].id, contract.sha256) == (str(revision.evidence), "item-1", SHA)


def test_a_refusal_and_damage_are_said_with_their_reason() -> None:
    refused = events.contract_of(UploadRefused(a_revision(State.REFUSED), Fault.HASH_DIFFERS))
    damaged = events.contract_of(IntegrityFailed(a_revision(State.ACCEPTED), None))
    assert isinstance(refused, said.RefusedV1)
    assert isinstance(damaged, said.IntegrityFailedV1)
    assert (refused.fault, damaged.expected, damaged.found) == ("hash_differs", SHA, None)


def test_the_states_in_the_readme_are_those_of_the_table() -> None:
    drawn = {line.strip() for line in README.read_text().splitlines() if " --> " in line and "[*]" not in line}
    assert drawn == {f"{state} --> {after}: {move}" for (state, move), after in MOVES.items()}
