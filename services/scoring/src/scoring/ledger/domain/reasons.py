"""Why a message was set aside, in words that tell a person what to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    LONE_SURROGATE = "lone_surrogate"
    FORBIDDEN_CHARACTER = "forbidden_character"
    TOO_DEEP = "too_deep"
    TOO_MANY_DIGITS = "too_many_digits"
    TOO_LONG = "too_long"
    TOO_MANY_VALUES = "too_many_values"
    NO_CLOUDEVENT = "no_cloudevent"
    UNKNOWN_TYPE = "unknown_type"
    BAD_TIME = "bad_time"
    TIME_TOO_FINE = "time_too_fine"
    BAD_DATA = "bad_data"
    FOREIGN_SOURCE = "foreign_source"
    KEY_IS_NOT_SUBJECT = "key_is_not_subject"
    UNKNOWN_KIND = "unknown_kind"
    WRONG_TYPE = "wrong_type"
    OTHER_KIND = "other_kind"
    OTHER_CONTENT = "other_content"
    DATABASE_REFUSED = "database_refused"


CONFLICTS: Final = frozenset({Reason.OTHER_KIND, Reason.OTHER_CONTENT})


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened and what to do about it."""

    zh: str
    en: str


ADVICE: Final = {
    Reason.EMPTY: Advice("消息没有内容。请重新发送完整事件。", "The message is empty. Send the whole event again."),
    Reason.TOO_LARGE: Advice(
        "消息超过 1 MB。请去掉附件等大字段后重新发送。", "The message is over 1 MB. Leave large fields out and send it again."
    ),
    Reason.NOT_JSON: Advice(
        "内容不是合法的 JSON。请改正来源系统的导出后重新发送。",
        "This is no valid JSON. Correct the export of the source and send it again.",
    ),
    Reason.NOT_UTF8: Advice(
        "内容不是 UTF-8 编码(常见于 GBK)。请以 UTF-8 重新发送。", "The bytes are not UTF-8 (often they are GBK). Send them as UTF-8."
    ),
    Reason.LONE_SURROGATE: Advice(
        "文字中有半个代理字符(多因截断所致)。请重新发送完整文字。",
        "A text holds half of a character (mostly from cutting). Send the whole text.",
    ),
    Reason.FORBIDDEN_CHARACTER: Advice(
        "文字中含有 NUL 字符 (U+0000)。请去除后重新发送。", "A text holds the character NUL (U+0000). Remove it and send again."
    ),
    Reason.TOO_DEEP: Advice(
        "数据嵌套过深(最多 32 层)。请展开为简单字段。", "The data is nested too deeply (at most 32 levels). Flatten it."
    ),
    Reason.TOO_MANY_DIGITS: Advice(
        "数字超过 18 位整数或 9 位小数。请核对单位与精度。",
        "A number has more than 18 integer or 9 fraction digits. Check its unit and precision.",
    ),
    Reason.TOO_LONG: Advice(
        "标识过长(最多 500 字)。请使用更短的标识。", "An identifier is too long (at most 500 characters). Use a shorter one."
    ),
    Reason.TOO_MANY_VALUES: Advice(
        "一条消息最多含 10,000 个值。请只保留考核所需字段，或分为多条记录发送。",
        "A message holds at most 10,000 values. Send only what is appraised, or several records.",
    ),
    Reason.NO_CLOUDEVENT: Advice(
        "不是 CloudEvents 1.0 事件,或缺少必需属性。请补全后重新发送。",
        "This is no CloudEvents 1.0 event, or an attribute is missing. Complete it and send it again.",
    ),
    Reason.UNKNOWN_TYPE: Advice(
        "事件类型未知。请使用 record_observed、record_withdrawn 或 batch_closed。",
        "The event's type is unknown. Use record_observed, record_withdrawn or batch_closed.",
    ),
    Reason.BAD_TIME: Advice(
        "时间不是带时区的 RFC 3339 时刻。请写成 2026-03-02T09:00:00+08:00。",
        "The time is no RFC 3339 instant with an offset. Write it as 2026-03-02T09:00:00+08:00.",
    ),
    Reason.TIME_TOO_FINE: Advice(
        "时刻精度超过微秒。请最多保留六位小数。", "An instant is finer than microseconds. Keep at most six fraction digits."
    ),
    Reason.BAD_DATA: Advice(
        "data 的结构不符。请对照接口说明改正。", "The data has not the shape of its type. Compare it with the interface description."
    ),
    Reason.FOREIGN_SOURCE: Advice(
        "事件的 source 不是本主题登记的来源。请改正 source 或发往自己的主题。",
        "The event's source is not the one registered for this topic. Correct it, or send to its own topic.",
    ),
    Reason.KEY_IS_NOT_SUBJECT: Advice(
        "消息键与 subject 不同。请以 subject 作消息键重新发送。", "The message key is not the subject. Send it with the subject as key."
    ),
    Reason.UNKNOWN_KIND: Advice(
        "业务记录类别未登记。请先登记该类别,再重放此消息。", "The record kind is not registered. Register it, then replay this message."
    ),
    Reason.WRONG_TYPE: Advice(
        "字段值与登记的类型不符。请改正来源后重新发送,或改正类别定义后重放。",
        "A value is not of its declared type. Correct the source and send again, or correct the kind and replay.",
    ),
    Reason.OTHER_KIND: Advice(
        "同一记录已以另一类别登记,先到者保留。请为另一类别使用不同的 subject。",
        "The record is already known as another kind; the first stays. Use another subject for the other kind.",
    ),
    Reason.OTHER_CONTENT: Advice(
        "同一事件编号曾以不同内容送达,先到者保留。更正请用新编号发送。",
        "The same event id came before with other content; the first stays. Send a correction under a new id.",
    ),
    Reason.DATABASE_REFUSED: Advice(
        "数据库拒绝保存其中的值。请联系管理员核对原始消息。",
        "The database refuses a value of it. Ask an administrator to look at the original message.",
    ),
}


class Refused(Exception):
    """A message that can't be used; `detail` names the place in it."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
