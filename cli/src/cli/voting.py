"""Democratic assessment (民主测评): open a vote, hand out codes, close, read the result."""

from typing import Annotated

import typer

from cli.client import client, console
from cli.registering import pair
from cli.tables import show, tell

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]

vote = typer.Typer(help="民主测评 votes: open, hand out one-time codes, close, result", no_args_is_help=True)


@vote.command("open")
def open_vote(
    key: str,
    cycle: str,
    title: str,
    closes_at: Annotated[str, typer.Argument(help="2026-12-05T18:00:00+08:00")],
    candidates: Annotated[list[str], typer.Argument(help="key=name: a unit's code, or a member's id")],
    indicators: Annotated[list[str], typer.Option("--indicator", help="what it counts for; may be given again")],
    least: Annotated[int, typer.Option(help="valid ballots that make a class count; 3 or more")] = 5,
) -> None:
    """Open a vote (开启测评); prints the key of the urn (票箱钥匙) once: without it nobody can count."""
    named = [{"key": code, "name": name} for code, name in map(pair, candidates)]
    body = {
        "key": key,
        "cycle": cycle,
        "title": title,
        "indicators": indicators,
        "candidates": named,
        "least": least,
        "closes_at": closes_at,
    }
    found = client("scoring", "office").post("/votes", body)
    console.print(f"票箱钥匙 urn key: {found['urn_key']}", markup=False, highlight=False)
    console.print("只显示一次，请交监票人保管；遗失则无法计票 / shown once: give it to the tellers; if it is lost, nobody can count")


@vote.command("codes")
def hand_out(key: str, voter_class: str, count: int) -> None:
    """One-time codes of a class (发放测评码), one a line to print and cut; shown once."""
    for code in client("scoring", "office").post(f"/votes/{key}/codes", {"class": voter_class, "count": count})["codes"]:
        print(code)


@vote.command("close")
def close(key: str, urn_key: Annotated[str, typer.Option(prompt="票箱钥匙 urn key", hide_input=True)]) -> None:
    """Count the ballots (计票), from the closing time on or when all codes were used."""
    tell(client("scoring", "office").post(f"/votes/{key}/close", {"urn_key": urn_key}))


@vote.command("cancel")
def cancel(key: str, reason: str) -> None:
    """End a vote uncounted (作废); its ballots are destroyed unread."""
    tell(client("scoring", "office").post(f"/votes/{key}/cancel", {"reason": reason}))


@vote.command("list")
def list_votes(cycle: str, as_json: Json = False) -> None:
    """The votes of a cycle, with codes handed out and ballots cast by class."""
    found = client("scoring", "office").get("/votes", cycle=cycle)
    show(found, ("key", "title", "state", "closes_at", "turnout"), as_json=as_json)


@vote.command("result")
def result(key: str, as_json: Json = False) -> None:
    """What a closed vote came to, by candidate and class."""
    found = client("scoring", "office").get(f"/votes/{key}/result")
    console.print(f"{found['title']}  invalid: {found['invalid']}  not counted: {found['not_counted']}", markup=False, highlight=False)
    rows = [
        {"candidate": one["name"], "class": name, **of_class} for one in found["candidates"] for name, of_class in one["classes"].items()
    ]
    show(rows, ("candidate", "class", "mean", "counts"), as_json=as_json)
