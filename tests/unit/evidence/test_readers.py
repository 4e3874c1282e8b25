import pytest

from evidence.domain.claims import Confidentiality, UnitCode
from evidence.domain.readers import Reader, reader_of

WANGLAN = UnitCode("wanglan")


def who(*roles: str, units: frozenset[str] = frozenset({"wanglan"})) -> Reader:
    return reader_of("s", "n", roles=frozenset(roles), units=units)


def test_a_units_staff_see_their_own_unit_and_no_level_of_others() -> None:
    reader = who("unit")
    assert list(reader.units) == [WANGLAN]
    assert not reader.levels


@pytest.mark.parametrize("role", ["office", "assessor"])
def test_those_who_mark_and_verify_read_everything(role: str) -> None:
    assert who(role).levels == frozenset(Confidentiality)


def test_a_leader_reads_no_work_secrets() -> None:
    assert who("leader").levels == {Confidentiality.PUBLIC, Confidentiality.INTERNAL}


@pytest.mark.parametrize("role", ["admin", "auditor", "feed"])
def test_who_configures_audits_or_feeds_reads_no_file(role: str) -> None:
    reader = who(role)
    assert not reader.units | reader.levels


def test_units_of_a_token_mean_nothing_without_the_units_role() -> None:
    assert who("assessor").units == frozenset()


@pytest.mark.parametrize(
    ("role", "unit", "may"),
    [
        ("unit", "wanglan", True),
        ("unit", "beiwei", False),
        ("unit", None, False),
        ("office", None, True),
        ("assessor", "beiwei", True),
        ("leader", "wanglan", False),
    ],
)
def test_who_may_hand_in_for_whom(role: str, unit: str | None, *, may: bool) -> None:
    assert who(role).may_upload_for(None if unit is None else UnitCode(unit)) is may
