"""Votes in PostgreSQL: codes as keyed digests, papers sealed, and both gone when the vote ends."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.ballots.domain.codes import Digest
from scoring.ballots.domain.refusals import NoSuchVote, NotPossible
from scoring.ballots.domain.votes import Result, State, Turnout, Vote
from scoring.ballots.handlers.work import Burnt
from scoring.ballots.store.documents import document_of, result_document, vote_of
from scoring.ballots.store.tables import classes, codes, papers, votes


class SqlVotes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, vote: Vote) -> None:
        row = {
            "key": vote.key,
            "cycle": vote.cycle,
            "title": vote.title,
            "document": document_of(vote),
            "state": vote.state,
            "lock": vote.lock,
            "secret": vote.secret,
            "opened_by": vote.opened_by,
            "opened_at": vote.opened_at,
            "closes_at": vote.closes_at,
        }
        made = await self._session.execute(insert_once(votes).values(row).on_conflict_do_nothing().returning(votes.c.key))
        if made.one_or_none() is None:
            raise NotPossible(f"编号 {vote.key} 已有测评，请换一个", f"there is a vote {vote.key!r} already: choose another key")

    async def vote(self, key: str) -> Vote:
        return await self._one(key, select(votes))

    async def held(self, key: str) -> Vote:
        return await self._one(key, select(votes).with_for_update(read=True))

    async def locked(self, key: str) -> Vote:
        return await self._one(key, select(votes).with_for_update())

    async def _one(self, key: str, wanted: Select[tuple[object, ...]]) -> Vote:
        row = (await self._session.execute(wanted.where(votes.c.key == key))).one_or_none()
        if row is None:
            raise NoSuchVote(key)
        return vote_of(row)

    async def of_cycle(self, cycle: str) -> Sequence[Vote]:
        rows = await self._session.execute(select(votes).where(votes.c.cycle == cycle).order_by(votes.c.opened_at, votes.c.key))
        return [vote_of(row) for row in rows]

    async def turnout(self, key: str) -> Mapping[str, Turnout]:
        cast = select(papers.c["class"], func.count().label("cast")).where(papers.c.vote == key).group_by(papers.c["class"]).subquery()
        wanted = (
            select(classes.c["class"], classes.c.issued, classes.c.second, func.coalesce(cast.c.cast, 0).label("cast"))
            .outerjoin(cast, cast.c["class"] == classes.c["class"])
            .where(classes.c.vote == key)
        )
        rows = await self._session.execute(wanted)
        return {name: Turnout(issued=issued, cast=cast, second=second) for name, issued, second, cast in rows}

    async def issue(self, key: str, voter_class: str, digests: Collection[Digest], *, by: str, at: datetime) -> None:
        """Rows in the order of their digests: the printed list has another one."""
        row = {"vote": key, "class": voter_class, "issued": len(digests), "issued_by": by, "issued_at": at, "second": 0}
        made = await self._session.execute(insert_once(classes).values(row).on_conflict_do_nothing().returning(classes.c.vote))
        if made.one_or_none() is None:
            raise NotPossible(
                "该类别的测评码已发放，只显示一次；遗失的请作废本次测评后重新组织",
                "this class has its codes, which are shown once: cancel the vote and open another if they are lost",
            )
        rows = [{"vote": key, "digest": digest, "class": voter_class, "used": False} for digest in sorted(digests)]
        await self._session.execute(insert(codes), rows)

    async def burn(self, key: str, digest: Digest) -> Burnt | None:
        """Of two at once the later one waits here, and then finds the code used."""
        one = (codes.c.vote == key) & (codes.c.digest == digest)
        marked = update(codes).where(one, ~codes.c.used).values(used=True).returning(codes.c["class"])
        first = (await self._session.execute(marked)).scalar_one_or_none()
        if first is not None:
            return Burnt(first, is_first=True)
        known = (await self._session.execute(select(codes.c["class"]).where(one))).scalar_one_or_none()
        return None if known is None else Burnt(known, is_first=False)

    async def drop_in(self, key: str, voter_class: str, sealed: bytes) -> None:
        await self._session.execute(insert(papers).values({"vote": key, "sealed": sealed, "class": voter_class}))

    async def count_second(self, key: str, voter_class: str) -> None:
        one = (classes.c.vote == key) & (classes.c["class"] == voter_class)
        await self._session.execute(update(classes).where(one).values(second=classes.c.second + 1))

    async def papers(self, key: str) -> Sequence[tuple[str, bytes]]:
        rows = await self._session.execute(select(papers.c["class"], papers.c.sealed).where(papers.c.vote == key).order_by(papers.c.sealed))
        return [(name, sealed) for name, sealed in rows]

    async def end(self, key: str, state: State, *, by: str, at: datetime, reason: str | None = None, result: Result | None = None) -> None:
        ended = {"state": state, "secret": None, "ended_by": by, "ended_at": at, "reason": reason, "result": result_document(result)}
        await self._session.execute(update(votes).where(votes.c.key == key).values(ended))
        for table in (codes, papers):
            await self._session.execute(delete(table).where(table.c.vote == key))
