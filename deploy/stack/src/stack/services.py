"""The services as data: how each is started, what it is told, where it answers."""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from stack.folder import Folder
from stack.ports import LOOPBACK
from stack.processes import Program
from stack.servers import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """`told` maps a variable of its own to an address of the servers; `prepares` are its commands before it serves,

    which alone are told `told_to_prepare`.
    """

    name: str
    module: str
    command: str = "serve"
    prepares: tuple[str, ...] = ("migrate",)
    told: Mapping[str, str] = field(default_factory=dict)
    told_to_prepare: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


STORE: Final = {name: name.lower() for name in ("S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY")}
STORE_ADMINISTRATOR: Final = {name: name.lower() for name in ("S3_ADMIN_ACCESS_KEY", "S3_ADMIN_SECRET_KEY")}

SERVICES: Final = (
    Service(name="scoring", module="scoring"),
    Service(name="evidence", module="evidence", prepares=("migrate", "buckets"), told=STORE, told_to_prepare=STORE_ADMINISTRATOR),
    Service(name="feedback", module="feedback"),
    Service(
        name="notification",
        module="notification",
        told={"SMTP_URL": "smtp_url"},
        fixed={"MAIL_FROM": "kaohe@example.org", "BUREAU_NAME": "清砚市城市管理行政执法局"},
    ),
    Service(name="collection", module="collection"),
    Service(name="worker", module="scoring", command="worker", prepares=()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the programs of one stack share."""

    folder: Folder
    ports: Mapping[str, int]
    servers: Addresses

    @property
    def clock_file(self) -> Path:
        return self.folder.root / "clock.json"

    @property
    def progress_file(self) -> Path:
        return self.folder.root / "demo.json"

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def database_url(self, name: str) -> str:
        """The database of a service, entered with its own role."""
        where = self.servers.postgres_url.rsplit("@", 1)[1].split("/", 1)[0]
        return f"postgresql://{name}:{self.password(name)}@{where}/{name}"

    def password(self, name: str) -> str:
        return self.folder.secret(f"role {name}")


def environment(service: Service, around: Surroundings, *, preparing: bool = False) -> dict[str, str]:
    """The settings of a service, by their names with its prefix."""
    servers = around.servers
    shared = {
        "ENVIRONMENT": "local",
        "DATABASE_URL": around.database_url(service.module),
        "KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "INSTANCE": f"{service.name}-1",
        "HTTP_PORT": str(around.ports[service.name]),
        "AUTH_ISSUER": servers.oidc_issuer,
        "AUTH_AUDIENCE": servers.oidc_audience,
        "AUTH_JWKS_URL": servers.oidc_jwks_url,
        "CLOCK_FILE": str(around.clock_file),
    }
    told = {**service.told, **(service.told_to_prepare if preparing else {})}
    own = {name: str(getattr(servers, attribute)) for name, attribute in told.items()}
    prefix = service.module.upper()
    return {f"{prefix}_{name}": value for name, value in {**shared, **own, **service.fixed}.items()}


def preparations(service: Service, around: Surroundings) -> list[Program]:
    told = environment(service, around, preparing=True)
    return [
        Program(name=f"{service.name}-{command}", command=_python(service.module, command), environment=told)
        for command in service.prepares
    ]


def fingerprint(service: Service, around: Surroundings) -> str:
    """What a service's preparations depend on: its files, with its migrations, and what it is told."""
    found = find_spec(service.module)
    sources = [Path(folder) for folder in (found.submodule_search_locations if found else None) or ()]
    member = [folder.parent.parent for folder in sources]  # services/<module>, above src/<module>
    files = sorted(path for folder in member for path in folder.rglob("*.py"))
    told = json.dumps(environment(service, around, preparing=True), sort_keys=True)
    return hashlib.sha256(b"".join([told.encode(), *(path.read_bytes() for path in files)])).hexdigest()


def program(service: Service, around: Surroundings) -> Program:
    return Program(name=service.name, command=_python(service.module, service.command), environment=environment(service, around))


def demonstration(around: Surroundings, given: Mapping[str, str]) -> Program:
    """The demonstration bureau; business time begins and passes as `KAOHE_CLOCK_START` and `KAOHE_CLOCK_RATE` say."""
    told = {
        "DEMO_KAFKA_BOOTSTRAP": around.servers.kafka_bootstrap,
        "DEMO_ISSUER_URL": around.servers.issuer_url,
        "DEMO_ISSUER_SECRET": around.servers.issuer_secret,
        **{f"DEMO_{service.upper()}_URL": around.url(service) for service in ("scoring", "evidence", "feedback", "notification")},
        "DEMO_CLOCK_FILE": str(around.clock_file),
        "DEMO_PROGRESS_FILE": str(around.progress_file),
    }
    asked = {"DEMO_FIRST_DAY": given.get("KAOHE_CLOCK_START"), "DEMO_RATE": given.get("KAOHE_CLOCK_RATE")}
    return Program(name="demo", command=_python("demo"), environment=told | {name: value for name, value in asked.items() if value})


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
