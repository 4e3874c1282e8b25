"""What is declared about a file, what the bytes turn out to be, and what they prove."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from evidence.domain.refusals import BadClaim, BadSubject, ClassifiedMaterial

EvidenceId = NewType("EvidenceId", UUID)
UnitCode = NewType("UnitCode", str)


class Confidentiality(StrEnum):
    """公开, 内部, 工作秘密; classified material (涉密) has no place on the platform."""

    PUBLIC = "public"
    INTERNAL = "internal"
    WORK_SECRET = "work_secret"  # noqa: S105 - a level, no password


class SubjectKind(StrEnum):
    ITEM = "item"
    INDICATOR = "indicator"
    BONUS = "bonus"
    VETO = "veto"


OLE: Final = "application/x-ole-storage"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
# What may be claimed, and what the bytes must then be found to be (any of these).
BORNE_OUT_BY: Final = {
    "application/pdf": {"application/pdf"},
    "application/ofd": {"application/ofd"},
    f"{_OFFICE}wordprocessingml.document": {f"{_OFFICE}wordprocessingml.document"},
    f"{_OFFICE}spreadsheetml.sheet": {f"{_OFFICE}spreadsheetml.sheet"},
    f"{_OFFICE}presentationml.presentation": {f"{_OFFICE}presentationml.presentation"},
    "application/msword": {OLE},
    "application/vnd.ms-excel": {OLE},
    "application/vnd.ms-powerpoint": {OLE},
    "application/vnd.ms-works": {OLE},
    "application/zip": {"application/zip"},
    "image/jpeg": {"image/jpeg"},
    "image/png": {"image/png"},
    "image/tiff": {"image/tiff"},
    "image/bmp": {"image/bmp", "image/x-ms-bmp"},
    "image/webp": {"image/webp"},
    "video/mp4": {"video/mp4"},
    "audio/mpeg": {"audio/mpeg"},
    "text/plain": {"text/plain"},
    "text/csv": {"text/plain"},
}

LONGEST_NAME: Final = 200
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_UNFIT_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f/\\]")
_INDICATOR: Final = re.compile(r"[^/]+/(?P<unit>[^/]+)/[^/]+")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is proved; an indicator's id is `<cycle>/<unit>/<indicator>`."""

    kind: SubjectKind
    id: str

    def checked(self, unit: UnitCode | None) -> "Subject":
        """Itself, if spelled rightly and not of a unit other than the evidence's; else `BadSubject`."""
        found = _INDICATOR.fullmatch(self.id)
        if self.kind is SubjectKind.INDICATOR and found is None:
            raise BadSubject(
                "指标应写作 周期/单位/指标", f"write an indicator as <cycle>/<unit>/<indicator>, not {self.id!r}", field="subjects"
            )
        if self.kind is SubjectKind.INDICATOR and found and unit not in (None, found["unit"]):
            raise BadSubject("佐证材料与指标不属于同一单位", f"{self.id!r} is not an indicator of {unit}", field="subjects")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the uploader declares about a file, before a byte of it was sent."""

    name: str
    size: int
    sha256: str
    media_type: str
    effective_on: date
    confidentiality: Confidentiality

    def checked(self, *, largest: int) -> "Claim":
        """Itself, if an upload can fulfil it; else `BadClaim` with the field."""
        if not self.name.strip() or len(self.name) > LONGEST_NAME or _UNFIT_IN_NAMES.search(self.name):
            raise BadClaim("文件名不合规", f"a name has 1 to {LONGEST_NAME} characters and no slash or control character", field="name")
        if not 0 < self.size <= largest:
            raise BadClaim(f"文件大小须在 1 至 {largest} 字节之间", f"a file has 1 to {largest} bytes", field="size")
        if not _SHA256.fullmatch(self.sha256):
            raise BadClaim("sha256 须为 64 位小写十六进制", "sha256 is written as 64 lowercase hexadecimal digits", field="sha256")
        if self.media_type not in BORNE_OUT_BY:
            raise BadClaim(
                f"不接受的文件类型，可用：{'、'.join(BORNE_OUT_BY)}", f"media types taken: {', '.join(BORNE_OUT_BY)}", field="media_type"
            )
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """What the bytes turned out to be; `media_types` holds every type that they may be read as."""

    size: int
    sha256: str
    media_types: frozenset[str]


class Fault(StrEnum):
    """Why an upload is refused; the order in which it is asked."""

    SIZE_DIFFERS = "size_differs"
    HASH_DIFFERS = "hash_differs"
    TYPE_DIFFERS = "type_differs"


FAULTS: Final = {
    Fault.SIZE_DIFFERS: (
        "文件大小与登记不符，请核对后重新登记上传",
        "the size is not the declared one; check the file and declare it anew",
    ),
    Fault.HASH_DIFFERS: (
        "文件内容与登记的 SHA-256 不符，请重新登记上传",
        "the bytes are not those of the declared SHA-256; declare and upload anew",
    ),
    Fault.TYPE_DIFFERS: ("文件内容与所报类型不符，请按真实类型登记", "the bytes are not of the claimed media type; declare the true one"),
}


def fault_of(claim: Claim, found: Found) -> Fault | None:
    """The first way in which the bytes differ from what was declared."""
    if found.size != claim.size:
        return Fault.SIZE_DIFFERS
    if found.sha256 != claim.sha256:
        return Fault.HASH_DIFFERS
    if not BORNE_OUT_BY[claim.media_type] & found.media_types:
        return Fault.TYPE_DIFFERS
    return None


_WORDS: Final = {"公开": "public", "内部": "internal", "工作秘密": "work_secret"}
_CLASSIFIED: Final = frozenset({"涉密", "秘密", "机密", "绝密", "classified", "confidential", "secret", "top_secret"})


def confidentiality_of(word: str) -> Confidentiality:
    """A level by its English or Chinese name; raises `ClassifiedMaterial` for a state secret's, else `BadClaim`."""
    if word in _CLASSIFIED:
        raise ClassifiedMaterial
    try:
        return Confidentiality(_WORDS.get(word, word))
    except ValueError:
        raise BadClaim(
            "密级须为 公开、内部 或 工作秘密", "confidentiality is public, internal or work_secret", field="confidentiality"
        ) from None
