"""How an invariant says what is broken."""

from collections.abc import Collection


def some(words: str, found: Collection[object]) -> list[str]:
    """The words with what was found, if anything was: how many, and a handful of them."""
    return [f"{words}: {len(found)}, such as {sorted(map(str, found))[:5]}"] if found else []
