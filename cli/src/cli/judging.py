"""Marks, standings, explanations and the proof of the totals."""

from typing import Annotated, Any

import typer

from cli.client import Client, client, console, stop
from cli.tables import show, tell

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]


def standings(cycle: str, as_json: Json = False) -> None:
    """The groups in the order of their totals so far (office and leaders only)."""
    for group in client("scoring", "office").get(f"/standings/{cycle}")["groups"]:
        rows = [{**unit, **{part["name"]: part["score"] for part in unit["parts"]}} for unit in group["units"]]
        names = [part["name"] for part in group["units"][0]["parts"]] if rows else []
        console.print(group["name"], style="bold")
        show(rows, ("rank", "name", "total", *names, "bonus", "deducted"), as_json=as_json)


def explain(
    cycle: str,
    unit: str,
    indicator: str,
    look_into: Annotated[str | None, typer.Option("--input", help="which figure's records to list")] = None,
    month: Annotated[str | None, typer.Option(help="only records of this month")] = None,
    text: Annotated[str | None, typer.Option(help="only records whose subject holds this")] = None,
    after: Annotated[str | None, typer.Option(help="go on after this page")] = None,
    limit: int = 10,
) -> None:
    """One score, followed down: how it came about, the records behind it, and the facts behind each record."""
    service = client("scoring", "office")
    found = service.get(f"/scores/{cycle}/{unit}/{indicator}/trace")
    for language in ("zh", "en"):
        console.print("\n".join(sentence[language] for sentence in found["account"]), markup=False, highlight=False)
    inputs = {one["input"]: one["records"] for one in found["inputs"]}
    console.print(f"inputs: {', '.join(inputs)}", markup=False, highlight=False)
    chosen = look_into or next(iter(inputs), None)
    if chosen is not None:
        if chosen not in inputs:
            stop(f"没有输入项 {chosen}，可用：{', '.join(inputs)} / there is no input {chosen}")
        _page(chosen, service.follow(inputs[chosen], month=month, text=text, after=after, limit=limit), service)


def _page(name: str, page: dict[str, Any], service: Client) -> None:
    for record in page["records"]:
        _record(record, service.follow(record["facts"]))
    if page["after"]:
        console.print(f"--input {name} --after '{page['after']}'", markup=False)


def _record(record: dict[str, Any], behind: dict[str, Any]) -> None:
    console.print(f"  {record['subject']} ({record['source']}) {record['month']} n={record['n']} total={record['total']}", highlight=False)
    for fact in behind["facts"]:
        console.print("    " + " ".join(f"{name}={value}" for name, value in fact.items()), markup=False, highlight=False)


def recount() -> None:
    """Prove that totals are a recount of the records, and records the fold of their facts (复算); ends with 1 when they are not."""
    found = client("scoring", "office").post("/feed/recount")
    tell(found)
    if not found["holds"]:
        stop("复算不一致，请查看 worker 日志 / the totals are not a recount: see the worker's log", 1)
