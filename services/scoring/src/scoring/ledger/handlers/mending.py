"""Set right what went wrong: ask for a replay or discard what was set aside, adopt a log, look into the feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.ledger.handlers.refusals import InTheWay
from scoring.ledger.handlers.registering import source_of
from scoring.ledger.handlers.work import Kept, SourceSummary, Work

MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SourceNow:
    """A source's summary and how many messages on its log are not taken yet."""

    summary: SourceSummary
    behind: int


async def replay(message: int, *, work: Work) -> Kept:
    """Ask for a message to be produced again as it was; its row closes when it was applied.

    Only asked for: the `Replayer` sends it, so that no transaction stands open while Kafka answers.
    """
    kept = await work.quarantine.kept(message)
    if kept.closed_at is not None:
        raise InTheWay("该消息已处理完毕，无需重放", "this message is done with: there is nothing to replay")
    await work.quarantine.ask(kept.id)
    return kept


async def replay_all(source: str, reason: str | None, *, work: Work) -> int:
    """Ask for a source's open messages, of one reason or of all, in the order in which they came; how many they are.

    Those that were asked for already are on their way; asked again, it goes on with the next ones.
    """
    await source_of(source, catalogue=work.catalogue)
    return await work.quarantine.ask_all(source, reason, most=MOST_AT_ONCE)


async def discard(message: int, *, work: Work) -> Kept:
    """Close a message that will never be used; it is kept all the same."""
    kept = await work.quarantine.kept(message)
    if kept.closed_at is not None:
        raise InTheWay("该消息已处理完毕", "this message is done with already")
    await work.quarantine.discarded(message, at=work.clock.now())
    return await work.quarantine.kept(message)


async def adopt(slug: str, *, work: Work) -> None:
    """Take the log that is there now for the known one, after a topic was made anew on purpose."""
    await source_of(slug, catalogue=work.catalogue)
    await work.logs.adopt(slug, await work.feed.begins(slug))


async def sources_now(*, work: Work) -> Sequence[SourceNow]:
    """Every source, with its messages that are on the log and not taken yet."""
    summaries = await work.readings.summary()
    ends = await work.feed.ends([summary.source for summary in summaries])
    return [SourceNow(summary, _behind(summary, ends[summary.source])) for summary in summaries]


def _behind(summary: SourceSummary, ends: Mapping[int, int]) -> int:
    return sum(max(0, end - summary.taken.get(partition, 0)) for partition, end in ends.items())
