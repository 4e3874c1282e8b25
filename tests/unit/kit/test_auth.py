import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from kit.auth import Verifier
from kit.errors import Unauthenticated
from kit.testing import AUDIENCE, ISSUER, TestIssuer


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer()


async def test_a_good_token_says_who_asks(issuer: TestIssuer) -> None:
    principal = await issuer.verifier().principal(issuer.token("unit", subject="p-1", units=["wanglan"]))
    assert (principal.subject, principal.roles, principal.units) == ("p-1", frozenset({"unit"}), frozenset({"wanglan"}))


async def test_a_role_that_nobody_knows_gives_nothing(issuer: TestIssuer) -> None:
    assert (await issuer.verifier().principal(issuer.token(roles=["emperor"]))).roles == frozenset()


@pytest.mark.parametrize(
    "changed",
    [{"iss": "http://elsewhere"}, {"aud": "another"}, {"exp": int(time.time()) - 3600}, {"sub": None}],
    ids=["another issuer", "another audience", "expired", "no subject"],
)
async def test_a_token_with_wrong_claims_is_refused(issuer: TestIssuer, changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await issuer.verifier().principal(issuer.token("office", **changed))


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": "at+jwt", "jku": "http://evil.test/keys"}], ids=["no access token", "brings its key"]
)
async def test_a_token_with_an_unacceptable_header_is_refused(issuer: TestIssuer, header: dict[str, str]) -> None:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "p-1", "exp": int(time.time()) + 60, "roles": ["office"]}
    token = jwt.encode({"alg": "ES256", "kid": "test", **header}, claims, issuer.key, algorithms=["ES256"])
    with pytest.raises(Unauthenticated):
        await issuer.verifier().principal(token)


async def test_a_key_of_another_provider_is_refused(issuer: TestIssuer) -> None:
    stranger = TestIssuer(key=ECKey.generate_key("P-256", {"kid": "test", "alg": "ES256"}))
    with pytest.raises(Unauthenticated):
        await issuer.verifier().principal(stranger.token("office"))


async def test_keys_are_fetched_once_for_good_tokens_and_seldom_for_bad_ones(issuer: TestIssuer) -> None:
    fetched = 0

    async def counted() -> dict[str, object]:
        nonlocal fetched
        fetched += 1
        return await issuer.keys()

    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, keys=counted)
    for _ in range(5):
        await verifier.principal(issuer.token("office"))
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await verifier.principal("no.token.at-all")
    assert fetched == 1
