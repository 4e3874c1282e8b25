import pytest

from scoring.ledger.store.backfilling import Stride


@pytest.mark.parametrize(
    ("records", "seconds", "then"),
    [(1_000, 0.01, 2_000), (1_000, 0.8, 1_250), (1_000, 1.25, 800), (1_000, 4.9, 500), (15_000, 0.1, 20_000), (1, 4.9, 1)],
)
def test_a_stride_is_what_fits_into_a_second_and_changes_by_a_factor_of_two_at_most(records: int, seconds: float, then: int) -> None:
    stride = Stride(records=records)
    stride.took(seconds)
    assert stride.records == then


def test_a_stride_that_failed_is_halved_and_never_ends() -> None:
    stride = Stride(records=3)
    for left in (1, 1):
        stride.halve()
        assert stride.records == left
