"""Problems and their rectification: the moves of the story, one command each."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Annotated

import httpx
import typer

from cli.client import PATIENCE, Client, client, stop
from cli.tables import show, tell
from kit.clock import SystemClock

Unit = Annotated[str, typer.Option("--unit", help="on a local stack: the unit that acts")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]

COLUMNS = ("id", "label", "unit", "indicator_name", "severity", "state", "light", "due_on")


def as_unit(unit: str) -> Client:
    return client("feedback", "unit", unit)


def problem(
    cycle: str,
    unit: str,
    indicator: str,
    finding: str,
    name: Annotated[str, typer.Option(help="the indicator's name, as the notice says it")] = "",
    cause: Annotated[str, typer.Option(help="findings with one cause are one matter")] = "",
    severity: Annotated[str, typer.Option(help="minor, major or severe: 30, 15 or 5 working days")] = "minor",
    requirement: Annotated[str, typer.Option(help="what has to be done")] = "",
    due_on: Annotated[str | None, typer.Option(help="an exact date instead of working days")] = None,
    hold: Annotated[bool, typer.Option(help="do not issue the notice yet")] = False,
) -> None:
    """Raise a problem (提出问题); its notice is issued at once unless held."""
    body = {"cycle": cycle, "unit": unit, "indicator": indicator, "indicator_name": name or indicator, "cause": cause or finding}
    body |= {"finding": finding, "severity": severity, "requirement": requirement}
    tell(client("feedback", "assessor").post("/problems", {**body, "due_on": due_on, "held": hold}))


def items(unit: str | None = None, cycle: str | None = None, everything: bool = False, as_json: Json = False) -> None:
    """Rectifications that are open (整改清单), with their lights and due dates; closed ones too with --everything."""
    found = client("feedback", "office").get("/items", unit=unit, cycle=cycle, open=None if everything else True, limit=500)["items"]
    show(found, COLUMNS, as_json=as_json)


def notice(item: str) -> None:
    """Issue the notice of a held problem (下达通知书)."""
    tell(client("feedback", "assessor").post(f"/items/{item}/notice"))


def sign(item: str, unit: Unit = "") -> None:
    """Sign a notice (签收); the deadline counts from the next day."""
    tell(as_unit(unit).post(f"/items/{item}/sign"))


def start(item: str, unit: Unit = "") -> None:
    """Begin, or begin again after a return (开始整改)."""
    tell(as_unit(unit).post(f"/items/{item}/start"))


def submit(item: str, report: str, unit: Unit = "") -> None:
    """Report that it is repaired (提交整改); upload the proof first."""
    tell(as_unit(unit).post(f"/items/{item}/submit", {"report": report}))


def prove(
    item: str,
    file: Path,
    unit: Unit = "",
    confidentiality: Annotated[str, typer.Option(help="public 公开, internal 内部 or work_secret 工作秘密")] = "internal",
    effective_on: Annotated[str | None, typer.Option(help="the day that the file speaks of; today unless given")] = None,
) -> None:
    """Upload a file that proves a rectification (上传佐证): declared, sent, re-hashed and locked."""
    if not file.is_file():
        stop(f"没有文件 {file} / there is no file {file}")
    evidence, content = client("evidence", "unit", unit), file.read_bytes()
    body = {
        "name": file.name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "media_type": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "effective_on": effective_on or SystemClock().now().astimezone().date().isoformat(),
        "confidentiality": confidentiality,
        "unit": unit or None,
        "subjects": [{"kind": "item", "id": item}],
    }
    ticket = evidence.post("/evidence", body)
    httpx.put(ticket["url"], content=content, timeout=PATIENCE, trust_env=False).raise_for_status()
    tell(evidence.post(f"/evidence/{ticket['evidence']}/revisions/{ticket['revision']}/finalize"))


def send_back(item: str, missing: str) -> None:
    """Send a submission back and say what is missing (退回)."""
    tell(client("feedback", "assessor").post(f"/items/{item}/return", {"missing": missing}))


def verify(item: str) -> None:
    """Verify a submission (核查验收); needs accepted evidence, and another person than who submitted."""
    tell(client("feedback", "assessor").post(f"/items/{item}/verify"))


def close(item: str) -> None:
    """Strike a verified item off (销号)."""
    tell(client("feedback", "office").post(f"/items/{item}/close"))
