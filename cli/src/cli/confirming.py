"""Data confirmation: open a period, confirm, dispute, decide; statements; adjustments of closed months; what a few more would give."""

from typing import Annotated

import typer

from cli.client import Client, client, stop
from cli.tables import show, tell

Unit = Annotated[str, typer.Option("--unit", help="on a local stack: the unit that acts")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]

confirmation = typer.Typer(help="Data confirmation (数据核定) by period.", no_args_is_help=True)
adjustment = typer.Typer(help="Corrections of closed months (核定后调整).", no_args_is_help=True)
statement = typer.Typer(help="Statements (情况说明).", no_args_is_help=True)


def as_unit(unit: str) -> Client:
    return client("scoring", "unit", unit)


def as_office() -> Client:
    return client("scoring", "office")


@confirmation.command("open")
def open_period(cycle: str, period: str, by: str) -> None:
    """Open a month (2026-03) or a quarter (2026-Q1) for confirmation until a date."""
    tell(as_office().put(f"/confirmations/{cycle}/{period}", {"by": by}))


@confirmation.command("show")
def show_period(cycle: str, period: str, as_json: Json = False) -> None:
    """Where each unit stands, and every dispute."""
    found = as_office().get(f"/confirmations/{cycle}/{period}")
    show(found["units"], ("unit", "state", "basis", "changed_by", "changed_at"), as_json=as_json)
    show(found["disputes"], ("id", "unit", "source", "subject", "measure", "reason", "outcome"), as_json=as_json)


@confirmation.command("figures")
def figures(cycle: str, period: str, unit: str, as_json: Json = False) -> None:
    """The figures that a unit confirms, as the unit sees them."""
    found = as_unit(unit).get(f"/confirmations/{cycle}/{period}/{unit}")
    show(found["figures"], ("measure", "month", "n", "total"), as_json=as_json)


@confirmation.command("decide")
def decide(dispute: str, outcome: Annotated[str, typer.Argument(help="rejected, correct or exclude")], reason: str) -> None:
    """Decide a dispute with a reason (裁定)."""
    tell(as_office().post(f"/disputes/{dispute}/decide", {"outcome": outcome, "reason": reason}))


def confirm(cycle: str, period: str, unit: Unit = "") -> None:
    """Show a unit's figures and confirm exactly these (确认)."""
    room = as_unit(unit)
    found = room.get(f"/confirmations/{cycle}/{period}/{unit}")
    show(found["figures"], ("measure", "month", "n", "total"), as_json=False)
    tell(room.post(f"/confirmations/{cycle}/{period}/{unit}/confirm", {"seen": found["seal"]}))


def dispute(cycle: str, period: str, source: str, subject: str, measure: str, reason: str, unit: Unit = "") -> None:
    """Dispute one record of the own unit (提出异议)."""
    body = {"source": source, "subject": subject, "measure": measure, "reason": reason}
    tell(as_unit(unit).post(f"/confirmations/{cycle}/{period}/{unit}/disputes", body))


@statement.command("file")
def file_statement(
    cycle: str,
    reason: str,
    records: Annotated[list[str], typer.Option("--record", help="SOURCE/SUBJECT, as often as needed")],
    unit: Unit = "",
    indicator: Annotated[str | None, typer.Option(help="leave the records out of this indicator")] = None,
    measures: Annotated[list[str] | None, typer.Option("--measure", help="or out of these measures")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="ids of evidence")] = None,
) -> None:
    """File a statement about records of the own unit."""
    named = [record.partition("/") for record in records]
    if not all(subject for _, _, subject in named):
        stop("记录写作 来源/编号 / a record is written SOURCE/SUBJECT")
    body: dict[str, object] = {"records": [{"source": source, "subject": subject} for source, _, subject in named]}
    body |= {"indicator": indicator, "measures": measures or [], "reason": reason, "evidence": evidence or []}
    tell(as_unit(unit).post(f"/statements/{cycle}/{unit}", body))


@statement.command("list")
def list_statements(cycle: str, unit: str | None = None, as_json: Json = False) -> None:
    """All statements of a cycle, or one unit's."""
    found = as_office().get(f"/statements/{cycle}", unit=unit)
    show(found, ("id", "unit", "indicator", "measures", "reason", "state"), as_json=as_json)


@statement.command("accept")
def accept(statement: str, reason: str) -> None:
    """The office accepts."""
    _step("office", statement, "accept", reason)


@statement.command("approve")
def approve(statement: str, reason: str) -> None:
    """A leader approves: the records are left out."""
    _step("leader", statement, "approve", reason)


@statement.command("refuse")
def refuse(
    statement: str, reason: str, role: Annotated[str, typer.Option("--as", help="office, or leader once accepted")] = "office"
) -> None:
    """Refuse, with a reason."""
    _step(role, statement, "refuse", reason)


@adjustment.command("list")
def list_adjustments(cycle: str, unit: str | None = None, as_json: Json = False) -> None:
    """Where totals have left the locked figures, and what was adjusted so far."""
    found = as_office().get(f"/adjustments/{cycle}", unit=unit)
    show(found["differences"], ("version", "unit", "measure", "month", "counts_total", "live_total", "n", "total"), as_json=as_json)
    show(found["adjustments"], ("unit", "measure", "month", "n", "total", "reason", "recorded_by", "recorded_at"), as_json=as_json)


@adjustment.command("record")
def record_adjustment(cycle: str, version: int, unit: str, measure: str, month: str, reason: str) -> None:
    """Show the records behind a difference and take it over with a reason."""
    room, path = as_office(), f"/adjustments/{cycle}/{version}/{unit}/{measure}/{month}"
    found = room.get(path)
    if found["difference"] is None:
        stop("没有差异 / nothing differs", 1)
    show(found["records"], ("source", "subject", "n", "total"), as_json=False)
    seen = found["difference"]
    tell(room.post(path, {"n": seen["n"], "total": seen["total"], "reason": reason}))


def what_if(
    cycle: str,
    unit: str,
    changes: Annotated[list[str] | None, typer.Argument(help="MEASURE=+2, as often as needed; without: what one more would give")] = None,
    as_json: Json = False,
) -> None:
    """What a few more or fewer would change for a unit (试算), told to the unit itself."""
    room = as_unit(unit)
    asked = [change.partition("=") for change in changes or ()]
    if not all(n.lstrip("+-").isdigit() for _, _, n in asked):
        stop("写作 度量=+2 / written MEASURE=+2")
    body = {"changes": {measure: {"n": int(n)} for measure, _, n in asked}}
    found = room.post(f"/what-if/{cycle}/{unit}", body) if asked else room.get(f"/what-if/{cycle}/{unit}")
    show([{**one, "words": one["words"]["zh"]} for one in found], ("indicator", "difference", "words"), as_json=as_json)


def period_scores(cycle: str, unit: str, period: str, as_json: Json = False) -> None:
    """A unit's points of a month, a quarter or the year (office and leaders)."""
    found = as_office().get(f"/scores/{cycle}/{unit}", period=period)
    rows = [{**one, "words": one["words"]["zh"]} for one in found["scores"]]
    show(rows, ("indicator", "name", "points", "of", "words"), as_json=as_json)


def _step(role: str, statement: str, move: str, reason: str) -> None:
    tell(client("scoring", role).post(f"/statements/{statement}/steps/{move}", {"reason": reason}))
