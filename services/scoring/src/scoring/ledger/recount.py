"""The proof told: to a person by `python -m scoring recount`, and to whoever watches by a metric."""

import sys
from dataclasses import dataclass
from typing import Final

from kit.metrics import Metric, Metrics
from scoring.ledger.handlers.work import Proof, Recounts

MOST_SHOWN: Final = 20
METRICS: Final = (
    Metric("gauge", "recount_differences", "Records and totals that the last recount found to differ; must be 0."),
    Metric("counter", "recounts_total", "Recounts that were made."),
)


@dataclass(frozen=True, slots=True)
class WatchedRecounts:
    """Recounts whose result is shown as a metric."""

    recounts: Recounts
    metrics: Metrics

    async def prove(self) -> Proof:
        proof = await self.recounts.prove()
        self.metrics.set("recount_differences", len(proof.wrong_records) + len(proof.wrong_totals))
        self.metrics.count("recounts_total")
        return proof


async def recount(recounts: Recounts) -> int:
    """0 when totals, records and facts agree, 1 when they don't."""
    proof = await recounts.prove()
    sys.stdout.write(told(proof))
    return 0 if proof.holds else 1


def told(proof: Proof) -> str:
    size = f"{proof.facts} facts, {proof.records} records, {proof.places} totals / 事实、记录、汇总"
    if proof.holds:
        return f"{size}: all agree / 全部一致\n"
    lines = [f"record {source} {subject} is not what its facts come to" for source, subject in proof.wrong_records[:MOST_SHOWN]]
    lines += [" ".join(f"{name}={value}" for name, value in one.items()) for one in proof.wrong_totals[:MOST_SHOWN]]
    wrong = f"{len(proof.wrong_records)} records and {len(proof.wrong_totals)} totals differ / 存在差异"
    return "\n".join([f"{size}: {wrong}", *lines]) + "\n"
