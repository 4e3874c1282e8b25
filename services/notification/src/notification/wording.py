"""The words of messages: one template an occasion, in Chinese, its first line the subject."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from kit.clock import Clock, today
from notification.domain.messages import Wording
from notification.domain.occasions import Addressee, Occasion, Part
from notification.handlers.work import Facts

LONGEST_SUBJECT: Final = 120  # characters; a mail list shows fewer
SEVERITIES: Final = MappingProxyType({"minor": "一般", "major": "较重", "severe": "严重"})
LEVELS: Final = MappingProxyType({"overdue": "整改逾期", "recurred": "问题反弹", "untrue": "数据不实"})


class TextTemplates:
    """Plain text: nothing is escaped, and a fact that a template names must be there."""

    def __init__(self, *, bureau: str, zone: ZoneInfo, clock: Clock) -> None:
        self._environment = Environment(
            loader=PackageLoader("notification"),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - the result is text/plain, never HTML
            keep_trailing_newline=False,
        )
        self._environment.filters |= {
            "day": partial(_day, zone=zone),
            "severity": partial(_word, words=SEVERITIES),
            "level": partial(_word, words=LEVELS),
        }
        self._bureau = bureau
        self._zone = zone
        self._clock = clock

    def worded(self, addressee: Addressee, occasion: Occasion, facts: Facts) -> Wording:
        rendered = self._environment.get_template(f"{occasion}.txt").render(
            **facts,
            receiver=addressee.person.name,
            copied=addressee.part is Part.COPY,
            receipt=addressee.receipt,
            bureau=self._bureau,
            told_on=today(self._clock, self._zone),
        )
        subject, _, text = rendered.lstrip().partition("\n")
        return Wording(subject=_one_line(subject), text=text.strip() + "\n")


def _one_line(text: str) -> str:
    """Without line breaks and control characters, which could become headers of a mail."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:LONGEST_SUBJECT]


def _day(value: date | datetime, *, zone: ZoneInfo) -> str:
    local = value.astimezone(zone) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def _word(code: str, words: Mapping[str, str]) -> str:
    """The Chinese word for a code; a code without a word is shown as it is."""
    return words.get(code, code)
