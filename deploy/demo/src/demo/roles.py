"""In whose name the demonstration acts: the bureau's people with their roles, its systems with their sources."""

from collections.abc import Iterable
from typing import Final

from demo.bureau import Department, Source
from demo.callers import Who

ADMIN: Final = Who("platform-admin", ("admin",), name="平台管理员")
OFFICE: Final = Who("appraisal-office-head", ("office",), name="欧令仪")
VERIFIER: Final = Who("supervision-head", ("assessor",), name="凌铁岩")


def contact_of(unit: str) -> Who:
    """A unit's 考核联络员: signs, starts, uploads and submits for the own unit."""
    return Who(f"{unit}-contact", ("unit",), (unit,))


def assessor_of(department: str) -> Who:
    """The head of a responsible department, who marks and finds."""
    return Who(f"{department}-head".replace("_", "-"), ("assessor",))


def marker_of(department: str, departments: Iterable[Department]) -> Who:
    """Who marks the indicators of a department: its head, or the supervision's head where it has none of its own (考核组)."""
    code = next((known.code for known in departments if known.name == department), None)
    return VERIFIER if code is None else assessor_of(code)


def feed_of(source: Source) -> Who:
    """The machine account of a source: it may speak for that source only."""
    return Who(f"feed-{source.slug}", ("feed",), (source.slug,), source.name)
