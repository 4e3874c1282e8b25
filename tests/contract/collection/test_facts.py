"""What collection says on a source's topic is the public language of feeds."""

import json
from datetime import UTC, datetime

from collection.domain.facts import Fact, Observed, Withdrawn
from collection.events import cloud_event, encoded
from contracts.feed import RECORD_OBSERVED, RECORD_WITHDRAWN, RecordObserved, RecordWithdrawn

SOURCE = "urn:test:cases"
AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
OBSERVED = Observed(
    id="A/1/2026-03-02/001",
    subject="A/1",
    time=AT,
    kind="case",
    unit="甲",
    values={"on": "2026-03-02", "paid": True, "amount": "12.50", "note": None},
)
WITHDRAWN = Withdrawn(id="A/1/2026-03-03/001", subject="A/1", time=AT, reason="不再见于登记簿")


def test_an_observation_is_the_contracts_payload_in_a_cloud_event() -> None:
    event = cloud_event(OBSERVED, SOURCE)
    assert event | {"data": None} == {
        "specversion": "1.0",
        "type": RECORD_OBSERVED,
        "source": SOURCE,
        "id": "A/1/2026-03-02/001",
        "subject": "A/1",
        "time": "2026-03-02T01:30:00Z",
        "datacontenttype": "application/json",
        "data": None,
    }
    payload = RecordObserved.model_validate(event["data"])
    assert (payload.kind, payload.unit, payload.set) == ("case", "甲", OBSERVED.values)


def test_a_row_that_says_nothing_of_the_unit_leaves_it_out() -> None:
    silent = Observed(id="1", subject="A/1", time=AT, kind="case", unit=None, values={})
    assert "unit" not in cloud_event(silent, SOURCE)["data"]


def test_a_withdrawal_is_the_contracts_payload_in_a_cloud_event() -> None:
    event = cloud_event(WITHDRAWN, SOURCE)
    assert event["type"] == RECORD_WITHDRAWN
    assert RecordWithdrawn.model_validate(event["data"]).reason == "不再见于登记簿"


def test_the_same_fact_gives_the_same_bytes() -> None:
    facts: list[Fact] = [OBSERVED, WITHDRAWN]
    for fact in facts:
        assert encoded(fact, SOURCE) == encoded(fact, SOURCE)
        assert json.loads(encoded(fact, SOURCE)) == cloud_event(fact, SOURCE)
