"""Bonuses and deductions on real servers: claimed, proved by evidence's own events over Kafka, counted once, seen by whom they concern."""

import asyncio
from typing import Any

import httpx

from contracts import evidence
from kit.auth import Role
from kit.ids import uuid7
from kit.testing import eventually
from tests.integration.scoring.appraisal.rooms import Room
from tests.unit.scoring.appraisal.test_claims import TEXT

OLD = "市府通报〔2026〕7号"
NEW = "市府通报（２０２６）7 号"
SHA = "cd" * 32


def bonus(proof: str, number: str = OLD, level: str = "city", indicator: str = "praise") -> dict[str, Any]:
    document = {"number": number, "organ": "市人民政府"}
    return {"indicator": indicator, "document": document, "level": level, "reason": "受到表彰", "evidence": [proof]}


def deduction(proof: str, matter: str = "渣土车事故") -> dict[str, Any]:
    return {"indicator": "criticised", "matter": matter, "level": "city", "reason": "通报批评", "evidence": [proof]}


async def apply_for(room: Room, body: dict[str, Any], unit: str = "east", who: str = "liu") -> httpx.Response:
    return await room.ask("POST", f"/v1/claims/2026/{unit}", "unit", units=[unit], subject=who, json=body)


async def step(room: Room, claim: httpx.Response, move: str, role: Role, who: str) -> httpx.Response:
    path = f"/v1/claims/{claim.json()['id']}/steps/{move}"
    return await room.ask("POST", path, role, subject=who, json={"reason": "属实"})


async def withdraw(room: Room, claim: httpx.Response, unit: str) -> httpx.Response:
    return await room.ask("POST", f"/v1/claims/{claim.json()['id']}/steps/withdraw", "unit", units=[unit], json={"reason": "重复申报"})


async def recognised(room: Room, claim: httpx.Response) -> None:
    assert (await step(room, claim, "check", "assessor", "hua")).status_code == 200
    done = await step(room, claim, "recognise", "leader", "zhao")
    assert (done.status_code, done.json()["state"]) == (200, "recognised"), done.text


async def accepted(room: Room, unit: str | None = "east", revision: int = 1, proof: str | None = None) -> str:
    """A piece of evidence that its service accepted, as scoring hears it."""
    known = proof or str(uuid7())
    about = {"evidence": known, "revision": revision, "unit": unit, "subjects": (), "uploader": "liu"}
    await room.say(evidence.AcceptedV1.model_validate({**about, "sha256": SHA, "size": 1, "media_type": "application/pdf"}))
    return known


async def until_accepted(room: Room, claim: httpx.Response) -> None:
    async def heard() -> bool:
        found = await room.get("/v1/claims/2026", "office")
        return any(one["id"] == claim.json()["id"] and one["evidence"][0]["accepted"] for one in found)

    await eventually(heard, within=30)


async def test_a_claim_counts_once_its_evidence_was_accepted_and_no_more_when_the_bytes_are_gone(room: Room) -> None:
    async with room.running():
        await room.activate(TEXT)
        await room.until_points("east", "praise", "0.00")
        proof = str(uuid7())
        claim = await apply_for(room, bonus(proof))
        assert (claim.status_code, claim.json()["number"], claim.json()["state"]) == (201, 1, "applied"), claim.text
        assert (await step(room, claim, "check", "assessor", "hua")).status_code == 200
        early = await step(room, claim, "recognise", "leader", "zhao")
        assert (early.status_code, early.json()["type"].rsplit(":", 1)[-1]) == (422, "claim-refused")
        await accepted(room, proof=proof)
        await until_accepted(room, claim)
        assert (await step(room, claim, "recognise", "leader", "zhao")).status_code == 200
        await room.until_points("east", "praise", "1.00")
        found = await room.get("/v1/scores/2026/east/praise/trace")
        source = found["trace"]["sources"]["claims.1"]
        assert (source["document"], source["level"], source["evidence"], found["again"]) == (OLD, "city", {proof: SHA}, "1.00")
        await room.say(evidence.IntegrityFailedV1(evidence=proof, revision=1, expected=SHA, found=None))
        await room.until_points("east", "praise", "0.00")
        left_out = (await room.get("/v1/scores/2026/east/praise/trace"))["trace"]["sources"]["claims.1"]["left_out"]
        history = await room.get("/v1/scores/2026/east/praise/history")
        await accepted(room, proof=proof, revision=2)
        await room.until_points("east", "praise", "1.00")
    assert "evidence" in left_out["en"]
    assert "claims.1" in str(history)


