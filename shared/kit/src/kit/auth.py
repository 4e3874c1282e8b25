"""Who is asking: bearer tokens of the bureau's OpenID Connect provider, checked."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from kit.errors import NotYet, Unauthenticated

Role = Literal["admin", "office", "assessor", "unit", "leader", "auditor", "feed"]
ROLES: Final = frozenset(get_args(Role))

Algorithm = Literal["ES256", "RS256", "PS256", "Ed25519"]  # a deployment admits one; never none, never HMAC
REFUSED_HEADERS: Final = ("crit", "jku", "x5u", "jwk", "x5c")  # a token may not bring or point at its own key
TOKEN_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})  # RFC 9068
REFRESH_AT_MOST_EVERY: Final = 10.0  # seconds; unknown key ids must not make us hammer the provider
SKEW: Final = 30  # seconds of difference between the clocks of the provider and ours


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or machine account; `units` limits the roles `unit`, `assessor` and `feed` (there: the sources) to what it may touch."""

    subject: str
    name: str
    roles: frozenset[str]
    units: frozenset[str] = frozenset()


Keys = Callable[[], Awaitable[dict[str, Any]]]


def keys_at(url: str) -> Keys:
    """The provider's key set, fetched anew on each call."""

    async def fetch() -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(url)
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
                return found
        except httpx.HTTPError as error:
            raise NotYet("身份认证服务暂不可用，请稍后再试", f"the identity provider is out of reach, try again later: {error}") from error

    return fetch


class Verifier:
    """Checks tokens: signature, issuer, audience, type, times. Keys are cached and fetched again, seldom, for an unknown key id."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: Keys,
        algorithm: Algorithm = "ES256",
        roles_claim: str = "roles",
        units_claim: str = "units",
    ) -> None:
        self._claims = jwt.JWTClaimsRegistry(
            leeway=SKEW,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._registry = JWSRegistry(algorithms=[algorithm])
        self._keys = keys
        self._cached: KeySet | None = None
        self._fetched = float("-inf")
        self._roles_claim = roles_claim
        self._units_claim = units_claim

    async def principal(self, token: str) -> Principal:
        """Who holds this token; raises `Unauthenticated` with the reason, `NotYet` when the provider's keys can't be had."""
        try:
            return self._checked(token, await self._key_set(refresh=False))
        except (JoseError, ValueError) as error:
            keys = await self._key_set(refresh=True)
            if keys is None:
                raise Unauthenticated(f"the token is not valid: {error}") from error
        try:
            return self._checked(token, keys)
        except (JoseError, ValueError) as error:
            raise Unauthenticated(f"the token is not valid: {error}") from error

    async def _key_set(self, *, refresh: bool) -> KeySet | None:
        """The cached keys, or fresh ones when asked for and not just fetched (then `None`)."""
        if self._cached is not None and not refresh:
            return self._cached
        if time.monotonic() - self._fetched < REFRESH_AT_MOST_EVERY:
            return None
        self._cached = KeySet.import_key_set(await self._keys())  # type: ignore[arg-type]  # joserfc wants its own TypedDict
        self._fetched = time.monotonic()
        return self._cached

    def _checked(self, token: str, keys: KeySet | None) -> Principal:
        if keys is None:
            raise Unauthenticated("no keys to check the token with")
        found = jwt.decode(token, keys, registry=self._registry)
        if any(name in found.header for name in REFUSED_HEADERS) or str(found.header.get("typ", "")).lower() not in TOKEN_TYPES:
            raise Unauthenticated("the token's header is not acceptable")
        self._claims.validate(found.claims)
        claims = found.claims
        roles = frozenset(_words(claims, self._roles_claim)) & ROLES
        name = str(claims.get("name", claims["sub"]))
        return Principal(subject=str(claims["sub"]), name=name, roles=roles, units=frozenset(_words(claims, self._units_claim)))


def _words(claims: dict[str, Any], name: str) -> list[str]:
    """A claim that is a list of words; dots lead into nested objects (`realm_access.roles`)."""
    value: Any = claims
    for part in name.split("."):
        value = value.get(part, []) if isinstance(value, dict) else []
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
