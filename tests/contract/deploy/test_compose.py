"""The production files against the services: every variable known and given, every image pinned, no password of ours."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if str(one.get("image", "")).startswith("kaohe:")}
MODULES = sorted(path.parent.name for path in ROOT.glob("services/*/src/*/settings.py"))
REFERENCE = re.compile(r"\$\{(?P<name>\w+)(?P<rule>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$")
GIVEN = {"MAIL_FROM": "office@bureau.example", "SMTP_URL": "smtp://mail:25", "AUTH_ISSUER": "https://issuer"}


def module_of(service: dict[str, Any]) -> str:
    """The module that a container of ours runs."""
    return str(service["command"][2])


def variables(service: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in service.get("environment", {}).items()}


def settings_of(module: str, command: str) -> type[BaseSettings]:
    """The class that this command reads."""
    found = [
        one
        for one in vars(importlib.import_module(f"{module}.settings")).values()
        if isinstance(one, type) and issubclass(one, BaseSettings) and one.model_config.get("env_prefix") == f"{module.upper()}_"
    ]
    return next(one for one in found if (command == "buckets") == one.__name__.startswith("Bucket"))


def references() -> dict[str, str]:
    """Every value that the operator gives, with the rule after its name."""
    return {found["name"]: found["rule"] for found in REFERENCE.finditer((ROOT / "docker-compose.yml").read_text())}


@pytest.mark.parametrize("name", [name for name, one in OURS.items() if module_of(one) in MODULES])
def test_the_settings_of_a_service_know_every_variable_and_get_all_they_need(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service = OURS[name]
    module, command = module_of(service), (*service["command"], "serve")[3]
    prefix = f"{module.upper()}_"
    settings = settings_of(module, command)
    for variable, value in variables(service).items():
        assert variable.startswith(prefix)
        assert variable.removeprefix(prefix).lower() in settings.model_fields, f"{variable} is no setting of {module}"
        monkeypatch.setenv(variable, REFERENCE.sub(lambda found: GIVEN.get(found["name"], "given"), value))
    settings()


def test_every_service_runs_and_is_migrated_before() -> None:
    modules = {path.name for path in (ROOT / "services").iterdir() if path.is_dir()}
    assert {module_of(one) for one in OURS.values()} == modules
    for module in modules:
        assert OURS[f"{module}-migrate"]["command"][3] == "migrate"
        assert OURS[module]["depends_on"][f"{module}-migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    tag = SERVICES[name]["image"].rpartition(":")[2]
    assert re.search(r"\d+\.\d+|\d{4}-\d\d-\d\d", tag)


@pytest.mark.parametrize("name", SERVICES)
def test_what_goes_on_running_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert "healthcheck" in service or service["restart"].startswith("on-failure")


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_nothing_that_they_need_not(name: str) -> None:
    service = OURS[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_a_health_check_asks_the_port_that_the_service_listens_on() -> None:
    for name, service in OURS.items():
        if "healthcheck" in service:
            port = variables(service)[f"{module_of(service).upper()}_HTTP_PORT"]
            assert f"127.0.0.1:{port}/readyz" in service["healthcheck"]["test"][3], name


def test_data_lie_in_named_volumes_and_everything_else_is_mounted_read_only() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith("./")}
    assert named == set(COMPOSE["volumes"])
    for mount in mounts:
        if mount.startswith("./"):
            assert mount.endswith(":ro")
            assert (ROOT / mount.split(":")[0]).exists()
    assert "postgres-data:/var/lib/postgresql" in SERVICES["postgres"]["volumes"]


def test_no_value_of_the_operator_has_a_default() -> None:
    assert set(references().values()) == {":?"}


def test_no_password_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in variables(service).items():
            assert not SECRET.search(name) or REFERENCE.fullmatch(value), name


def test_the_example_lists_every_value_and_gives_none() -> None:
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    assert {line for line in lines if not line.endswith("=")} == set()
    assert {line.rstrip("=") for line in lines} == set(references())


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_the_evidence_service_never_gets_the_administrators_key() -> None:
    assert not any("ADMIN" in value for value in variables(OURS["evidence"]).values())


def test_the_image_finds_every_service_and_both_shared_members() -> None:
    text = (ROOT / "deploy/images/Dockerfile").read_text()
    members = sorted(str(path.relative_to(ROOT)) for folder in ("services", "shared") for path in (ROOT / folder).glob("*/src"))
    found = re.search(r"PYTHONPATH=(\S+)", text)
    assert found is not None
    assert sorted(found[1].replace("/app/", "").split(":")) == members


def test_what_the_image_copies_is_there_and_is_let_through() -> None:
    lines = (ROOT / "deploy/images/Dockerfile").read_text().splitlines()
    copied = {source for line in lines if line.startswith("COPY ") and "--from" not in line for source in line.split()[1:-1]}
    through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == through
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_is_of_the_python_and_the_installer_that_the_tests_run_with() -> None:
    text = (ROOT / "deploy/images/Dockerfile").read_text()
    version = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version is not None
    assert f"uv=={version[1]}" in text


def test_the_uploaders_policy_names_the_services_buckets_and_lets_it_delete_in_quarantine_only() -> None:
    policy = yaml.safe_load((ROOT / "deploy/store/uploader.json").read_text())
    settings = settings_of("evidence", "serve").model_fields
    quarantine, locked = settings["quarantine_bucket"].default, settings["locked_bucket"].default
    allowed = {action: statement["Resource"] for statement in policy["Statement"] for action in statement["Action"]}
    assert allowed["s3:DeleteObject"] == [f"arn:aws:s3:::{quarantine}/*"]
    assert allowed["s3:PutObjectRetention"] == [f"arn:aws:s3:::{locked}/*"]
    assert not any("Bypass" in action or "Bucket" in action.replace("ListBucket", "") for action in allowed)
