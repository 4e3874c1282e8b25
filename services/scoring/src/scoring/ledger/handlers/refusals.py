"""What the ledger refuses, and what to do about it.

Refused (kit)
├── NoSuch                there is no source, kind, message, event or record of that name
├── NotPossible           a slug, a zone, an attribute's type that does not exist
├── InTheWay              what is there already stands against it
│   └── CountingUnderWay  totals are being counted anew; a moment later it will work
├── NotYourSource         a feed's token is for another source
└── UnusableEvents        events of a request that are no events; with their indexes
"""

from collections.abc import Mapping, Sequence

from kit.errors import Refused


class NoSuch(Refused):
    def __init__(self, what_zh: str, what_en: str, name: str) -> None:
        super().__init__(f"没有{what_zh}“{name}”，请核对名称", f"there is no {what_en} {name!r}: check the name")


class NotPossible(Refused):
    pass


class InTheWay(Refused):
    pass


class CountingUnderWay(InTheWay):
    def __init__(self) -> None:
        super().__init__("正在重新统计，请稍后再试", "totals are being counted anew: try again in a moment")


class NotYourSource(Refused):
    def __init__(self, source: str) -> None:
        super().__init__(
            f"令牌不属于来源“{source}”，请使用该来源自己的令牌", f"this token is not for the source {source!r}: use that source's own"
        )


class UnusableEvents(Refused):
    """All or nothing: nothing of the request was taken."""

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__(
            f"{len(errors)} 个事件有误，整批未接收；请按 errors 改正后重新发送",
            f"{len(errors)} events are not usable and none was taken: correct them by `errors` and send all again",
        )
        self.errors = list(errors)
