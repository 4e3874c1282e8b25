from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from notification.domain.errors import NoReceiptAsked, NotTheReceiver
from notification.domain.messages import ItemId, Matter, Message, MessageId, Wording
from notification.domain.occasions import Occasion, Part
from notification.domain.people import PersonId

NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)
HEAD = PersonId("head")


def message(*, receipt_asked: bool = True) -> Message:
    return Message(
        id=MessageId(UUID(int=1)),
        matter=Matter(occasion=Occasion.OVERDUE_NOTICE, item=ItemId("item-1"), due_on=date(2026, 9, 11)),
        receiver=HEAD,
        part=Part.TO,
        wording=Wording("催办通知书", "请立即整改"),
        told_at=NOW,
        receipt_asked=receipt_asked,
    )


def test_the_receiver_gives_a_receipt() -> None:
    assert message().receipted(HEAD, NOW).receipted_at == NOW


def test_a_second_receipt_changes_nothing() -> None:
    first = message().receipted(HEAD, NOW)
    assert first.receipted(HEAD, datetime(2026, 9, 20, tzinfo=UTC)) == first


def test_nobody_else_can_give_it() -> None:
    with pytest.raises(NotTheReceiver):
        message().receipted(PersonId("contact"), NOW)


def test_a_message_that_asks_for_none_takes_none() -> None:
    with pytest.raises(NoReceiptAsked):
        message(receipt_asked=False).receipted(HEAD, NOW)


def test_a_message_never_shows_its_text_in_a_representation() -> None:
    assert "整改" not in repr(message())
