"""The one screen that says how the platform is and what has happened so far; it reads only the services' HTTP APIs."""

import json

import httpx
from rich.console import Console
from rich.table import Table

from stack.folder import Folder


async def show(folder: Folder) -> None:
    """Print it: with colours on a terminal, plain elsewhere."""
    known: dict[str, str] = json.loads((folder.root / "addresses.json").read_text())
    console = Console()
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        console.print(await _services(http, known))
    console.print(f"邮件 mail catcher: {known['mail_url']}    Kafka: {known['kafka_bootstrap']}")


async def _services(http: httpx.AsyncClient, known: dict[str, str]) -> Table:
    table = Table("服务 service", "地址 address", "状态 health", title="考核 Kaohe", title_justify="left")
    for name in ("scoring", "worker", "evidence", "feedback", "notification", "collection"):
        table.add_row(name, known[f"{name}_url"], await _health(http, known[f"{name}_url"]))
    return table


async def _health(http: httpx.AsyncClient, url: str) -> str:
    try:
        answer = await http.get(f"{url}/readyz")
        checks = {name: said for name, said in answer.json()["checks"].items() if said != "ok"}
    except (httpx.HTTPError, ValueError, KeyError):
        return "没有应答 no answer"
    return "；".join(f"{name}: {said}" for name, said in checks.items()) or "就绪 ready"
