"""Protocols of marks, appointments, members and overrides in memory."""
# ruff: noqa: ARG002 - a fake takes what its Protocol names

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.given import GivenOf
from scoring.appraisal.domain.marks import OVER, PRIVATE, Held, Mark, MarkId, Place, SelfAssessment, Succession, given_of
from scoring.appraisal.domain.marks import State as MarkState
from scoring.appraisal.domain.members import Member
from scoring.appraisal.domain.overrides import HOLDS, Override, OverrideId
from scoring.appraisal.domain.schemes import CycleKey, IndicatorKey, UnitCode


@dataclass
class FakeMarks:
    known: dict[MarkId, Mark] = field(default_factory=dict)

    @property
    def given_marks(self) -> list[Mark]:
        return list(self.known.values())

    async def held(self, places: Collection[Place]) -> Mapping[Place, Held]:
        return {place: self._held([mark for mark in self.known.values() if mark.place == place]) for place in places}

    def _held(self, marks: list[Mark]) -> Held:
        given = [mark for mark in marks if mark.state not in PRIVATE | OVER]
        return Held(
            current=given[-1] if given else None,
            counting=next((mark for mark in given if mark.counts), None),
            drafts=tuple(mark for mark in marks if mark.state is MarkState.DRAFT),
        )

    async def keep(self, successions: Iterable[Succession]) -> None:
        for one in successions:
            self.known |= {mark.id: mark for mark in (*one.former, one.mark)}

    async def mark(self, known: MarkId) -> Mark:
        return self.known[known]

    async def given(self, cycle: CycleKey, *, reader: str, indicators: Collection[IndicatorKey] | None) -> Sequence[Mark]:
        return [
            mark
            for mark in reversed(self.given_marks)
            if mark.assessor == reader or (mark.state not in PRIVATE and (indicators is None or mark.indicator in indicators))
        ]


@dataclass
class FakeAppointments:
    known: dict[str, Appointment] = field(default_factory=dict)

    async def put(self, appointment: Appointment) -> None:
        self.known[appointment.subject] = appointment

    async def of(self, cycle: CycleKey, subject: str) -> Appointment | None:
        return self.known.get(subject)

    async def all(self, cycle: CycleKey) -> Sequence[Appointment]:
        return list(self.known.values())


@dataclass
class FakeSelfAssessments:
    known: dict[Place, SelfAssessment] = field(default_factory=dict)

    async def put(self, said: SelfAssessment) -> None:
        self.known[Place(said.cycle, said.unit, said.indicator)] = said

    async def of(self, cycle: CycleKey, unit: UnitCode, indicator: IndicatorKey) -> SelfAssessment | None:
        return self.known.get(Place(cycle, unit, indicator))


@dataclass
class FakeMembers:
    known: dict[UnitCode, dict[str, Member]] = field(default_factory=dict)

    async def put(self, member: Member) -> None:
        self.known.setdefault(member.unit, {})[member.key] = member

    async def of(self, units: Collection[UnitCode] | None) -> Mapping[UnitCode, Sequence[Member]]:
        return {unit: list(team.values()) for unit, team in self.known.items() if units is None or unit in units}


@dataclass
class FakeOverrides:
    known: dict[OverrideId, Override] = field(default_factory=dict)

    async def add(self, override: Override) -> None:
        self.known[override.id] = override

    async def locked(self, known: OverrideId) -> Override:
        return self.known[known]

    async def keep(self, override: Override) -> None:
        self.known[override.id] = override

    async def in_force(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, Mapping[IndicatorKey, Override]]:
        holding = [override for override in self.known.values() if override.state in HOLDS]
        return {unit: {override.indicator: override for override in holding if override.unit == unit} for unit in units}

    async def all(self, cycle: CycleKey) -> Sequence[Override]:
        return list(self.known.values())


@dataclass
class FakeJudgements:
    marks: FakeMarks

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        counting: dict[tuple[UnitCode, IndicatorKey], list[Mark]] = {}
        for mark in self.marks.given_marks:
            if mark.counts:
                counting.setdefault((mark.unit, mark.indicator), []).append(mark)
        return {unit: {key: given_of(several) for (of, key), several in counting.items() if of == unit} for unit in units}
