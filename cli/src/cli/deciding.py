"""What two persons decide: overrides of points, second looks at marks; and who belongs to a unit's team."""

from typing import Annotated

import typer

from cli.client import client
from cli.tables import show, tell

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]
Evidence = Annotated[list[str] | None, typer.Option(help="what it rests on; may be repeated")]

override = typer.Typer(no_args_is_help=True, help="得分调整 Points set by hand: asked for by the office, decided by a leader.")
member = typer.Typer(no_args_is_help=True, help="班子成员 Members of leadership teams.")


@override.command("propose")
def propose(cycle: str, unit: str, indicator: str, points: str, reason: str, evidence: Evidence = None) -> None:
    """Ask for other points than the computed ones; they count once a leader approved."""
    body = {"cycle": cycle, "unit": unit, "indicator": indicator, "points": points, "reason": reason, "evidence": evidence or []}
    tell(client("scoring", "office").post("/overrides", body))


@override.command("list")
def overrides(cycle: str, as_json: Json = False) -> None:
    """All of a cycle, the newest first."""
    columns = ("id", "unit", "indicator", "points", "state", "proposed_by", "approved_by", "reason", "lifting")
    show(client("scoring", "office").get(f"/overrides/{cycle}"), columns, as_json=as_json)


@override.command("approve")
def approve(override_id: str) -> None:
    """Approve an override, or its lifting; never the person who asked for it."""
    tell(client("scoring", "leader").post(f"/overrides/{override_id}/approve"))


@override.command("refuse")
def refuse(override_id: str) -> None:
    """Refuse an override, or its lifting."""
    tell(client("scoring", "leader").post(f"/overrides/{override_id}/refuse"))


@override.command("lift")
def lift(override_id: str, reason: str) -> None:
    """Ask for the computed score again; until a leader approves, the override holds."""
    tell(client("scoring", "office").post(f"/overrides/{override_id}/lift", {"reason": reason}))


@member.command("put")
def put_member(
    unit: str,
    key: str,
    name: Annotated[str, typer.Option()],
    since: Annotated[str, typer.Option("--from", help="the first day of service")],
    until: Annotated[str | None, typer.Option(help="the last day of service")] = None,
) -> None:
    """Register or change a member of a unit's team."""
    tell(client("scoring", "office").put(f"/units/{unit}/members/{key}", {"name": name, "from": since, "until": until}))


@member.command("points")
def member_points(cycle: str, unit: str, as_json: Json = False) -> None:
    """Each member's own points (office and leaders only)."""
    show(client("scoring", "office").get(f"/members/{cycle}/{unit}"), ("member", "name", "points"), as_json=as_json)


def confirm_mark(mark_id: str) -> None:
    """Confirm somebody else's mark, where the scheme says `confirm: true` (复核确认)."""
    tell(client("scoring", "office").post(f"/marks/{mark_id}/confirm"))


def return_mark(mark_id: str, reason: str) -> None:
    """Return somebody else's mark with what has to be mended (退回评分)."""
    tell(client("scoring", "office").post(f"/marks/{mark_id}/return", {"reason": reason}))