async def test_the_same_document_written_otherwise_counts_once_at_its_highest_level(room: Room) -> None:
    async with room.running():
        await room.activate(TEXT)
        proof = await accepted(room)
        lower, higher = await apply_for(room, bonus(proof)), await apply_for(room, bonus(proof, NEW, "province"))
        await until_accepted(room, higher)
        await recognised(room, lower)
        await room.until_points("east", "praise", "1.00")
        await recognised(room, higher)
        await room.until_points("east", "praise", "2.00")
        sources = (await room.get("/v1/scores/2026/east/praise/trace"))["trace"]["sources"]
        assert sources["claims.1"]["left_out"]["en"].startswith("the same document as claim 2")
        elsewhere = await apply_for(room, bonus(proof, indicator="first"))
        await recognised(room, elsewhere)
        await room.until_points("east", "first", "3.00")
        await room.until_points("east", "praise", "0.00")


async def test_a_matter_is_deducted_once_and_the_unit_sees_that_it_was_proposed(room: Room) -> None:
    async with room.running():
        await room.activate(TEXT)
        proof = await accepted(room, unit=None)
        path = "/v1/claims/2026/east"
        assert (await room.ask("POST", path, "unit", units=["east"], json=deduction(proof))).status_code == 403
        first = await room.ask("POST", path, "office", subject="wang", json=deduction(proof))
        second = await room.ask("POST", path, "office", subject="wang", json=deduction(proof, " 渣土车\u3000事故"))
        assert {first.status_code, second.status_code} == {201}, first.text
        await until_accepted(room, second)
        assert (await step(room, first, "check", "office", "wang")).status_code == 403
        for one in (first, second):
            await recognised(room, one)
        await room.until_points("east", "criticised", "-1.00")
        (seen, _) = await room.get("/v1/claims/2026", "unit", units=["east"])
    assert (seen["state"], seen["matter"]) == ("recognised", "渣土车事故")
    assert "points" not in str(seen)


async def test_evidence_of_another_unit_proves_nothing(room: Room) -> None:
    async with room.running():
        await room.activate(TEXT)
        theirs, own = await accepted(room, unit="west"), await accepted(room)
        claim = await apply_for(room, bonus(theirs))
        known = await apply_for(room, bonus(own))
        await until_accepted(room, known)
        assert (await step(room, claim, "check", "office", "wang")).status_code == 200
        assert (await step(room, claim, "recognise", "leader", "zhao")).status_code == 422


async def test_a_unit_reads_and_moves_its_own_claims_only(room: Room) -> None:
    await room.activate(TEXT)
    claim = await apply_for(room, bonus(str(uuid7())))
    assert (await apply_for(room, bonus(str(uuid7())), "west", "he")).status_code == 201
    for unit in ("east", "west"):
        assert {one["unit"] for one in await room.get("/v1/claims/2026", "unit", units=[unit])} == {unit}
    assert (await room.ask("GET", "/v1/claims/2026?unit=east", "unit", units=["west"])).status_code == 403
    assert (await room.ask("POST", "/v1/claims/2026/east", "unit", units=["west"], json=bonus(str(uuid7())))).status_code == 403
    assert (await withdraw(room, claim, "west")).status_code == 404
    again = await room.ask(
        "PUT", f"/v1/claims/{claim.json()['id']}", "unit", units=["west"], json={**bonus(str(uuid7())), "indicator": None}
    )
    assert again.status_code == 404
    assert (await room.ask("GET", "/v1/claims/2026", "auditor")).status_code == 403
    assert len(await room.get("/v1/claims/2026", "leader")) == 2
    assert (await withdraw(room, claim, "east")).json()["state"] == "withdrawn"


async def test_a_returned_claim_is_put_right_and_after_the_closing_day_refused(room: Room) -> None:
    await room.activate(TEXT)
    claim = await apply_for(room, bonus(str(uuid7())))
    assert (await step(room, claim, "return", "office", "wang")).json()["state"] == "returned"
    body = {name: value for name, value in bonus(str(uuid7()), level="province").items() if name != "indicator"}
    again = await room.ask("PUT", f"/v1/claims/{claim.json()['id']}", "unit", units=["east"], subject="liu", json=body)
    assert (again.status_code, again.json()["state"], again.json()["level"]) == (200, "applied", "province"), again.text
    room.clock.move(days=200)
    late = await apply_for(room, bonus(str(uuid7())))
    assert (late.status_code, "2026-11-30" in late.json()["detail"]) == (422, True)
    assert (await step(room, claim, "check", "office", "wang")).status_code == 422
    assert (await step(room, claim, "refuse", "office", "wang")).json()["state"] == "refused"


async def test_numbers_are_given_once_however_many_apply_and_of_two_who_check_one_is_refused(room: Room) -> None:
    await room.activate(TEXT)
    both = await asyncio.gather(*(apply_for(room, bonus(str(uuid7()))) for _ in range(4)))
    assert sorted(one.json()["number"] for one in both) == [1, 2, 3, 4]
    checks = await asyncio.gather(*(step(room, both[0], "check", "office", who) for who in ("wang", "qian")))
    assert sorted(one.status_code for one in checks) == [200, 409]
