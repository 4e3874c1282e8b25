"""An independent count of the real files: plain Python over the raw lines, nothing of the platform."""

import gzip
import json
import lzma
import re
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

VALUE = re.compile(r'key="([^"]+)" value="([^"]*)"')
REVOKED = ("自行撤銷", "陳情撤銷", "撤銷並另立裁處書", "案件廢止")


def fines(path: Path, *, most: int | None = None) -> dict[str, dict[str, list[date]]]:
    """The days of each activity of each fine, of the first `most` cases."""
    cases: dict[str, dict[str, list[date]]] = {}
    case: dict[str, list[date]] | None = None
    event: dict[str, str] | None = None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if "<trace>" in line:
                if most is not None and len(cases) == most:
                    break
                case, event = {}, None
            elif "<event>" in line:
                event = {}
            elif case is None:
                continue  # what is said of the log as a whole
            elif "</event>" in line and event is not None:
                case.setdefault(event["concept:name"], []).append(date.fromisoformat(event["time:timestamp"][:10]))
                event = None
            elif found := VALUE.search(line):
                if event is not None:
                    event[found[1]] = found[2]
                elif found[1] == "concept:name":
                    cases[found[2]] = case
    return cases


def officers(path: Path, *, most: int) -> dict[str, str]:
    """Who made each of the first `most` fines."""
    made: dict[str, str] = {}
    case = None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if "<trace>" in line:
                if len(made) == most:
                    break
                case = None
            elif found := VALUE.search(line):
                if case is None and found[1] == "concept:name":
                    case = found[2]
                elif case is not None and found[1] == "org:resource":
                    made.setdefault(case, found[2])
    return made


def payments_by_officer(path: Path, *, most: int, year: int) -> dict[str, tuple[int, int]]:
    """Of each officer: fines whose last payment fell in the year, and the days from their making to it."""
    made, figures = officers(path, most=most), dict[str, tuple[int, int]]()
    for name, case in fines(path, most=most).items():
        last = max(case.get("Payment", [date.min]))
        if last.year == year:
            count, days = figures.get(made[name], (0, 0))
            figures[made[name]] = (count + 1, days + (last - case["Create Fine"][0]).days)
    return figures


def fine_figures(cases: dict[str, dict[str, list[date]]]) -> dict[str, Any]:
    paid = [case for case in cases.values() if "Payment" in case]
    days = sum((max(case["Payment"]) - case["Create Fine"][0]).days for case in paid)
    return {
        "fines": len(cases),
        "paid": len(paid),
        "mean_days_to_payment": Fraction(days, len(paid)),
        "appeals": sum("Insert Date Appeal to Prefecture" in case for case in cases.values()),
        "judge_appeals": sum("Appeal to Judge" in case for case in cases.values()),
    }


def penalties(path: Path) -> list[dict[str, Any]]:
    """The rows of a register, of each key the one that was updated last."""
    latest: dict[tuple[str, str, str], dict[str, Any]] = {}
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            key = (row["COUNTY"], row["DOCUMENTNO"], row["REGISTRATIONNO"])
            if key not in latest or row["UPDATETIME"] >= latest[key]["UPDATETIME"]:
                latest[key] = row
    return list(latest.values())


def of_year(rows: list[dict[str, Any]], year: int) -> list[dict[str, Any]]:
    return [row for row in rows if row["PENALTYDATE"].startswith(f"{year}/")]


def penalty_figures(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """Penalties, petitions and revocations by authority."""
    counts = Counter(row["COUNTY"] for row in rows)
    petitions = Counter(row["COUNTY"] for row in rows if row["ISPETITION"] == "是")
    revoked = Counter(row["COUNTY"] for row in rows if row["APPEALRESCIND"] in REVOKED)
    return {county: (count, petitions[county], revoked[county]) for county, count in counts.items()}
