"""How much the fault tests break, and from which seed: short in CI, long by KAOHE_FAULTS=long, the same again by KAOHE_SEED."""

import os
import random
from typing import Final, TypeVar

IS_LONG: Final = os.environ.get("KAOHE_FAULTS") == "long"  # noqa: TID251 - a fault test's size is the caller's choice
_ASKED: Final = os.environ.get("KAOHE_SEED")  # noqa: TID251 - and so is its seed
SEED: Final = int(_ASKED) if _ASKED else random.SystemRandom().randrange(10**9)

Amount = TypeVar("Amount", int, float)


def either(*, short: Amount, long: Amount) -> Amount:
    """The amount for CI or the one for the long run."""
    return long if IS_LONG else short


def dice(name: str) -> random.Random:
    """The randomness of one part of a test: its own, so that drawing more in one part changes nothing in another."""
    return random.Random(f"{SEED}/{name}")


def replay(test: str) -> str:
    """The command that plays a test again with the seed of this run."""
    return f"KAOHE_SEED={SEED} {'KAOHE_FAULTS=long ' if IS_LONG else ''}.venv/bin/python -m pytest -q -s {test}"
