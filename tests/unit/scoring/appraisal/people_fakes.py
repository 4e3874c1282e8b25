"""Protocols of marks, appointments, members and overrides in memory."""
# ruff: noqa: ARG002 - a fake takes what its Protocol names

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scoring.appraisal.domain.appointments import Appointment
from scoring.appraisal.domain.claims import Claim, ClaimId, Proven
from scoring.appraisal.domain.claims import State as ClaimState
from scoring.appraisal.domain.given import NOTHING_GIVEN, Given, GivenOf
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
class FakeClaims:
    """Claims, and the pieces of evidence that are accepted: by id and revision, none where the bytes are damaged."""

    known: dict[ClaimId, Claim] = field(default_factory=dict)
    proofs: dict[tuple[str, int], str | None] = field(default_factory=dict)

    async def next_number(self, cycle: CycleKey) -> int:
        return len(self.known) + 1

    async def add(self, claim: Claim) -> None:
        self.known[claim.id] = claim

    async def held(self, claim: ClaimId) -> Claim:
        return self.known[claim]

    async def write(self, claim: Claim) -> None:
        self.known[claim.id] = claim

    async def proven(self, claim: Claim) -> Proven:
        sound = {evidence: sha for (evidence, _), sha in self.proofs.items() if sha}
        return Proven(claim=claim, accepted={each: sound[each] for each in claim.content.evidence if each in sound})

    async def of(
        self, cycle: CycleKey, *, units: Collection[UnitCode] | None, indicators: Collection[IndicatorKey] | None
    ) -> Sequence[Proven]:
        chosen = [one for one in self.known.values() if units is None or one.unit in units]
        return [await self.proven(one) for one in chosen if indicators is None or one.indicator in indicators]

    async def citing(self, evidence: str) -> Sequence[tuple[CycleKey, UnitCode]]:
        return [(one.cycle, one.unit) for one in self.known.values() if evidence in one.content.evidence]

    async def accept(self, evidence: str, revision: int, *, unit: UnitCode | None, sha256: str) -> None:
        self.proofs.setdefault((evidence, revision), sha256)

    async def spoil(self, evidence: str, revision: int, *, sha256: str) -> None:
        self.proofs[evidence, revision] = None


@dataclass
class FakeJudgements:
    marks: FakeMarks
    claims: FakeClaims

    async def given(self, cycle: CycleKey, units: Collection[UnitCode]) -> Mapping[UnitCode, GivenOf]:
        counting: dict[tuple[UnitCode, IndicatorKey], list[Mark]] = {}
        for mark in self.marks.given_marks:
            if mark.counts:
                counting.setdefault((mark.unit, mark.indicator), []).append(mark)
        found = {unit: {key: given_of(several) for (of, key), several in counting.items() if of == unit} for unit in units}
        for one in self.claims.known.values():
            if one.state is ClaimState.RECOGNISED and one.unit in found:
                held = found[one.unit].get(one.indicator, NOTHING_GIVEN).claims
                found[one.unit][one.indicator] = Given({}, {}, (*held, await self.claims.proven(one)))
        return found
