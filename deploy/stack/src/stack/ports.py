"""Which port each part listens on: a fixed block for people, free ones for tests."""

import json
import random
import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from stack.problems import PortTaken

LOOPBACK: Final = "127.0.0.1"

# One block of a hundred, so that what belongs to the platform is seen at a glance.
USUAL: Final[Mapping[str, int]] = MappingProxyType(
    {
        "issuer": 8100,
        "scoring": 8101,
        "evidence": 8102,
        "feedback": 8103,
        "notification": 8104,
        "collection": 8105,
        "worker": 8111,
        "mail_page": 8125,
        "smtp": 8126,
        "s3": 8133,
        "s3_grpc": 8134,
        "s3_master": 8140,
        "s3_master_grpc": 8141,
        "s3_volume": 8142,
        "s3_volume_grpc": 8143,
        "s3_filer": 8144,
        "s3_filer_grpc": 8145,
        "postgres": 8154,
        "kafka": 8192,
        "kafka_controller": 8193,
    }
)

# Below the range from which Linux and macOS take ports for outgoing connections (32768 and 49152).
FREE_RANGE: Final = range(20_000, 32_000)


def usual(file: Path) -> dict[str, int]:
    """The usual ports with the changes that somebody made in `file` (written once as an example to edit)."""
    if not file.exists():
        file.write_text(json.dumps(dict(USUAL), indent=1))
    changed: dict[str, int] = json.loads(file.read_text())
    return {name: int(changed.get(name, port)) for name, port in USUAL.items()}


def free() -> dict[str, int]:
    """Ports that nobody listens on at this moment, another one for each part."""
    found: dict[str, int] = {}
    with ExitStack() as held:
        # System dice: with a seed two test processes would ask for the same ports at the same moment.
        candidates = iter(random.SystemRandom().sample(FREE_RANGE, len(FREE_RANGE)))
        for name in USUAL:
            found[name] = next(port for port in candidates if _take(port, held))
    return found


def _take(port: int, held: ExitStack) -> bool:
    with suppress(OSError):
        held.enter_context(socket.create_server((LOOPBACK, port)))
        return True
    return False


def must_be_free(ports: Mapping[str, int], names: Iterable[str], ports_file: Path | None) -> None:
    """Raise `PortTaken` for the first of `names` whose port somebody listens on."""
    for name in names:
        try:
            socket.create_server((LOOPBACK, ports[name])).close()
        except OSError as error:
            raise PortTaken(name, ports[name], ports_file) from error
