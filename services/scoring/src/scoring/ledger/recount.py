"""`python -m scoring recount`: the proof, told to a person."""

import sys

from scoring.ledger.handlers.work import Proof, Recounts

MOST_SHOWN = 20


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
