"""Refusals that a person can act on, and the problem documents (RFC 9457) that tell them over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """The domain says no, with a sentence in Chinese and in English that says what to do; `field` is the path of what was wrong."""

    def __init__(self, zh: str, en: str, *, field: str | None = None) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.field = field


class Unauthenticated(Refused):
    """No token, or one that is not good."""

    def __init__(self, en: str) -> None:
        super().__init__("未登录或令牌无效，请重新取得令牌（kaohe token）", f"{en}; get a new token (kaohe token)")


class Forbidden(Refused):
    """A good token without the role."""

    def __init__(self, roles: frozenset[str]) -> None:
        wanted = ", ".join(sorted(roles))
        super().__init__(f"无权操作，需要角色：{wanted}", f"not allowed: this needs one of the roles {wanted}")


class NotYet(Refused):
    """Something this service needs is out of reach for the moment; trying again later is right."""


@dataclass(frozen=True, slots=True)
class Problem:
    """How a type of refusal is told: the status and a stable, last part of the problem's `type`."""

    status: int
    slug: str


Problems = Mapping[type[Exception], Problem]

GENERAL: Problems = {
    Unauthenticated: Problem(401, "unauthenticated"),
    Forbidden: Problem(403, "forbidden"),
    NotYet: Problem(503, "not-yet"),
}


def problem_document(error: Exception, problem: Problem, correlation: str) -> dict[str, Any]:
    """The body of an `application/problem+json` answer."""
    zh, en = getattr(error, "zh", str(error)), getattr(error, "en", str(error))
    document: dict[str, Any] = {
        "type": f"urn:kaohe:problem:{problem.slug}",
        "title": problem.slug,
        "status": problem.status,
        "detail": f"{zh} / {en}",
        "zh": zh,
        "en": en,
        "correlation": correlation,
    }
    errors = getattr(error, "errors", None)
    if errors is not None and not callable(errors):
        document["errors"] = errors
    elif getattr(error, "field", None):
        document["errors"] = [{"path": getattr(error, "field", None), "zh": zh, "en": en}]
    return document


def problem_of(error: Exception, table: Problems) -> Problem | None:
    """The row of the nearest class in the table, walking up the error's family."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)
