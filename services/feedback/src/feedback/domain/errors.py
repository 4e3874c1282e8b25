"""What can be refused here; each sentence says what to do.

kit.errors.Refused
├── IllegalMove             not from this state
├── NotAllowed              a rule of the appraisal forbids it
│   ├── SubmitterCannotVerify   independent verification
│   ├── NoAcceptedEvidence      verification without proof
│   ├── OwnProposal             the proposer decides on the own proposal
│   ├── TooLate                 an extension asked for after the due date
│   ├── NoExtensionLeft         asked for more often than allowed
│   ├── NotLater                a date that is not later than another
│   ├── AlreadyAsked            a request is waiting for its decision
│   ├── NothingAsked            a decision without a request
│   └── AlreadyDecided          a deduction was decided before
├── NoSuchItem              unknown, or another unit's: the answer is the same
├── NoSuchDeduction
└── OtherUnit               a unit acts for another one
"""

from collections.abc import Sequence
from datetime import date

from kit.errors import Refused


class IllegalMove(Refused):
    def __init__(self, zh: str, en: str, *, state: str, move: str, who: Sequence[str]) -> None:
        super().__init__(zh, en)
        self.state = state
        self.move = move
        self.who = tuple(who)


class NotAllowed(Refused):
    """A rule of the appraisal forbids it."""


class SubmitterCannotVerify(NotAllowed):
    def __init__(self) -> None:
        super().__init__("提交人不能验收，请由他人核查", "who submitted cannot verify: ask another assessor")


class NoAcceptedEvidence(NotAllowed):
    def __init__(self) -> None:
        super().__init__("尚无已受理的佐证材料，请先上传", "no evidence was accepted for this item: upload it first")


class OwnProposal(NotAllowed):
    def __init__(self) -> None:
        super().__init__("提出人不能审定，请由他人办理", "who proposed cannot decide: ask another person")


class TooLate(NotAllowed):
    def __init__(self, due_on: date, today: date) -> None:
        super().__init__(f"延期须在到期日{due_on}前提出，今天是{today}", f"an extension is asked for by {due_on}; today is {today}")


class NoExtensionLeft(NotAllowed):
    def __init__(self, most: int) -> None:
        super().__init__(f"最多延期{most}次，请按期完成整改", f"at most {most} extensions are granted: finish by the due date")


class NotLater(NotAllowed):
    def __init__(self, day: date, than: date) -> None:
        super().__init__(f"{day}须晚于{than}，请另定日期", f"{day} is not later than {than}: name a later date")


class AlreadyAsked(NotAllowed):
    def __init__(self) -> None:
        super().__init__("已有申请待审定，请等待结果", "a request is waiting for its decision: wait for it")


class NothingAsked(NotAllowed):
    def __init__(self) -> None:
        super().__init__("没有待审定的申请，请先提出", "nothing was asked for that could be decided: ask first")


class AlreadyDecided(NotAllowed):
    def __init__(self, state: str) -> None:
        super().__init__(f"该扣分建议已审定（{state}），不再变更", f"this deduction is {state} already and stays so")


class NoSuchItem(Refused):
    def __init__(self, item: str) -> None:
        super().__init__(f"没有整改项{item}，请查看整改清单", f"there is no item {item} here: see GET /v1/items")


class NoSuchDeduction(Refused):
    def __init__(self, deduction: str) -> None:
        super().__init__(f"没有扣分建议{deduction}，请查看扣分清单", f"there is no deduction {deduction} here: see GET /v1/deductions")


class OtherUnit(Refused):
    def __init__(self, unit: str) -> None:
        super().__init__(f"不能代{unit}办理，请由该单位人员操作", f"you may not act for {unit}: somebody of that unit must")
