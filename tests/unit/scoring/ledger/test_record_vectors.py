import json
from typing import Any

import pytest

from scoring.ledger.domain.facts import event_of, parse
from scoring.ledger.domain.records import Record, fold
from tests.vectors import cases


@pytest.mark.parametrize("case", cases("records"))
def test_facts_come_to_the_records_of_the_vectors(case: dict[str, Any]) -> None:
    events = [event_of(parse(json.dumps(fact).encode())) for fact in case["facts"]]
    folded = fold(events)
    assert {f"{source}|{subject}": shown(record) for (source, subject), record in folded.records.items()} == case["records"]
    assert [{"source": events[at].source, "id": events[at].id, "index": at} for at in folded.conflicts] == case["conflicts"]


def shown(record: Record) -> dict[str, Any]:
    attributes = {name: held.value for name, held in record.attributes.items()}
    return {"unit": record.unit_code, "withdrawn": record.is_withdrawn, "attributes": attributes}
