import gzip
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

from tests.integration.evidence.rooms import PDF, Room, declaration, sha256

MEBIBYTE = 1 << 20


async def test_a_declared_file_is_uploaded_rehashed_locked_and_accepted(room: Room) -> None:
    ticket = await room.sent()
    answer = await room.finalized(ticket)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["state"], found["sha256"], found["media_type"]) == ("accepted", sha256(PDF), "application/pdf")
    assert found["locked_until"] > "2036"


async def test_finalizing_again_changes_nothing(room: Room) -> None:
    ticket = await room.accepted()
    again = await room.finalized(ticket)
    assert (again.status_code, again.json()["state"]) == (200, "accepted")
    assert len(room.copies(ticket)) == 1


async def test_bytes_that_differ_from_the_declared_hash_are_refused_with_the_reason(room: Room) -> None:
    ticket = await room.sent(instead=PDF.replace(b"Catalog", b"catalog"))
    found = (await room.finalized(ticket)).json()
    assert (found["state"], found["fault"]) == ("refused", "hash_differs")
    assert "SHA-256" in found["zh"]
    assert room.copies(ticket) == []


async def test_a_file_of_another_size_is_refused(room: Room) -> None:
    ticket = await room.sent(instead=PDF + b"more")
    assert (await room.finalized(ticket)).json()["fault"] == "size_differs"


async def test_bytes_that_only_unpacked_would_be_the_declared_ones_are_refused(room: Room) -> None:
    ticket = await room.declared()
    put = await room.store.put(ticket["url"], content=gzip.compress(PDF), headers={"content-encoding": "gzip"})
    assert put.status_code == 200
    assert (await room.finalized(ticket)).json()["fault"] == "size_differs"


async def test_an_empty_file_is_refused_for_its_size(room: Room) -> None:
    ticket = await room.sent(instead=b"")
    assert (await room.finalized(ticket)).json()["fault"] == "size_differs"


async def test_a_program_that_claims_to_be_a_pdf_is_refused(room: Room) -> None:
    program = b"MZ\x90\x00" + bytes(200)
    ticket = await room.sent(program)
    assert (await room.finalized(ticket)).json()["fault"] == "type_differs"


async def test_a_file_that_never_came_is_a_clear_conflict_and_may_still_come(room: Room) -> None:
    ticket = await room.declared()
    refused = await room.finalized(ticket)
    assert (refused.status_code, refused.json()["title"]) == (409, "not-uploaded")
    await room.store.put(ticket["url"], content=PDF)
    assert (await room.finalized(ticket)).json()["state"] == "accepted"


async def test_an_upload_address_can_be_had_anew_until_the_file_is_settled(room: Room) -> None:
    ticket = await room.declared()
    path = f"/v1/evidence/{ticket['evidence']}/revisions/1/upload"
    fresh = await room.http.post(path, headers=room.as_unit())
    assert (await room.store.put(fresh.json()["url"], content=PDF)).status_code == 200
    assert (await room.finalized(ticket)).json()["state"] == "accepted"
    late = await room.http.post(path, headers=room.as_unit())
    assert (late.status_code, late.json()["title"]) == (409, "illegal-move")


async def test_a_second_revision_stands_beside_the_first(room: Room) -> None:
    first = await room.accepted()
    better = PDF + b"%% signed\n"
    body = {name: value for name, value in declaration(better).items() if name not in {"unit", "subjects"}}
    second = (await room.http.post(f"/v1/evidence/{first['evidence']}/revisions", json=body, headers=room.as_unit())).json()
    await room.store.put(second["url"], content=better)
    assert (await room.finalized(second)).json()["revision"] == 2
    piece = (await room.http.get(f"/v1/evidence/{first['evidence']}", headers=room.as_unit())).json()
    assert [one["state"] for one in piece["revisions"]] == ["accepted", "accepted"]


async def test_sixty_four_mebibytes_are_hashed_and_locked_in_constant_memory(room: Room) -> None:
    block = b"0123456789abcdef" * (MEBIBYTE // 16)
    digest = hashlib.sha256()
    for _ in range(64):
        digest.update(block)
    claim: dict[str, Any] = {"size": 64 * MEBIBYTE, "sha256": digest.hexdigest(), "media_type": "text/plain", "name": "记录.txt"}
    ticket = await room.declared(**claim)

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield block

    put = await room.store.put(ticket["url"], content=blocks(), headers={"content-length": str(64 * MEBIBYTE)})
    assert put.status_code == 200
    tracemalloc.start()
    try:
        answer = await room.finalized(ticket)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.json()["state"] == "accepted"
    assert most < 8 * MEBIBYTE


async def test_the_accepted_bytes_come_back_as_a_download_and_the_read_is_logged(room: Room) -> None:
    ticket = await room.accepted()
    path = f"/v1/evidence/{ticket['evidence']}"
    given = (await room.http.post(f"{path}/revisions/1/downloads", headers=room.as_office())).json()
    fetched = await room.store.get(given["url"])
    assert fetched.content == PDF
    assert fetched.headers["content-disposition"].startswith("attachment")
    log = (await room.http.get(f"{path}/reads", headers=room.issuer.headers("auditor"))).json()
    assert [(one["reader"], one["revision"]) for one in log] == [("office-1", 1)]


async def test_nothing_can_be_downloaded_before_it_was_accepted(room: Room) -> None:
    ticket = await room.sent()
    answer = await room.http.post(f"/v1/evidence/{ticket['evidence']}/revisions/1/downloads", headers=room.as_unit())
    assert (answer.status_code, answer.json()["title"]) == (409, "not-accepted")
