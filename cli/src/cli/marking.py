"""Marks: one by one or from a file; who may give them; what nobody marked yet."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Client, client, stop
from cli.tables import show, tell

Names = Annotated[list[str] | None, typer.Option()]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]
COLUMNS = ("unit", "indicator", "mark", "reason", "sample", "member")
PLACE = ("unit", "indicator", "sample", "member")

assessor = typer.Typer(no_args_is_help=True, help="考核人 Who is appointed to judge what.")


@assessor.command("put")
def put_assessor(
    cycle: str,
    subject: str,
    name: Annotated[str, typer.Option()],
    trained_on: Annotated[str | None, typer.Option(help="the day of the training for this cycle")] = None,
    department: Names = None,
    indicator: Names = None,
    own_unit: Annotated[str | None, typer.Option(help="where the person serves, and never marks")] = None,
) -> None:
    """Appoint an assessor for departments or single indicators (指定考核人)."""
    body = {
        "name": name,
        "trained_on": trained_on,
        "departments": department or [],
        "indicators": indicator or [],
        "own_unit": own_unit,
    }
    tell(client("scoring", "office").put(f"/assessors/{cycle}/{subject}", body))


@assessor.command("list")
def list_assessors(cycle: str, as_json: Json = False) -> None:
    """All appointments of a cycle."""
    columns = ("subject", "name", "trained_on", "departments", "indicators", "own_unit")
    show(client("scoring", "office").get(f"/assessors/{cycle}"), columns, as_json=as_json)


def mark(
    cycle: str,
    unit: Annotated[str | None, typer.Argument()] = None,
    indicator: Annotated[str | None, typer.Argument()] = None,
    points: Annotated[str | None, typer.Argument()] = None,
    reason: str = "",
    sample: Annotated[str, typer.Option(help="which sample, where the rule is sampling_mean")] = "",
    member: Annotated[str, typer.Option(help="which member of the team, where members are marked one by one")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="keep it for oneself; it counts for nothing")] = False,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: unit, indicator, mark, reason, sample, member")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check the file, keep nothing")] = False,
) -> None:
    """Mark an indicator of a unit (评分), or all of a file at once; a reason is needed under 60 % and for all points."""
    caller = client("scoring", "assessor")
    if file is not None:
        _mark_all(caller, cycle, _rows(file), dry_run=dry_run)
    elif unit is None or indicator is None or points is None:
        stop("请写明单位、指标和评分，或用 --file / say which unit, indicator and points, or use --file")
    else:
        replaces = _standing(caller, cycle, unit=unit, indicator=indicator).get((unit, indicator, sample, member))
        body = {
            "mark": points,
            "reason": reason,
            "replaces": replaces,
            "state": "draft" if draft else "given",
            "sample": sample,
            "member": member,
        }
        tell(caller.put(f"/marks/{cycle}/{unit}/{indicator}", body))


def missing(cycle: str, as_json: Json = False) -> None:
    """What nobody marked, confirmed or mended yet, by department (待评分)."""
    found = client("scoring", "office").get(f"/marks/{cycle}/missing")
    rows = [{"department": each["department"], **one} for each in found for one in each["missing"]]
    show(rows, ("department", "indicator", "name", "unit", "unit_name", "member_name", "wanted"), as_json=as_json)


def _mark_all(caller: Client, cycle: str, rows: list[dict[str, str]], *, dry_run: bool) -> None:
    standing = _standing(caller, cycle)
    marks = [{**row, "replaces": standing.get((row["unit"], row["indicator"], row["sample"], row["member"]))} for row in rows]
    found = caller.ask("PUT", f"/marks/{cycle}", params={"dry_run": str(dry_run).lower()}, json={"marks": marks})
    show(found["marks"], ("unit", "indicator", "mark", "reason", "state"), as_json=False)
    tell({"kept": found["kept"], "marks": len(found["marks"])})


def _standing(caller: Client, cycle: str, **where: str) -> dict[tuple[str, ...], Any]:
    """What stands now, which the new marks replace: somebody who marks in between is not overwritten unseen."""
    found = caller.get(f"/marks/{cycle}", current="true", **where)
    return {tuple(each[name] for name in PLACE): each["id"] for each in found}


def _rows(file: Path) -> list[dict[str, str]]:
    """Excel writes a mark of the byte order in front of the first name."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = {"unit", "indicator", "mark"} - {*(reader.fieldnames or ())}
        if missing:
            stop(f"缺少列 {', '.join(sorted(missing))} / these columns are missing; needed: {', '.join(COLUMNS)}")
        return [{name: row.get(name) or "" for name in COLUMNS} for row in reader]
