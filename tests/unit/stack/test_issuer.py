from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from stack.issuer import application, key_of

KEY = ECKey.generate_key("P-256", {"kid": "k"})


def client() -> httpx.AsyncClient:
    app = application(issuer="http://issuer", key=KEY, secret="sesame")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://issuer")


async def test_a_token_says_who_with_which_roles_over_which_units() -> None:
    async with client() as http:
        wanted = {"subject": "zhang", "name": "张三", "roles": ["unit"], "units": ["wanglan"]}
        answer = await http.post("/token", json=wanted, headers={"authorization": "Bearer sesame"})
    token = jwt.decode(answer.json()["access_token"], KEY, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["aud"] == "kaohe"
    assert token.claims["iss"] == "http://issuer"
    assert (token.claims["sub"], token.claims["name"]) == ("zhang", "张三")
    assert (token.claims["roles"], token.claims["units"]) == (["unit"], ["wanglan"])


@pytest.mark.parametrize("authorization", ["", "Bearer guess", "Bearer 猜"])
async def test_without_the_secret_there_is_no_token(authorization: str) -> None:
    async with client() as http:
        headers = {b"authorization": authorization.encode()}
        answer = await http.post("/token", json={"subject": "x", "roles": ["admin"]}, headers=headers)
    assert answer.status_code == 401


async def test_the_published_key_is_only_the_public_half() -> None:
    async with client() as http:
        keys = (await http.get("/jwks.json")).json()["keys"]
    assert [key["kid"] for key in keys] == ["k"]
    assert "d" not in keys[0]


def test_the_key_is_made_once(tmp_path: Path) -> None:
    assert key_of(tmp_path / "key").as_dict() == key_of(tmp_path / "key").as_dict()
