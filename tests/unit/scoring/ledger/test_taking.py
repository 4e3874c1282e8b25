import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scoring.ledger.domain.contributions import Catalogue
from scoring.ledger.domain.facts import Event, Message
from scoring.ledger.domain.reasons import Reason
from scoring.ledger.domain.records import Record, RecordKey, fold
from scoring.ledger.domain.values import Kind
from scoring.ledger.handlers.taking import FactId, Knowledge, Outcome, Source, Versioned, refold, take
from tests.unit.scoring.ledger.events import CASES, KEEPING, KINDS, MORNING, counted, observed, withdrawn

TOPIC = "feed.case-system"
SOURCE = Source(CASES, ZoneInfo("Asia/Shanghai"))
CLOSED = {"status": "closed", "closed_on": "2026-03-09"}
NOW = MORNING + timedelta(hours=1)


@dataclass(slots=True)
class HeldFacts:
    """A ledger in memory."""

    digests: dict[FactId, bytes] = field(default_factory=dict)
    records: dict[RecordKey, Versioned] = field(default_factory=dict)
    times: dict[tuple[str, int], datetime] = field(default_factory=dict)
    frontier: RecordKey = ("", "")
    events: list[Event] = field(default_factory=list)

    async def known(self, ids: Collection[FactId]) -> Mapping[FactId, bytes]:
        return {id_: self.digests[id_] for id_ in ids if id_ in self.digests}

    async def passed(self, keys: Collection[RecordKey], backfills: Collection[int]) -> Mapping[int, Collection[RecordKey]]:
        return {number: {key for key in keys if key <= self.frontier} for number in backfills}

    async def locked(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Versioned]:
        return {key: self.records[key] for key in keys if key in self.records}

    async def newest(self, partitions: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], datetime]:
        return {place: self.times[place] for place in partitions if place in self.times}

    async def folded(self, keys: Collection[RecordKey], kinds: Mapping[str, Kind]) -> Mapping[RecordKey, Record]:
        whole = fold(self.events, kinds).records
        return {key: whole[key] for key in keys}

    def keep(self, outcome: Outcome) -> None:
        self.events += [taken.event for taken in outcome.facts]
        self.digests |= {(taken.event.source, taken.event.id): taken.event.digest for taken in outcome.facts}
        self.records |= {one.record.key: Versioned(one.record, one.version + 1) for one in outcome.records}
        self.times |= outcome.newest


def knowledge(kinds: Mapping[str, Kind] = KINDS, **document: object) -> Knowledge:
    return Knowledge(1, {"case-system": SOURCE}, kinds, Catalogue([counted(1, kinds, **document)], {("case-system", "east"): "u-east"}))


def message(offset: int, document: Mapping[str, object]) -> Message:
    return Message(TOPIC, 0, offset, 0, str(document.get("subject")).encode(), json.dumps(document).encode())


async def taken(facts: HeldFacts, *documents: Mapping[str, object], known: Knowledge | None = None) -> Outcome:
    messages = [message(offset, document) for offset, document in enumerate(documents)]
    outcome = await take(messages, facts=facts, knowledge=known or knowledge(), sources={TOPIC: SOURCE}, now=NOW)
    facts.keep(outcome)
    return outcome


async def test_a_batch_holds_each_record_once_with_the_version_that_was_read() -> None:
    facts = HeldFacts()
    first = await taken(facts, observed("e-1", set=CLOSED), observed("e-2", minute=1), observed("e-3", subject="case-2"))
    second = await taken(facts, observed("e-4", minute=2))
    assert [(one.record.subject, one.version) for one in first.records] == [("case-1", 0), ("case-2", 0)]
    assert [(one.record.subject, one.version) for one in second.records] == [("case-1", 1)]


async def test_a_duplicate_is_counted_and_touches_no_record() -> None:
    facts = HeldFacts()
    await taken(facts, observed("e-1", set=CLOSED))
    outcome = await taken(facts, observed("e-1", set=CLOSED), observed("e-2"), observed("e-2"))
    assert [one.event.id for one in outcome.duplicates] == ["e-1", "e-2"]
    assert [one.event.id for one in outcome.facts] == ["e-2"]
    assert outcome.tallies["case-system"].duplicates == 2


async def test_a_duplicate_whose_kind_is_no_longer_known_is_still_a_duplicate() -> None:
    facts = HeldFacts()
    await taken(facts, observed("e-1", set=CLOSED))
    without = Knowledge(2, {"case-system": SOURCE}, {}, Catalogue([], {}))
    outcome = await take([message(0, observed("e-1", set=CLOSED))], facts=facts, knowledge=without, sources={TOPIC: SOURCE}, now=NOW)
    assert (len(outcome.duplicates), outcome.set_aside) == (1, [])


async def test_another_content_and_another_kind_are_conflicts() -> None:
    facts = HeldFacts()
    await taken(facts, observed("e-1", set=CLOSED))
    outcome = await taken(facts, observed("e-1", set={"status": "open"}), observed("e-2", kind="complaint"))
    assert [(one.event, one.reason) for one in outcome.set_aside] == [("e-1", Reason.OTHER_CONTENT), ("e-2", Reason.OTHER_KIND)]
    assert outcome.tallies["case-system"].conflicts == 2
    assert outcome.records == []


