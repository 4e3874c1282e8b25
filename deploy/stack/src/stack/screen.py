"""The one screen that says how the platform is and what has happened so far."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kit.clock import FileClock, SystemClock
from stack.business_time import ZONE
from stack.folder import Folder
from stack.looking import PATIENCE, Json, Seen, look
from stack.services import SERVICES

PLAIN_WIDTH: Final = 150
MOST_UNITS: Final = 20
MOST_ITEMS: Final = 25
LIGHTS: Final = {"green": Text("● 绿", "green"), "yellow": Text("● 黄", "yellow"), "red": Text("● 红", "red")}
COUNTS: Final = {
    "received": "收到 received",
    "duplicates": "重复 duplicate",
    "late": "迟到 late",
    "corrected": "更正 corrected",
    "withdrawn": "撤回 withdrawn",
    "unassigned": "未对照 unassigned",
    "quarantined": "隔离 quarantined",
}


async def show(folder: Folder) -> None:
    """Look, and print: with colours on a terminal, plain elsewhere."""
    known: dict[str, str] = json.loads((folder.root / "addresses.json").read_text())
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http:
        seen = await look(http, known, [service.name for service in SERVICES])
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    clock = FileClock(folder.root / "clock.json", SystemClock())
    console.print(Text(f"考核 Kaohe · 业务时间 business time {clock.now().astimezone(ZONE):%Y-%m-%d %H:%M}", "bold"))
    for shown in tables(seen, known):
        console.print(shown)


def tables(seen: Seen, known: Mapping[str, str]) -> Iterable[Table | Text]:
    """The parts of the screen from top to bottom; an empty one is left out."""
    yield services_table(seen, known)
    if seen.facts is not None:
        yield facts_table(seen.facts)
    for standings in seen.standings:
        yield from (group_table(group) for group in standings["groups"])
    if seen.items:
        yield items_table(seen)
    if seen.messages:
        yield messages_table(seen.messages)
    yield Text(f"邮件 e-mails: {known['mail_url']}    Kafka: {known['kafka_bootstrap']}")
    for question, why in seen.silent.items():
        yield Text(f"没有应答 no answer: {question} ({why})", "red")


def services_table(seen: Seen, known: Mapping[str, str]) -> Table:
    table = _table("服务 services", "服务 service", "地址 address", "状态 health")
    for name, troubles in seen.health.items():
        table.add_row(name, known[f"{name}_url"], Text(troubles, "red") if troubles else Text("就绪 ready", "green"))
    return table


def facts_table(facts: Json) -> Table:
    table = _table("事实 facts", "数据来源 source", *COUNTS.values(), right=range(1, len(COUNTS) + 1))
    for source in facts["sources"]:
        name = f"{source['name']} {source['source']}" + (f"（已暂停 paused: {source['paused']}）" if source["paused"] else "")
        table.add_row(name, *(str(source[count]) for count in COUNTS))
    table.add_section()
    table.add_row("合计 all", *(str(facts["totals"].get(count, 0)) for count in COUNTS), style="bold")
    return table


def group_table(group: Json) -> Table:
    """A group in the order of totals; the parts are the scheme's, in its order, those without own points left to the last columns."""
    units = group["units"]
    parts = [part for part in (units[0]["parts"] if units else ()) if float(part["points"]) > 0]
    columns = [f"{part['name']} {part['points']}" for part in parts]
    table = _table(f"得分 standings · {group['name']}", "名次 rank", "单位 unit", *columns, "加 bonus", "扣 deducted", "合计 total")
    for unit in units[:MOST_UNITS]:
        scores = {part["key"]: part["score"] for part in unit["parts"]}
        own = [scores[part["key"]] or "不适用 n/a" for part in parts]
        table.add_row(str(unit["rank"]), unit["name"], *own, unit["bonus"], unit["deducted"], Text(unit["total"], "bold"))
    if len(units) > MOST_UNITS:
        table.caption = f"另有 {len(units) - MOST_UNITS} 个单位 and {len(units) - MOST_UNITS} more"
    return table


def items_table(seen: Seen) -> Table:
    headings = ("编号 no.", "单位 unit", "指标 indicator", "严重程度 severity", "状态 state", "期限 due", "灯 light")
    table = _table("未销号整改 open rectifications", *headings)
    urgent_first = sorted(seen.items, key=lambda item: (item.get("due_on") is None, item.get("due_on") or ""))
    for item in urgent_first[:MOST_ITEMS]:
        table.add_row(
            str(item.get("number") or "-"),
            seen.units.get(item["unit"], item["unit"]),
            seen.indicators.get(item["indicator"], item["indicator"]),
            str(item.get("severity") or "-"),
            str(item["state"]),
            str(item.get("due_on") or "-"),
            LIGHTS.get(str(item.get("light")), Text("-")),
        )
    if len(seen.items) > MOST_ITEMS:
        table.caption = f"另有 {len(seen.items) - MOST_ITEMS} 项 and {len(seen.items) - MOST_ITEMS} more"
    return table


def messages_table(messages: Iterable[Json]) -> Table:
    table = _table("最近通知 last messages", "时间 told at", "收件人 receiver", "主题 subject", "投递 deliveries")
    for message in messages:
        deliveries = ", ".join(f"{told['channel']}: {told['outcome']}" for told in message["deliveries"])
        table.add_row(_local(message["told_at"]), message["receiver_name"], message["subject"], deliveries)
    return table


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(ZONE):%m-%d %H:%M}"


def _table(title: str, *columns: str, right: Iterable[int] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    aligned = set(right)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number in aligned else "left", overflow="fold")
    return table
