"""What the room of votes refuses, and what to do about it.

BallotRefused
├── NoSuchVote        no vote has this key
├── NoSuchCode        no code of this vote reads like that
├── Mistyped          what was typed can be no code: its check does not fit
├── NotFit            a vote that can't be opened as it was stated
├── NotPossible       not in this state of the vote: opened twice, closed, codes handed out already
├── PaperIncomplete   told before the paper is cast, so that the voter can mend it
├── CodeUsed          one ballot a code
├── NotTheKey         the key opens another urn
└── TooManyTries      wrong codes from one address
"""

from collections.abc import Sequence

from kit.errors import Refused
from scoring.ballots.domain.papers import Reason


class BallotRefused(Refused):
    """The root."""


class NoSuchVote(BallotRefused):
    def __init__(self, key: str) -> None:
        super().__init__(f"没有测评“{key}”，请核对编号", f"there is no vote {key!r}: check the key")


class NoSuchCode(BallotRefused):
    def __init__(self) -> None:
        super().__init__(
            "本次测评没有这个测评码，请核对是否拿错了测评码或选错了测评",
            "this vote has no such code: check that code and vote belong together",
            field="code",
        )


class Mistyped(BallotRefused):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"测评码输入有误：{zh}，请对照纸条重新输入", f"the code is mistyped: {en}; compare it with the slip", field="code")


class NotFit(BallotRefused):
    pass


class NotPossible(BallotRefused):
    pass


class PaperIncomplete(BallotRefused):
    """The paper would be counted as invalid; `final: true` casts it all the same."""

    def __init__(self, reason: Reason, lacking: Sequence[str]) -> None:
        zh, en = _SENTENCES[reason]
        super().__init__(
            f"{zh}，按此提交将计为无效票。请修改；确需原样提交的，请加 final: true",
            f"{en}: as it is the ballot would be invalid. Mend it, or send it with final: true",
            field="marks",
        )
        self._lacking = lacking

    @property
    def errors(self) -> list[dict[str, str]]:
        return [{"path": f"marks.{candidate}", "zh": "尚未评价", "en": "no mark yet"} for candidate in self._lacking]


_SENTENCES = {
    Reason.INCOMPLETE: ("有对象尚未评价或所评等次不在范围内", "a candidate has no mark of the scale"),
    Reason.OVER_QUOTA: ("有等次超过了限额", "a mark was given more often than its quota"),
    Reason.UNIFORM: ("所有对象评价相同", "all marks are equal"),
}


class CodeUsed(BallotRefused):
    def __init__(self) -> None:
        super().__init__("此测评码已经用过，一码一票，本次提交不计", "this code was used: one ballot a code, this one does not count")


class NotTheKey(BallotRefused):
    def __init__(self) -> None:
        super().__init__("这不是本次测评的票箱钥匙，请向监票人核对", "this key does not open the urn of this vote", field="urn_key")


class TooManyTries(BallotRefused):
    def __init__(self) -> None:
        super().__init__("输错次数过多，请稍候几分钟再试", "too many wrong codes: wait some minutes and try again")
