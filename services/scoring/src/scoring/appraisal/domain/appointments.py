"""Who may judge what: an assessor is appointed for a cycle, trained for it, and never judges the own unit (回避)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from scoring.appraisal.domain.faults import Conflict, EntriesRefused, Fault, NotAllowed
from scoring.appraisal.domain.schemes import CycleKey, Indicator, IndicatorKey, UnitCode
from scoring.appraisal.domain.shapes import fault, listed
from scoring.appraisal.domain.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """An assessor of a cycle: of whole departments, of single indicators, or both; `own_unit` is where the person serves."""

    cycle: CycleKey
    subject: str
    name: str
    trained_on: date | None
    departments: frozenset[str]
    indicators: frozenset[IndicatorKey]
    own_unit: UnitCode | None = None

    def covers(self, indicator: Indicator) -> bool:
        return indicator.department in self.departments or indicator.key in self.indicators


def checked(appointment: Appointment, *, by: str, known: Collection[Indicator], today: date) -> Appointment:
    """The appointment, if the office may make it.

    Raises `NotAllowed` for whoever appoints oneself, `Conflict` for a training that is still to come or for no indicator at
    all, `EntriesRefused` with every department or indicator that no version of the cycle's scheme knows.
    """
    if appointment.subject == by:
        raise NotAllowed(Text("不得指定本人为考核人，请由考核办其他人员办理", "nobody appoints oneself: ask a colleague of the office"))
    if appointment.trained_on is not None and appointment.trained_on > today:
        raise Conflict(Text("培训日期在今天之后，请在培训后登记", "the training is still to come: record it afterwards"))
    if not appointment.departments and not appointment.indicators:
        raise Conflict(Text("请写明科室（departments）或指标（indicators）", "say which departments or which indicators"))
    faults = _unknown("departments", appointment.departments, {indicator.department for indicator in known})
    faults += _unknown("indicators", appointment.indicators, {indicator.key for indicator in known})
    if faults:
        raise EntriesRefused(faults)
    return appointment


def entitled(appointment: Appointment | None, indicator: Indicator) -> Appointment:
    """The appointment that lets its holder judge this indicator; raises `NotAllowed` with what has to be done first."""
    if appointment is None or not appointment.covers(indicator):
        raise NotAllowed(
            Text(
                f"您未被指定为“{indicator.name}”的考核人，请联系考核办办理指定（assessors）",
                f"you are not appointed to judge {indicator.key}: ask the appraisal office for an appointment (assessors)",
            )
        )
    if appointment.trained_on is None:
        raise NotAllowed(
            Text(
                "尚无本周期的考核培训记录，请先参加培训并由考核办登记（trained_on）",
                "no training for this cycle is recorded: be trained, and have the office record it (trained_on)",
            )
        )
    return appointment


def _unknown(field: str, named: Collection[str], known: Collection[str]) -> tuple[Fault, ...]:
    return tuple(
        fault((field,), Text(f"方案中没有“{name}”", f"the scheme has no {name!r}"), listed(sorted(known)))
        for name in sorted(named)
        if name not in known
    )
