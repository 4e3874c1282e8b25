from pathlib import Path

from stack import ports, servers, services
from stack.folder import Folder
from stack.services import SERVICES, Surroundings, environment


def surroundings(path: Path, **given: str) -> Surroundings:
    folder, chosen = Folder(path / "stack"), dict(ports.USUAL)
    return Surroundings(folder=folder, ports=chosen, servers=servers.addresses(folder, chosen, given))


def service(name: str) -> services.Service:
    return next(one for one in SERVICES if one.name == name)


def test_each_service_enters_its_own_database_with_its_own_password(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    urls = {one.module: environment(one, around)[f"{one.module.upper()}_DATABASE_URL"] for one in SERVICES}
    assert len(set(urls.values())) == len(urls) == 5
    assert all(url.startswith(f"postgresql://{name}:") and url.endswith(f"127.0.0.1:8154/{name}") for name, url in urls.items())
    assert not any("postgres:" in url.removeprefix("postgresql:") for url in urls.values())


def test_the_worker_shares_scorings_database_and_listens_elsewhere(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    api, worker = environment(service("scoring"), around), environment(service("worker"), around)
    assert api["SCORING_DATABASE_URL"] == worker["SCORING_DATABASE_URL"]
    assert api["SCORING_HTTP_PORT"] != worker["SCORING_HTTP_PORT"]


def test_only_evidence_is_told_the_keys_of_the_store(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    told = {one.name for one in SERVICES if any("S3_" in name for name in environment(one, around))}
    assert told == {"evidence"}


def test_a_serving_process_is_not_told_the_administrators_key(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    serving = services.program(service("evidence"), around).environment
    preparing = [program.environment for program in services.preparations(service("evidence"), around)]
    assert "EVIDENCE_S3_ADMIN_SECRET_KEY" not in serving
    assert all("EVIDENCE_S3_ADMIN_SECRET_KEY" in told for told in preparing)


def test_a_server_that_the_environment_names_replaces_the_own_one(tmp_path: Path) -> None:
    around = surroundings(tmp_path, KAFKA_BOOTSTRAP="broker:9092", SMTP_URL="")
    assert around.servers.kafka_bootstrap == "broker:9092"
    assert around.servers.smtp_url == "smtp://127.0.0.1:8126"
    assert servers.replaced({"KAFKA_BOOTSTRAP": "broker:9092", "SMTP_URL": ""}) == {"kafka"}


def test_the_addresses_survive_the_way_through_an_environment(tmp_path: Path) -> None:
    found = surroundings(tmp_path).servers
    assert servers.Addresses.of(found.environment()) == found


def test_preparations_are_done_again_when_what_they_depend_on_changed(tmp_path: Path) -> None:
    around, elsewhere = surroundings(tmp_path), surroundings(tmp_path, POSTGRES_URL="postgresql://postgres:x@db:5432/postgres")
    evidence = service("evidence")
    assert services.fingerprint(evidence, around) == services.fingerprint(evidence, around)
    assert services.fingerprint(evidence, around) != services.fingerprint(evidence, elsewhere)
    assert services.fingerprint(evidence, around) != services.fingerprint(service("feedback"), around)


def test_business_time_of_the_caller_reaches_the_demonstration(tmp_path: Path) -> None:
    told = services.demonstration(surroundings(tmp_path), {"KAOHE_CLOCK_START": "2026-03-02", "KAOHE_CLOCK_RATE": ""}).environment
    assert told["DEMO_FIRST_DAY"] == "2026-03-02"
    assert "DEMO_RATE" not in told
