from io import StringIO
from typing import Any

from rich.console import Console

from stack.looking import Seen
from stack.screen import tables

KNOWN = {"scoring_url": "http://127.0.0.1:8101", "mail_url": "http://127.0.0.1:8125", "kafka_bootstrap": "127.0.0.1:8192"}
COUNTS = {"received": 120, "duplicates": 3, "late": 4, "corrected": 2, "withdrawn": 1, "unassigned": 5, "quarantined": 6}
ITEM = {
    "number": 7,
    "unit": "wanglan",
    "indicator": "hotline_in_time",
    "severity": "major",
    "state": "signed",
    "due_on": "2026-09-21",
    "light": "red",
}


def unit(code: str, rank: int, total: str, targets: str | None) -> dict[str, Any]:
    parts = [
        {"key": "targets", "name": "目标责任", "points": "60", "score": targets, "bonus": "0.00", "deducted": "0.00"},
        {"key": "deductions", "name": "扣", "points": "0", "score": "0.00", "bonus": "0.00", "deducted": "0.50"},
    ]
    return {"unit": code, "name": code, "rank": rank, "total": total, "bonus": "0.00", "deducted": "0.50", "parts": parts, "awaiting": []}


def printed(seen: Seen) -> str:
    said = StringIO()
    for shown in tables(seen, KNOWN):
        Console(file=said, width=160).print(shown)
    return said.getvalue()


def test_the_screen_tells_the_whole_story() -> None:
    source = {**COUNTS, "source": "case-system", "name": "执法办案系统", "paused": None}
    group = {"group": "branches", "name": "甲组", "units": [unit("砚东", 1, "58.10", "58.60"), unit("望澜", 2, "51.20", None)]}
    message = {
        "told_at": "2026-09-14T01:30:00Z",
        "receiver_name": "沈望澜",
        "subject": "催办通知书",
        "deliveries": [{"channel": "email", "outcome": "delivered"}],
    }
    said = printed(
        Seen(
            health={"scoring": ""},
            facts={"totals": COUNTS, "sources": [source]},
            standings=[{"cycle": "2026", "version": 1, "groups": [group]}],
            items=[ITEM],
            messages=[message],
            units={"wanglan": "望澜分局"},
            indicators={"hotline_in_time": "12345按期办结率"},
        )
    )
    for expected in (
        "就绪",
        "执法办案系统",
        "120",
        "58.60",
        "不适用",
        "望澜分局",
        "12345按期办结率",
        "2026-09-21",
        "● 红",
        "09-14 09:30",
        "催办通知书",
        "8125",
    ):
        assert expected in said, expected


def test_parts_without_points_of_their_own_stand_only_under_bonus_and_deductions() -> None:
    group = {"group": "branches", "name": "甲组", "units": [unit("砚东", 1, "58.10", "58.60")]}
    said = printed(Seen(health={}, standings=[{"groups": [group]}]))
    assert "目标责任 60" in said
    assert "扣 0" not in said


def test_a_long_group_is_cut_and_says_so() -> None:
    units = [unit(f"u{rank}", rank, "1.00", "1.00") for rank in range(1, 31)]
    said = printed(Seen(health={}, standings=[{"groups": [{"group": "g", "name": "乙组", "units": units}]}]))
    assert "u20" in said
    assert "u21" not in said
    assert "10 more" in said


def test_what_does_not_answer_is_named_and_hides_nothing_else() -> None:
    said = printed(Seen(health={"scoring": "broker: no answer within 3 s"}, silent={"feedback /v1/items": "ConnectError"}))
    assert "broker: no answer" in said
    assert "feedback /v1/items" in said


def test_items_without_a_due_date_come_last() -> None:
    said = printed(Seen(health={}, items=[{**ITEM, "number": 9, "due_on": None}, ITEM]))
    assert said.index("2026-09-21") < said.index("│ 9 ")
