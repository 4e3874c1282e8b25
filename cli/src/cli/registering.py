"""Sources, kinds and aliases: what a case system has to be told about before its first event."""

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from cli.client import client, stop
from cli.tables import show, tell

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]

YAML = {"content-type": "application/yaml"}

source = typer.Typer(help="数据来源 sources: a feed and its topic", no_args_is_help=True)
kind = typer.Typer(help="业务类别 kinds: what a record is and which attributes it has", no_args_is_help=True)
scheme = typer.Typer(help="考核方案 schemes: check, keep, activate", no_args_is_help=True)
app = typer.Typer()
alias = typer.Typer(help="单位对照 aliases: a source's own codes and the units behind them", no_args_is_help=True)


@source.command("put")
def put_source(slug: str, uri: str, name: str, zone: str = "Asia/Shanghai") -> None:
    """Register a source; its events go to the topic feed.SLUG and carry URI as their source."""
    tell(client("scoring", "office").put(f"/sources/{slug}", {"uri": uri, "name": name, "zone": zone}))


@source.command("list")
def list_sources(as_json: Json = False) -> None:
    """All sources, with what came from each."""
    found = client("scoring", "office").get("/feed/summary")["sources"]
    columns = (
        "source",
        "name",
        "received",
        "duplicates",
        "late",
        "corrected",
        "withdrawn",
        "unassigned",
        "quarantined",
        "behind",
        "paused",
    )
    show(found, columns, as_json=as_json)


@source.command("resume")
def resume_source(slug: str) -> None:
    """Go on with a source that was paused because too much of it was unusable."""
    tell(client("scoring", "office").post(f"/sources/{slug}/resume"))


@source.command("adopt")
def adopt_source(slug: str) -> None:
    """Take the source's log that is there now for the known one, after the topic was made anew on purpose."""
    client("scoring", "office").post(f"/sources/{slug}/adopt")


@kind.command("put")
def put_kind(
    key: str,
    name: str,
    attributes: Annotated[list[str], typer.Argument(help="attribute=type: text number boolean date instant; date+history: all values")],
) -> None:
    """Declare a kind of record: kaohe kind put case 案件 status=text closed_on=date due_on=date+history."""
    declared = {attribute: _declared(of) for attribute, of in map(pair, attributes)}
    tell(client("scoring", "office").put(f"/kinds/{key}", {"name": name, "attributes": declared}))


@kind.command("list")
def list_kinds(as_json: Json = False) -> None:
    """All kinds."""
    show(client("scoring", "office").get("/kinds")["kinds"], ("key", "name", "attributes"), as_json=as_json)


def _declared(of: str) -> str | dict[str, object]:
    plain, plus, history = of.partition("+")
    return {"type": plain, "history": True} if plus and history == "history" else of


@alias.command("put")
def put_aliases(
    slug: str, codes: Annotated[list[str], typer.Argument(help="code=unit, or code= to take it away; or one TOML file")]
) -> None:
    """Say which unit a source's code stands for; its records are counted anew."""
    tell(client("scoring", "office").patch(f"/sources/{slug}/aliases", {"aliases": read_aliases(codes)}))


@alias.command("list")
def list_aliases(slug: str, as_json: Json = False) -> None:
    """The aliases of a source."""
    found = client("scoring", "office").get(f"/sources/{slug}/aliases")["aliases"]
    show(({"code": code, "unit": unit} for code, unit in sorted(found.items())), ("code", "unit"), as_json=as_json)


@alias.command("missing")
def list_unassigned(source: Annotated[str | None, typer.Option()] = None, as_json: Json = False) -> None:
    """Codes that stand for no unit, so that their records count for nobody."""
    found = client("scoring", "office").get("/feed/unassigned", source=source)["codes"]
    show(found, ("source", "code", "records", "example"), as_json=as_json)


@scheme.command("check")
def check_scheme(file: Path) -> None:
    """Check a scheme (YAML) without keeping it; every fault is told with its place."""
    tell(client("scoring", "office").ask("POST", "/schemes/validate", content=file.read_bytes(), headers=YAML))


@scheme.command("add")
def add_scheme(file: Path) -> None:
    """Keep a scheme as the next draft of its cycle."""
    tell(client("scoring", "office").ask("POST", "/schemes", content=file.read_bytes(), headers=YAML))


@scheme.command("trial")
def try_scheme(cycle: str, version: int, as_json: Json = False) -> None:
    """Try a draft out (试算): each unit's total and rank now and under it; nothing is touched. A revision needs it before activation."""
    found = client("scoring", "office").post(f"/schemes/{cycle}/{version}/trial")
    nothing = {"total": "-", "rank": "-"}
    rows = [(group["name"], unit, unit["now"] or nothing, unit["then"] or nothing) for group in found["groups"] for unit in group["units"]]
    shown = [
        {
            "group": group,
            "unit": unit["name"],
            **{f"{name}_now": now[name] for name in nothing},
            **{f"{name}_then": then[name] for name in nothing},
            "changes": " ".join(f"{one['indicator']}:{one['now']}->{one['then']}" for one in unit["scores"] if one["changes"]),
        }
        for group, unit, now, then in rows
    ]
    show(shown, ("group", "unit", "total_now", "total_then", "rank_now", "rank_then", "changes"), as_json=as_json)


@scheme.command("activate")
def activate_scheme(cycle: str, version: int) -> None:
    """Put a draft to work; its measures are counted while the feed goes on."""
    tell(client("scoring", "office").post(f"/schemes/{cycle}/{version}/activate"))


@app.command("group")
def put_group(key: str, name: str) -> None:
    """Register a peer group (分组)."""
    tell(client("scoring", "office").put(f"/groups/{key}", {"name": name}))


@app.command("unit")
def put_unit(code: str, name: str, group: str) -> None:
    """Register an appraised unit (单位)."""
    tell(client("scoring", "office").put(f"/units/{code}", {"name": name, "group": group}))


@app.command("cycle")
def put_cycle(key: str, name: str, start: str, end: str) -> None:
    """Register a cycle (考核周期); first and last month as 2026-01."""
    tell(client("scoring", "office").put(f"/cycles/{key}", {"name": name, "start": start, "end": end}))


def read_aliases(codes: list[str]) -> dict[str, str | None]:
    if len(codes) == 1 and codes[0].endswith(".toml"):
        return dict(tomllib.loads(Path(codes[0]).read_text(encoding="utf-8")))
    return {code: unit or None for code, unit in map(pair, codes)}


def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        stop(f"应为 名=值：{text} / write name=value: {text}")
    return name, value
