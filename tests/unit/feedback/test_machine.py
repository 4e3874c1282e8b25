"""A rectification under any order of moves, legal or not, over two years of days."""

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from feedback.domain.facts import ItemFact
from feedback.domain.ladder import ORDER, Stage
from feedback.domain.rectification import Rectification
from feedback.domain.states import ENDED, MOVES, RUNNING, State
from feedback.domain.words import Light, Person
from kit.errors import Refused
from tests.unit.feedback.builders import CALENDAR, POLICY, opened

PEOPLE = st.sampled_from([Person(name) for name in ("unit-1", "assessor-1", "office-1", "leader-1")])
EDGES = {(start, end) for (start, _move), end in MOVES.items()}


class Machine(RuleBasedStateMachine):
    item: Rectification
    today: date
    told: dict[date, list[Stage]]

    @initialize()
    def raised(self) -> None:
        self.today = date(2024, 5, 6)
        self.item = opened(today=self.today)
        self.told = {}

    def moved(self, decide: Callable[[], ItemFact]) -> None:
        was = self.item
        try:
            fact = decide()
        except Refused:
            assert self.item == was
            return
        assert was.state == fact.item.state or (was.state, fact.item.state) in EDGES
        self.item = fact.item

    @rule(days=st.integers(1, 12))
    def time_passes(self, days: int) -> None:
        self.today = min(self.today + timedelta(days=days), date(2026, 6, 1))

    @rule(by=PEOPLE)
    def notice(self, by: Person) -> None:
        self.moved(lambda: self.item.notice(number=1, by=by, today=self.today, policy=POLICY))

    @rule(by=PEOPLE)
    def sign(self, by: Person) -> None:
        self.moved(lambda: self.item.sign(by=by, today=self.today, policy=POLICY, calendar=CALENDAR))

    @rule(by=PEOPLE)
    def start(self, by: Person) -> None:
        self.moved(lambda: self.item.start(by=by, today=self.today))

    @rule(by=PEOPLE)
    def submit(self, by: Person) -> None:
        self.moved(lambda: self.item.submit(report="完成", by=by, today=self.today))

    @rule(by=PEOPLE)
    def return_for(self, by: Person) -> None:
        self.moved(lambda: self.item.return_for(missing="照片", by=by, today=self.today, policy=POLICY, calendar=CALENDAR))

    @rule(by=PEOPLE, accepted=st.integers(0, 2))
    def verify(self, by: Person, accepted: int) -> None:
        submitter, was = self.item.submitted_by, self.item.state
        self.moved(lambda: self.item.verify(by=by, today=self.today, accepted=accepted))
        if was is State.SUBMITTED and self.item.state is State.VERIFIED:
            assert by != submitter
            assert accepted

    @rule(by=PEOPLE)
    def close(self, by: Person) -> None:
        self.moved(lambda: self.item.close(by=by, today=self.today))

    @rule(by=PEOPLE, days=st.integers(1, 60), granted=st.booleans())
    def extend(self, by: Person, days: int, *, granted: bool) -> None:
        until = self.today + timedelta(days=days)
        self.moved(lambda: self.item.ask_for_extension(until=until, reason="雨", by=by, today=self.today, policy=POLICY, calendar=CALENDAR))
        self.moved(lambda: self.item.decide_extension(granted=granted, by=by, today=self.today))

    @rule()
    def tick(self) -> None:
        due_on = self.item.due_on
        if due_on is None:
            return
        told = self.told.setdefault(due_on, [])
        fact = self.item.stage_reached(today=self.today, told=frozenset(told), policy=POLICY, calendar=CALENDAR)
        if fact is not None:
            assert self.item.state in RUNNING
            told += [*fact.skipped, fact.stage]

    @invariant()
    def every_stage_is_told_or_skipped_once_in_order(self) -> None:
        assert all(told == list(ORDER[: len(told)]) for told in self.told.values())

    @invariant()
    def what_was_signed_has_a_deadline_and_keeps_its_number(self) -> None:
        if self.item.state not in {State.OPEN, State.NOTICED}:
            assert self.item.due_on is not None
            assert self.item.number == 1

    @invariant()
    def an_item_has_ended_exactly_when_it_has_an_end(self) -> None:
        assert (self.item.state in ENDED) == (self.item.ended_on is not None)

    @invariant()
    def red_is_shown_only_where_a_deadline_runs(self) -> None:
        light = self.item.light(today=self.today, policy=POLICY, calendar=CALENDAR)
        assert light is not Light.RED or self.item.state in RUNNING


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
