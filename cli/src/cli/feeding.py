"""Files into facts, and what could not be used."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from cli.client import Client, client, complaints, stop
from cli.tables import show, tell

PIECE = 1 << 18  # bytes read at a time: memory stays the same whatever the file's size

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table")]
quarantine = typer.Typer(help="隔离消息 messages that could not be used: why, what to do, once more or never", no_args_is_help=True)


def collect(
    mapping: Annotated[str, typer.Argument(help="a mapping's name, or a TOML file")],
    files: list[Path],
    day: Annotated[str | None, typer.Option(help="the day of a snapshot whose name does not say it")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show the first facts and rejects, and send nothing")] = False,
    allow_withdrawals: Annotated[bool, typer.Option(help="take a register that lost many rows at once")] = False,
    first: Annotated[int, typer.Option(help="how many facts a dry run shows")] = 10,
) -> None:
    """Turn files (CSV, JSON lines, XES; plain, .gz, .xz) into facts by a mapping. A second run changes nothing."""
    collection = client("collection", "office")
    name = known_mapping(collection, mapping)
    missing = [file for file in files if not file.is_file()]
    if missing:
        stop(f"没有文件 {missing[0]} / there is no file {missing[0]}")
    for file in files:
        query: dict[str, Any] = {"mapping": name, "file": file.name, "day": day}
        query |= {"first": first} if dry_run else {"allow_withdrawals": allow_withdrawals}
        told(upload(collection, "/collections/dry-run" if dry_run else "/collections", file, query), collection)


def known_mapping(collection: Client, mapping: str) -> str:
    """The name; a file is kept as a mapping first, under its own name."""
    if not mapping.endswith(".toml"):
        return mapping
    path = Path(mapping)
    if not path.is_file():
        stop(f"没有映射文件 {path} / there is no mapping {path}")
    collection.ask("PUT", f"/mappings/{path.stem}", content=path.read_bytes(), headers={"content-type": "application/toml"})
    return path.stem


def upload(collection: Client, path: str, file: Path, query: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON the service answers
    columns = (file.name, BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=complaints, transient=True) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)

        def pieces() -> Iterator[bytes]:
            with file.open("rb") as opened:
                while piece := opened.read(PIECE):
                    progress.update(task, advance=len(piece))
                    yield piece

        params = {name: value for name, value in query.items() if value is not None}
        return collection.ask("POST", path, params=params, content=pieces(), headers={"content-type": "application/octet-stream"})


def told(answer: dict[str, Any], collection: Client) -> None:
    rejects = answer.pop("first_rejects", None)
    facts = answer.pop("first_facts", [])
    tell(answer)
    for fact in facts:
        tell(fact)
    if rejects is None and answer.get("rejected"):
        rejects = collection.get(f"/collections/{answer['id']}/rejects", most=20)
    if rejects:
        show(rejects, ("line", "case", "key", "reason"), as_json=False)


@quarantine.command("list")
def list_quarantine(source: Annotated[str | None, typer.Option()] = None, as_json: Json = False) -> None:
    """What waits in quarantine."""
    found = client("scoring", "office").get("/feed/quarantine", source=source)["messages"]
    show(found, ("id", "source", "reason", "detail", "zh", "partition", "offset"), as_json=as_json)


@quarantine.command("show")
def show_message(message: int) -> None:
    """One message with its key, bytes and headers as they came."""
    tell(client("scoring", "office").get(f"/feed/quarantine/{message}"))


@quarantine.command("replay")
def replay(message: Annotated[int | None, typer.Argument()] = None, source: Annotated[str | None, typer.Option()] = None) -> None:
    """Send a message again as it was, or all of a source, after the cause was mended."""
    scoring = client("scoring", "office")
    if (message is None) == (source is None):
        stop("请给出一条消息的编号，或 --source / give a message's number, or --source")
    tell(scoring.post("/feed/quarantine/replay", {"source": source}) if source else scoring.post(f"/feed/quarantine/{message}/replay"))


@quarantine.command("discard")
def discard(message: int) -> None:
    """Close a message that will never be used; it is kept all the same."""
    tell(client("scoring", "office").post(f"/feed/quarantine/{message}/discard"))
