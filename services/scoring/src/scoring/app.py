"""The composition root of scoring: settings in, siblings out. The feed worker is a process of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Principal, Verifier
from kit.clock import Clock
from kit.db import Database
from kit.health import Health
from kit.http import Edge, create_app
from kit.inbox import Consumer
from kit.metrics import Metric, Metrics
from kit.outbox import Cause
from kit.run import Sibling, http_server
from kit.service import Messaging, messaging_of
from kit.workdays import Calendar, shipped
from scoring.appraisal import api, events
from scoring.appraisal.domain.changes import Change
from scoring.appraisal.events import SERVICE
from scoring.appraisal.handlers.closing import Closing
from scoring.appraisal.handlers.work import Desk, Work
from scoring.appraisal.settler import Settler
from scoring.appraisal.store.adjustments import SqlLocks
from scoring.appraisal.store.appointments import SqlAppointments, SqlSelfAssessments
from scoring.appraisal.store.ballots import AllJudgements, BallotedIndicators
from scoring.appraisal.store.claims import SqlClaims, SqlProofs
from scoring.appraisal.store.confirmations import SqlConfirmations
from scoring.appraisal.store.ledger import LedgerFigures, LedgerKinds, LedgerPast, LedgerPlatform, LedgerRecords
from scoring.appraisal.store.marks import SqlJudgements, SqlMarks
from scoring.appraisal.store.members import SqlMembers
from scoring.appraisal.store.overrides import SqlOverrides
from scoring.appraisal.store.registry import SqlRegistry
from scoring.appraisal.store.schemes import Shelf, SqlSchemes
from scoring.appraisal.store.scores import SqlScores
from scoring.appraisal.store.statements import SqlStatements
from scoring.appraisal.store.tables import PLUMBING
from scoring.appraisal.store.trials import DatabaseSnapshots, SqlTrials
from scoring.ballots import api as ballots_api
from scoring.ballots.api.desks import Desk as BallotDesk
from scoring.ballots.api.tries import Tries
from scoring.ballots.handlers.work import Work as BallotWork
from scoring.ballots.store.votes import SqlVotes
from scoring.ledger import api as ledger_api
from scoring.ledger import recount
from scoring.ledger.events import KafkaFeed
from scoring.ledger.handlers import work as ledger
from scoring.ledger.replaying import Replayer
from scoring.ledger.store.open_work import open_work as open_ledger
from scoring.ledger.store.proof import PgRecounts
from scoring.ledger.store.replays import replays
from scoring.settings import ScoringSettings

METRICS: Final = (
    Metric("histogram", "settle_seconds", "Time of a settle pass that had something to do."),
    Metric("gauge", "settle_dirty_marks", "Marks of moved totals that the last pass left for the next."),
    Metric("counter", "settled_units_total", "Units whose scores were computed anew."),
    Metric("counter", "scores_written_total", "Scores whose trace changed."),
    Metric("counter", "scores_changed_total", "Scores whose rounded points or standing changed."),
)


@dataclass(frozen=True, slots=True)
class Desks:
    """What a request works with: a desk in each room, on one transaction."""

    appraisal: Desk
    ledger: ledger.Work
    ballots: BallotDesk


@dataclass(frozen=True, slots=True)
class Workshop:
    """Opens the work of one transaction."""

    messaging: Messaging[Change]
    calendar: Calendar
    feed: KafkaFeed
    recounts: ledger.Recounts
    shelf: Shelf = field(default_factory=dict)
    tries: Tries = field(default_factory=Tries)

    def open_work(self, session: AsyncSession, cause: Cause) -> Work:
        return Work(
            registry=SqlRegistry(session),
            schemes=SqlSchemes(session, self.shelf),
            trials=SqlTrials(session),
            snapshots=DatabaseSnapshots(self.messaging.database, self._read_only, self.calendar),
            kinds=LedgerKinds(session, self.calendar),
            marks=SqlMarks(session),
            judgements=AllJudgements(SqlJudgements(session), SqlVotes(session), SqlClaims(session)),
            appointments=SqlAppointments(session),
            self_assessments=SqlSelfAssessments(session),
            overrides=SqlOverrides(session),
            claims=SqlClaims(session),
            proofs=SqlProofs(session),
            members=SqlMembers(session),
            figures=LedgerFigures(session, self.calendar),
            scores=SqlScores(session),
            records=LedgerRecords(session, self.calendar),
            closing=Closing(SqlConfirmations(session), SqlLocks(session), SqlStatements(session), LedgerPast(session, self.calendar)),
            platform=LedgerPlatform(session),
            outbox=self.messaging.outbox(session, cause),
            clock=self.messaging.clock,
        )

    def _read_only(self, session: AsyncSession) -> Work:
        return self.open_work(session, Cause(correlation=""))

    def open_desks(self, session: AsyncSession, principal: Principal, cause: Cause) -> Desks:
        clock, prefix = self.messaging.clock, self.messaging.prefix
        room = open_ledger(session, principal, feed=self.feed, recounts=self.recounts, clock=clock, prefix=prefix)
        return Desks(Desk(self.open_work(session, cause), principal), room, BallotDesk(self._open_ballots(session, principal), self.tries))

    def _open_ballots(self, session: AsyncSession, principal: Principal) -> BallotWork:
        indicators = BallotedIndicators(session, self.shelf)
        return BallotWork(votes=SqlVotes(session), indicators=indicators, clock=self.messaging.clock, caller=principal)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Work]:
        async with self.messaging.transaction() as (session, cause):
            yield self.open_work(session, cause)


@dataclass(frozen=True, slots=True)
class Scoring:
    """The service put together; tests take its parts, `__main__` runs its siblings."""

    app: FastAPI
    database: Database
    workshop: Workshop
    consumer: Consumer[Work]
    settler: Settler
    http: Sibling

    def siblings(self) -> Mapping[str, Sibling]:
        return {
            "http": self.http,
            "consumer": self.consumer.run,
            "feed": self.workshop.feed.run,
            "relay": self.workshop.messaging.relay().run,
            "settler": self.settler.run,
            "replaying": Replayer(partial(replays, self.database), self.workshop.feed).run,
        }

    async def prepare(self) -> None:
        """What has to be there before the first request: the platform as a source of its own facts."""
        async with self.workshop.transaction() as work:
            await work.platform.register()


def create(settings: ScoringSettings, *, verifier: Verifier | None = None, clock: Clock | None = None) -> Scoring:
    """Put the service together; nothing is started, and no server is asked."""
    metrics = Metrics(METRICS, recount.METRICS)
    messaging = messaging_of(SERVICE, settings, PLUMBING, events.contract_of, metrics=metrics, clock=clock)
    calendar = shipped()
    workshop = Workshop(
        messaging=messaging,
        calendar=calendar,
        feed=KafkaFeed(bootstrap=settings.kafka_bootstrap, prefix=settings.topic_prefix, replicas=settings.kafka_replicas),
        recounts=recount.WatchedRecounts(PgRecounts(settings.database_url.get_secret_value(), calendar), metrics),
    )
    consumer = messaging.consumer(events.SUBSCRIPTIONS, workshop.open_work)
    settler = Settler(workshop.transaction, metrics)
    app = create_app(
        title="Kaohe scoring 考核计分",
        description="Facts become records, totals, scores and traces; every score can be followed down to the fact that moved it.",
        routers=(*api.ROUTERS, *ballots_api.ROUTERS, *ledger_api.ROUTERS),
        problems={**api.PROBLEMS, **ballots_api.PROBLEMS, **ledger_api.PROBLEMS},
        edge=Edge(verifier or settings.verifier(), messaging.database, workshop.open_desks),
        health=Health({**messaging.checks(), "events": consumer.reader.check, "feed": workshop.feed.check, "settling": settler.check}),
        metrics=metrics,
    )
    return Scoring(app, messaging.database, workshop, consumer, settler, http_server(app, host=settings.http_host, port=settings.http_port))