async def test_another_value_of_an_attribute_is_a_correction_and_a_withdrawal_is_none() -> None:
    facts = HeldFacts()
    fresh = await taken(facts, observed("e-1", unit="east", set=CLOSED))
    moved = await taken(facts, observed("e-2", minute=1, set={"closed_on": "2026-04-01"}))
    gone = await taken(facts, withdrawn("e-3", minute=2))
    tallies = [outcome.tallies["case-system"] for outcome in (fresh, moved, gone)]
    assert [(tally.corrected, tally.withdrawn) for tally in tallies] == [(0, 0), (1, 0), (0, 1)]
    assert sorted(place.month for place in moved.totals) == ["2026-03", "2026-04"]


async def test_a_correction_is_counted_once_in_whatever_order_it_comes() -> None:
    said = [observed("e-1", set=CLOSED), observed("e-2", minute=1, set={"closed_on": "2026-04-01", "amount": "5"})]
    counts = [(await taken(HeldFacts(), *order)).tallies["case-system"].corrected for order in (said, said[::-1])]
    assert counts == [1, 1]


async def test_what_is_said_again_or_added_corrects_nothing() -> None:
    outcome = await taken(HeldFacts(), observed("e-1", set=CLOSED), observed("e-2", minute=1, unit="west", set=CLOSED | {"amount": "5"}))
    assert outcome.tallies["case-system"].corrected == 0


async def test_a_fact_more_than_a_day_behind_its_partition_is_late() -> None:
    facts = HeldFacts(times={(TOPIC, 0): MORNING + timedelta(days=2)})
    outcome = await taken(facts, observed("e-1"), observed("e-2", minute=24 * 60 + 1))
    assert outcome.tallies["case-system"].late == 1


async def test_a_slip_into_the_far_future_makes_nothing_late() -> None:
    facts = HeldFacts()
    far = observed("e-1") | {"time": datetime(2099, 1, 1, tzinfo=UTC).isoformat()}
    outcome = await taken(facts, far, observed("e-2"))
    assert outcome.tallies["case-system"].late == 0
    assert outcome.newest == {(TOPIC, 0): MORNING}


async def test_undeclared_attributes_are_counted_by_name() -> None:
    outcome = await taken(HeldFacts(), observed("e-1", set={"colour": "red"}), observed("e-2", set={"colour": 1, "size": 2}))
    assert outcome.undeclared == {("case-system", "case", "colour"): 2, ("case-system", "case", "size"): 1}


async def test_a_closed_batch_is_kept_apart_from_the_facts() -> None:
    closing = observed("b-1") | {"type": "feed.batch_closed.v1", "data": {"day": "2026-03-02", "count": 0, "digest": "0" * 64}}
    outcome = await taken(HeldFacts(), closing)
    assert (len(outcome.closings), outcome.facts, outcome.records) == (1, [], [])


async def test_a_record_that_others_hold_already_is_read_and_not_made_anew() -> None:
    facts = HeldFacts(records={("case-system", "case-1"): Versioned(Record("case-system", "case-1", "case"), 7)})
    outcome = await taken(facts, observed("e-1", set=CLOSED))
    assert [one.version for one in outcome.records] == [7]


async def test_a_measure_that_is_being_counted_gets_only_the_changes_of_records_that_its_count_has_passed() -> None:
    facts = HeldFacts(frontier=("case-system", "case-5"))
    known = replace(knowledge(), backfills={7: Catalogue([counted()], {("case-system", "east"): "u-east"})})
    closed = [observed(f"e-{subject}", subject=subject, set=CLOSED, unit="east") for subject in ("case-4", "case-5", "case-6")]
    outcome = await taken(facts, *closed, known=known)
    assert [amount.n for amount in outcome.totals.values()] == [3]
    assert [amount.n for amount in outcome.backfilled.values()] == [2]
    moved = [observed(f"f-{subject}", subject=subject, minute=1, set={"closed_on": None}) for subject in ("case-5", "case-6")]
    outcome = await taken(facts, *moved, known=known)
    assert [amount.n for amount in outcome.totals.values()] == [-2]
    assert [amount.n for amount in outcome.backfilled.values()] == [-1]


async def test_a_record_folded_again_has_the_history_that_its_facts_tell() -> None:
    facts, key = HeldFacts(), ("case-system", "case-1")
    sent = [
        observed(f"e-{number}", minute=number, unit="east", set={"due_on": due}) for number, due in enumerate(("2026-03-31", "2026-04-30"))
    ]
    for place, document in enumerate(sent):
        facts.keep(await take([message(place, document)], facts=facts, knowledge=knowledge(), sources={TOPIC: SOURCE}, now=NOW))
    known = knowledge(KEEPING, at={"attribute": "due_on", "take": "first"})
    outcome = await refold([key], facts=facts, knowledge=known)
    assert [one.record.values("due_on") for one in outcome.records] == [["2026-03-31", "2026-04-30"]]
    assert [(place.month, amount.n) for place, amount in outcome.totals.items()] == [("2026-03", 1)]
    facts.keep(outcome)
    assert (await refold([key], facts=facts, knowledge=known)).records == []
