from pathlib import Path

import pytest

from contracts.envelope import Contract
from contracts.schemas import every_contract, schema_of

MEMBER = Path(__file__).parents[3] / "shared/contracts"
CONTRACTS = list(every_contract())
BY_TYPE = {contract.TYPE: contract for contract in CONTRACTS}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.TYPE)
def test_the_schema_file_is_what_the_code_says(contract: type[Contract]) -> None:
    assert (MEMBER / "schemas" / f"{contract.TYPE}.json").read_text() == schema_of(contract), "run: make schemas"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.TYPE)
def test_every_contract_has_a_golden_example(contract: type[Contract]) -> None:
    assert (MEMBER / "examples" / f"{contract.TYPE}.json").exists()


@pytest.mark.parametrize("path", sorted((MEMBER / "examples").glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_example_parses_for_ever(path: Path) -> None:
    payload = BY_TYPE[path.stem].model_validate_json(path.read_text())
    assert payload.key


def test_no_two_contracts_share_a_type() -> None:
    assert len(BY_TYPE) == len(CONTRACTS)
