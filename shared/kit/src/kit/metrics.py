"""Metrics: each one declared once, with a sentence, in a table that its service owns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of a metrics table; `name` carries its unit at the end (`_total`, `_seconds`, `_bytes`)."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    sentence: str
    labels: tuple[str, ...] = ()


KIT: Final = (
    Metric("counter", "http_requests_total", "Requests answered, by route and status.", ("method", "route", "status")),
    Metric("histogram", "http_request_seconds", "Time to answer a request, by route.", ("route",)),
    Metric("counter", "events_handled_total", "Events between services that were handled, by type and outcome.", ("type", "outcome")),
    Metric("counter", "outbox_sent_total", "Outbox rows that Kafka acknowledged."),
    Metric("gauge", "outbox_oldest_unsent_seconds", "Age of the oldest outbox row that was not sent yet."),
    Metric("gauge", "consumer_lag_messages", "Messages not handled yet, by topic.", ("topic",)),
)


class Metrics:
    """The metrics of one process; asking for one that was not declared is an error."""

    def __init__(self, *tables: Iterable[Metric]) -> None:
        self.registry = CollectorRegistry()
        self._rows = {row.name: row for table in (KIT, *tables) for row in table}
        makers: dict[str, type[Counter | Gauge | Histogram]] = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}
        self._made = {row.name: makers[row.kind](row.name, row.sentence, row.labels, registry=self.registry) for row in self._rows.values()}

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        metric = self._made[name]
        assert isinstance(metric, Counter)  # noqa: S101 - a wrong use is a bug, not a state
        (metric.labels(**labels) if labels else metric).inc(by)

    def set(self, name: str, value: float, **labels: str) -> None:
        metric = self._made[name]
        assert isinstance(metric, Gauge)  # noqa: S101 - a wrong use is a bug, not a state
        (metric.labels(**labels) if labels else metric).set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        metric = self._made[name]
        assert isinstance(metric, Histogram)  # noqa: S101 - a wrong use is a bug, not a state
        (metric.labels(**labels) if labels else metric).observe(value)

    def page(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)
