"""What happens to facts on their way: said twice, said late, corrected, withdrawn, or sent so that nobody can use them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from demo.simulator.chance import chance
from demo.simulator.facts import Fact, Message, Observed, Value, Withdrawn, envelope, message_of, written
from demo.simulator.scenario import OFFICE_MINUTES, Record, Scenario

REASONS: Final = ("重复登记", "误录入", "移送其他机关")
DAY: Final = timedelta(days=1)


def _ten_times(value: Value) -> Value:
    return int(value or 0) * 10


def _doubtful(value: Value) -> Value:
    return f"{value}（待核）"


def _misheard(_value: Value) -> Value:
    return True


@dataclass(frozen=True, slots=True)
class Slip:
    """What a source enters wrongly and corrects later; `weight` is how much likelier it is than others.

    Only what flatters moves a score: before a correction upwards a unit might fall under a line by chance.
    """

    wrong: Callable[[Value], Value]
    weight: float = 1.0


SLIPS: Final[Mapping[str, Slip]] = {
    "penalty": Slip(_ten_times),
    "topic": Slip(_doubtful),
    "title": Slip(_doubtful),
    "satisfied": Slip(_misheard, weight=12.0),  # few callers are unsatisfied
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How likely an accident is for those whom it can meet, so that its share of all facts is the wanted one."""

    late: float
    duplicate: float
    slip: float
    withdrawal: float


def odds(scenario: Scenario, records: Sequence[Record]) -> Odds:
    rates = scenario.conduct.rates
    facts = sum(len(record.facts) for record in records)
    slips = (_slip_in(fact) for record in records if not record.staged for fact in record.facts)
    open_to_slips = sum(SLIPS[slip].weight for slip in slips if slip is not None)
    open_to_withdrawal = sum(not record.staged for record in records)
    return Odds(
        late=rates.late,
        duplicate=rates.duplicates,
        slip=rates.corrections * facts / max(open_to_slips, 1),
        withdrawal=rates.withdrawals * facts / max(open_to_withdrawal, 1),
    )


def _slip_in(fact: Observed) -> str | None:
    return next((name for name in SLIPS if name in fact.set and SLIPS[name].wrong(fact.set[name]) != fact.set[name]), None)


def told(record: Record, odds: Odds) -> tuple[Fact, ...]:
    """The record's facts with its corrections and its withdrawal, in the order of their times."""
    if record.staged or not record.facts:
        return tuple(record.facts)
    rng = chance(record.scenario.seed, "accident", record.subject)
    facts: list[Fact] = []
    for fact in record.facts:
        facts.extend(_perhaps_corrected(fact, rng, odds))
    facts.sort(key=lambda fact: fact.time)
    if rng.random() < odds.withdrawal:
        at = facts[-1].time + DAY * rng.randint(1, 4)
        facts.append(Withdrawn(source=record.source, id=f"{record.subject}-w", subject=record.subject, time=at, reason=rng.choice(REASONS)))
    return tuple(fact for fact in facts if fact.time.date() <= record.scenario.last)


def _perhaps_corrected(fact: Observed, rng: Random, odds: Odds) -> Iterator[Fact]:
    slip = _slip_in(fact)
    if slip is None or rng.random() >= odds.slip * SLIPS[slip].weight:
        yield fact
        return
    yield replace(fact, set={**fact.set, slip: SLIPS[slip].wrong(fact.set[slip])})
    yield replace(fact, id=f"{fact.id}c", time=fact.time + DAY * rng.randint(1, 5), set={slip: fact.set[slip]})


def sent(scenario: Scenario, facts: Iterable[Fact], odds: Odds, *, staged: bool) -> Iterator[Message]:
    """The messages of a record: mostly one a fact when it happens; some come days later, some twice."""
    for fact in facts:
        rng = chance(scenario.seed, "way", fact.id)
        at = fact.time
        if not staged and rng.random() < odds.late:
            at = scenario.at((fact.time + DAY * rng.randint(2, 9)).date(), rng.uniform(0, OFFICE_MINUTES))
        yield message_of(fact, at)
        if not staged and rng.random() < odds.duplicate:
            yield message_of(fact, at + timedelta(minutes=rng.randint(1, 20), days=rng.choice((0, 0, 0, 1, 2))))


def _truncated(event: dict[str, Any]) -> bytes:
    return written(event)[:-40]


def _changed(**values: object) -> Callable[[dict[str, Any]], bytes]:
    return lambda event: written({**event, **values})


def _with_value(name: str, value: object) -> Callable[[dict[str, Any]], bytes]:
    def spoil(event: dict[str, Any]) -> bytes:
        return written({**event, "data": {**event["data"], "set": {**event["data"]["set"], name: value}}})

    return spoil


def _unknown_kind(event: dict[str, Any]) -> bytes:
    return written({**event, "data": {**event["data"], "kind": "case2"}})


# What no door can see: the envelope is right, the content is not.
WRONG_CONTENT: Final = (_unknown_kind, _with_value("due_on", "2026-02-30"), _with_value("due_on", "下月初"), _with_value("status", 3))
# What only a system that writes to the log by itself can do: an HTTP intake refuses it.
WRONG_ENVELOPE: Final = (
    _truncated,
    _changed(source="urn:qingyan:test-system"),
    _changed(type="feed.record_seen.v0"),
    _changed(time="昨天"),
    lambda event: b"\xff\xfe" + written(event),
    lambda event: json.dumps({**event, "data": {**event["data"], "set": {"penalty": 10**24}}}).encode(),
)


def unusable(scenario: Scenario, facts: Sequence[Fact]) -> Iterator[Message]:
    """Messages that the platform has to put aside: made from real ones, with ids and subjects of their own."""
    rng = chance(scenario.seed, "unusable")
    spoilable = [fact for fact in facts if isinstance(fact, Observed) and fact.kind in {"case", "complaint"}]
    for number in range(round(len(facts) * scenario.conduct.rates.unusable)):
        fact = rng.choice(spoilable)
        spoilers = WRONG_CONTENT if fact.source.door == "http" else WRONG_CONTENT + WRONG_ENVELOPE
        spoiled = replace(fact, id=f"{fact.id}-x{number}", subject=f"{fact.subject}-x{number}")
        yield _spoiled(spoiled, spoilers[number % len(spoilers)], scenario.at(fact.time.date(), rng.uniform(0, OFFICE_MINUTES)))


def _spoiled(fact: Observed, spoil: Callable[[dict[str, Any]], bytes], at: datetime) -> Message:
    value = spoil(dict(envelope(fact)))
    return Message(source=fact.source, id=fact.id, at=at, key=fact.subject.encode(), value=value, usable=False)
