"""Bonus and deduction lists (加分扣分清单): apply, check, recognise, and how far each claim is."""

from typing import Annotated

import typer

from cli.client import Client, client
from cli.confirming import Json, Unit, as_unit
from cli.tables import show, tell

claim = typer.Typer(help="Bonus and deduction lists (加分扣分清单).", no_args_is_help=True)

Evidence = Annotated[list[str], typer.Option("--evidence", help="ids of evidence, as often as needed")]
Level = Annotated[str | None, typer.Option(help="one of the rule's levels, where it has any")]
As = Annotated[str, typer.Option("--as", help="the role that acts")]


@claim.command("apply")
def apply_for(
    cycle: str, indicator: str, number: str, organ: str, reason: str, evidence: Evidence, unit: Unit = "", level: Level = None
) -> None:
    """Apply for a bonus of the own unit (加分申报), resting on a document: its number (文号) and organ (发文机关)."""
    document = {"number": number, "organ": organ}
    body = {"indicator": indicator, "document": document, "level": level, "reason": reason, "evidence": evidence}
    tell(as_unit(unit).post(f"/claims/{cycle}/{unit}", body))


@claim.command("deduct")
def deduct(
    cycle: str, unit: str, indicator: str, matter: str, reason: str, evidence: Evidence, level: Level = None, role: As = "office"
) -> None:
    """Propose a deduction (提出扣分) for a matter (事项)."""
    body = {"indicator": indicator, "matter": matter, "level": level, "reason": reason, "evidence": evidence}
    tell(client("scoring", role).post(f"/claims/{cycle}/{unit}", body))


@claim.command("list")
def list_claims(cycle: str, unit: str | None = None, as_json: Json = False) -> None:
    """All claims of a cycle, or one unit's."""
    found = client("scoring", "office").get(f"/claims/{cycle}", unit=unit)
    show(found, ("id", "number", "unit", "indicator", "document", "matter", "level", "state"), as_json=as_json)


@claim.command("check")
def check(claim: str, reason: str, role: As = "assessor") -> None:
    """Check it (初核): an assessor of the indicator, or the office."""
    _step(client("scoring", role), claim, "check", reason)


@claim.command("recognise")
def recognise(claim: str, reason: str, role: As = "leader") -> None:
    """Recognise it (认定): a leader or the office, once a piece of its evidence is accepted."""
    _step(client("scoring", role), claim, "recognise", reason)


@claim.command("return")
def send_back(claim: str, reason: str, role: As = "office") -> None:
    """Return it for completion (退回补正)."""
    _step(client("scoring", role), claim, "return", reason)


@claim.command("refuse")
def refuse(claim: str, reason: str, role: As = "office") -> None:
    """Refuse it, with a reason."""
    _step(client("scoring", role), claim, "refuse", reason)


@claim.command("withdraw")
def withdraw(claim: str, reason: str, unit: Unit = "", role: As = "unit") -> None:
    """Withdraw it (撤回): the unit its bonus, the proposer a deduction."""
    _step(client("scoring", role, unit), claim, "withdraw", reason)


def _step(room: Client, claim: str, move: str, reason: str) -> None:
    tell(room.post(f"/claims/{claim}/steps/{move}", {"reason": reason}))
