"""What this service refuses, and what to do about it."""

from datetime import date

from kit.errors import Refused


class NotificationRefused(Refused):
    """The root of what this service refuses:

    NotificationRefused
    ├── Invalid            what was sent can never be right: BadAddress, BadName, UnitMissing, PeriodReversed
    ├── NoSuchPerson, NoSuchMessage
    ├── NotTheReceiver     a receipt is given by the receiver alone
    └── NoReceiptAsked     the message is no formal notice
    """


class Invalid(NotificationRefused):
    """What was sent can never be right, whoever sends it and however often."""


class BadAddress(Invalid):
    def __init__(self, email: str) -> None:
        shown = email[:80]
        super().__init__(
            f"“{shown}”不是有效的电子邮箱，请按 name@host 填写", f"'{shown}' is no e-mail address: write name@host", field="email"
        )


class BadName(Invalid):
    def __init__(self) -> None:
        super().__init__("姓名须为 1 至 60 个可见字符", "a name has 1 to 60 visible characters: correct it", field="name")


class UnitMissing(Invalid):
    def __init__(self, duty: str) -> None:
        super().__init__(f"职务 {duty} 须注明所在单位", f"the duty {duty} is held at a unit or a department: name it", field="duties.unit")


class PeriodReversed(Invalid):
    def __init__(self, from_on: date, to_on: date) -> None:
        super().__init__(
            f"任职止日 {to_on} 早于起日 {from_on}，请更正",
            f"a duty cannot end on {to_on} before it begins on {from_on}: correct one of them",
            field="duties.to_on",
        )


class NoSuchPerson(NotificationRefused):
    def __init__(self, person: str) -> None:
        shown = person[:80]
        super().__init__(f"查无此人“{shown}”，请先导入人员", f"nobody is known as '{shown}': import the person first")


class NoSuchMessage(NotificationRefused):
    def __init__(self) -> None:
        super().__init__("没有此通知，或不是发给您的；请从通知列表中选择", "no message of yours has this id: choose one from the list")


class NotTheReceiver(NotificationRefused):
    def __init__(self) -> None:
        super().__init__("只有收件人本人可以签收", "only its receiver can give a receipt for a message: ask the receiver")


class NoReceiptAsked(NotificationRefused):
    def __init__(self) -> None:
        super().__init__("此通知无需签收", "this message asks for no receipt: nothing is to be done")
