"""What evidence refuses.

Refused
├── NoSuchEvidence, NotYourUnit, NotAccepted
├── ClassifiedMaterial, BadClaim, BadSubject
├── IllegalMove, NotUploaded, ChangedMeanwhile
└── NotYet
└── StoreDown
"""

from uuid import UUID

from kit.errors import NotYet, Refused


class NoSuchEvidence(Refused):
    def __init__(self, evidence: UUID, number: int | None = None) -> None:
        which = f"{evidence}" if number is None else f"{evidence}/{number}"
        super().__init__(f"没有这份佐证材料，或您无权查看：{which}", f"there is no such evidence, or it is not yours to see: {which}")


class NotYourUnit(Refused):
    def __init__(self, unit: str | None) -> None:
        super().__init__(
            "只能为本单位上传佐证材料，请在 unit 中填写本单位",
            f"upload for your own unit only, not for {unit!r}; name it in `unit`",
            field="unit",
        )


class ClassifiedMaterial(Refused):
    def __init__(self) -> None:
        super().__init__(
            "涉密材料不得上传本平台，请按保密规定线下报送",
            "classified material must not be uploaded; hand it in by the channel for it",
            field="confidentiality",
        )


class BadClaim(Refused):
    """A declaration that no upload could fulfil."""


class BadSubject(Refused):
    """A subject that is not spelled as its kind demands, or is another unit's."""


class IllegalMove(Refused):
    def __init__(self, state: str, move: str) -> None:
        super().__init__(
            f"当前状态为 {state}，不能执行 {move}；请重新登记一个版本", f"a revision that is {state} can't {move}; declare a new revision"
        )


class NotUploaded(Refused):
    def __init__(self) -> None:
        super().__init__(
            "尚未收到文件，请先按上传地址上传再确认", "the file has not arrived; send it to the upload address first, then finalize again"
        )


class ChangedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__("校验期间文件被重新上传，请再次确认", "the file was overwritten while it was being checked; finalize again")


class NotAccepted(Refused):
    def __init__(self, state: str) -> None:
        super().__init__(f"该版本尚未通过校验（{state}），不能下载", f"this revision is {state}; only an accepted one can be downloaded")


class StoreDown(NotYet):
    def __init__(self) -> None:
        super().__init__(
            "文件存储暂不可用，登记不会丢失，请稍后重试；已确认的上传会自动完成",
            "the file store is out of reach; nothing declared is lost, try again in a moment; finalized uploads are finished by themselves",
        )
