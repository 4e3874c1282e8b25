"""The public language as JSON Schema files, generated from the contracts; `python -m contracts.schemas FOLDER` writes them."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from contracts import evidence, feedback, notification, scoring
from contracts.envelope import Contract, contracts_of

OWNERS = (evidence, feedback, notification, scoring)


def every_contract() -> Iterator[type[Contract]]:
    """All contracts of all owners, by type."""
    for owner in OWNERS:
        yield from contracts_of(owner)


def schema_of(contract: type[Contract]) -> str:
    """The contract's JSON Schema, as the file says it."""
    return json.dumps({"$id": contract.TYPE} | contract.model_json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    folder = Path(sys.argv[1])
    for contract in every_contract():
        (folder / f"{contract.TYPE}.json").write_text(schema_of(contract))


if __name__ == "__main__":
    main()
