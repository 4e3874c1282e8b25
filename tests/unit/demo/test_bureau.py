"""The bureau is whole: every duty is somebody's, no address is real, every source knows every unit."""

from collections import Counter

from demo.bureau import UNIT_DUTIES, load_bureau, load_kinds, load_sources

BUREAU = load_bureau()


def test_eight_sub_bureaus_and_six_brigades_are_appraised() -> None:
    assert Counter(unit.group for unit in BUREAU.units) == {"sub_bureaus": 8, "brigades": 6}


def test_each_unit_has_its_four_duties_and_a_leader_in_charge() -> None:
    for unit in BUREAU.units:
        duties = {person.duty for person in BUREAU.people() if unit.code in person.units}
        assert duties == {*UNIT_DUTIES, "bureau_deputy"}


def test_the_bureau_has_all_eight_duties() -> None:
    assert {person.duty for person in BUREAU.people()} == {
        *UNIT_DUTIES,
        "department_head",
        "office_director",
        "bureau_deputy",
        "bureau_head",
    }


def test_nobody_is_named_twice_and_nobody_can_be_reached_outside() -> None:
    people = list(BUREAU.people())
    assert len({person.id for person in people}) == len({person.name for person in people}) == len(people)
    assert all(person.email.endswith(".example.org") for person in people)


def test_every_source_has_its_own_code_for_every_unit() -> None:
    for source in load_sources():
        assert len({source.code_of(unit) for unit in BUREAU.units}) == len(BUREAU.units)


def test_each_kind_is_reported_by_exactly_one_source() -> None:
    assert sorted(kind for source in load_sources() for kind in source.kinds) == sorted(kind.key for kind in load_kinds())
