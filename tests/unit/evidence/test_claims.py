import pytest

from evidence.domain.claims import (
    BORNE_OUT_BY,
    Confidentiality,
    Fault,
    Found,
    Subject,
    SubjectKind,
    UnitCode,
    confidentiality_of,
    fault_of,
)
from evidence.domain.refusals import BadClaim, BadSubject, ClassifiedMaterial
from tests.unit.evidence.builders import SHA, a_claim

PDF = frozenset({"application/pdf"})
LARGEST = 1000


@pytest.mark.parametrize("name", ["", "  ", "a/b.pdf", "a\\b.pdf", "a\nb.pdf", "长" * 201])
def test_a_name_that_is_empty_too_long_or_a_path_is_refused(name: str) -> None:
    with pytest.raises(BadClaim) as refused:
        a_claim(name=name).checked(largest=LARGEST)
    assert refused.value.field == "name"


@pytest.mark.parametrize("size", [-1, 0, LARGEST + 1])
def test_a_file_without_bytes_or_over_the_limit_is_refused(size: int) -> None:
    with pytest.raises(BadClaim) as refused:
        a_claim(size=size).checked(largest=LARGEST)
    assert refused.value.field == "size"


@pytest.mark.parametrize("sha256", ["", "a" * 63, "A" * 64, "g" * 64])
def test_a_hash_is_written_in_one_way_only(sha256: str) -> None:
    with pytest.raises(BadClaim):
        a_claim(sha256=sha256).checked(largest=LARGEST)


@pytest.mark.parametrize("media_type", ["application/x-msdownload", "text/html", "image/svg+xml", ""])
def test_what_can_run_in_a_browser_or_on_a_machine_is_no_evidence(media_type: str) -> None:
    with pytest.raises(BadClaim, match="application/pdf"):
        a_claim(media_type=media_type).checked(largest=LARGEST)


def test_a_claim_of_the_largest_size_passes() -> None:
    claim = a_claim(size=LARGEST)
    assert claim.checked(largest=LARGEST) is claim


def test_bytes_that_are_as_declared_have_no_fault() -> None:
    assert fault_of(a_claim(), Found(10, SHA, PDF)) is None


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (Found(0, "b" * 64, frozenset()), Fault.SIZE_DIFFERS),
        (Found(10, "b" * 64, frozenset()), Fault.HASH_DIFFERS),
        (Found(10, SHA, frozenset({"image/png"})), Fault.TYPE_DIFFERS),
        (Found(10, SHA, frozenset()), Fault.TYPE_DIFFERS),
    ],
)
def test_the_first_difference_is_the_fault(found: Found, fault: Fault) -> None:
    assert fault_of(a_claim(), found) is fault


def test_a_table_of_values_is_borne_out_by_being_text() -> None:
    assert fault_of(a_claim(media_type="text/csv"), Found(10, SHA, frozenset({"text/plain"}))) is None


def test_every_type_that_may_be_claimed_can_be_borne_out() -> None:
    assert all(BORNE_OUT_BY.values())


@pytest.mark.parametrize("word", ["涉密", "秘密", "机密", "绝密", "classified", "secret"])
def test_classified_material_is_refused_whatever_it_is_called(word: str) -> None:
    with pytest.raises(ClassifiedMaterial):
        confidentiality_of(word)


@pytest.mark.parametrize(("word", "level"), [("公开", "public"), ("内部", "internal"), ("工作秘密", "work_secret"), ("public", "public")])
def test_levels_are_understood_in_both_languages(word: str, level: str) -> None:
    assert confidentiality_of(word) is Confidentiality(level)


def test_an_unknown_level_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadClaim, match="work_secret"):
        confidentiality_of("private")


@pytest.mark.parametrize("ident", ["row-1", "2026/row-1", "2026/wanglan/row-1/x", "2026//row-1"])
def test_an_indicator_is_named_with_its_cycle_and_unit(ident: str) -> None:
    with pytest.raises(BadSubject):
        Subject(SubjectKind.INDICATOR, ident).checked(UnitCode("wanglan"))


def test_evidence_of_one_unit_does_not_prove_anothers_indicator() -> None:
    with pytest.raises(BadSubject):
        Subject(SubjectKind.INDICATOR, "2026/beiwei/row-1").checked(UnitCode("wanglan"))


@pytest.mark.parametrize("unit", [UnitCode("wanglan"), None])
def test_the_units_own_evidence_and_the_offices_prove_its_indicator(unit: UnitCode | None) -> None:
    subject = Subject(SubjectKind.INDICATOR, "2026/wanglan/row-1")
    assert subject.checked(unit) is subject
