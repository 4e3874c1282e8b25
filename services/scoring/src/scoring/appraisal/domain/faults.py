"""What the appraisal refuses, and how it says so.

Refused
├── SchemeRefused      a document with faults: where, what is wrong, what is allowed
├── InputRefused       a rule was given what it can't take
├── MarkRefused        a mark that the rule or the marker's role forbids
├── ClaimRefused       a bonus or deduction that can't be claimed so, or not any more
├── EntriesRefused     a list of which some entries can't be taken: none was
├── WrongState         a scheme is not in the state that the step needs
├── NotAllowed         the caller may not do or see this
└── NotFound           a unit, group, cycle, scheme, indicator or score that is not there
"""

from dataclasses import dataclass

import kit.errors
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document: `path` leads to it (`indicators[3].rule.target`)."""

    path: str
    wrong: Text
    allowed: Text


class Refused(kit.errors.Refused):
    """The root: `text` says in both languages what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.zh, text.en)
        self.text = text


class SchemeRefused(Refused):
    """`errors` is what the problem document lists: path, what is wrong and what is allowed."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        text = Text(
            f"考核方案有 {len(faults)} 处问题，请按 errors 逐条修改后重新提交。",
            f"The scheme has {len(faults)} faults: mend each entry of errors and send it again.",
        )
        super().__init__(text)
        self.faults = faults

    @property
    def errors(self) -> list[dict[str, str]]:
        return [_told(fault) for fault in self.faults]


class EntriesRefused(Refused):
    """All or nothing: `errors` lists every entry that can't be taken."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(
            Text(
                f"有 {len(faults)} 处不能接受，全部未保存；请按 errors 逐条修改后重新提交。",
                f"{len(faults)} entries can't be taken, so none was: mend each entry of errors and send all of them again.",
            )
        )
        self.faults = faults

    @property
    def errors(self) -> list[dict[str, str]]:
        return [_told(fault) for fault in self.faults]


def _told(fault: Fault) -> dict[str, str]:
    """What is wrong, and what would be right where that can be said."""
    if not fault.allowed.en:
        return {"path": fault.path, "zh": fault.wrong.zh, "en": fault.wrong.en}
    return {
        "path": fault.path,
        "zh": f"{fault.wrong.zh}；允许：{fault.allowed.zh}",
        "en": f"{fault.wrong.en}; allowed: {fault.allowed.en}",
    }


class InputRefused(Refused):
    pass


class MarkRefused(Refused):
    pass


class ClaimRefused(Refused):
    pass


class WrongState(Refused):
    pass


class NotAllowed(Refused):
    pass


class Conflict(Refused):
    pass


class NotFound(Refused):
    def __init__(self, what: Text) -> None:
        super().__init__(Text(f"没有{what.zh}，请核对编号。", f"There is no {what.en}: check the key."))
