"""A small OpenID Connect issuer for development: it gives whoever knows the folder's secret any token. Production settings refuse it."""

import json
import secrets
import time
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import FastAPI, Header, HTTPException, status
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field

from stack.folder import write_private

AUDIENCE: Final = "kaohe"
ALGORITHM: Final = "ES256"
HALF_A_DAY: Final = 12 * 3600
A_WEEK: Final = 7 * 24 * 3600


class TokenWanted(BaseModel):
    """Whose token, with which roles over which units."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(min_length=1, max_length=200)
    name: str | None = None
    roles: list[str]
    units: list[str] = []
    lifetime: int = Field(default=HALF_A_DAY, gt=0, le=A_WEEK, description="seconds")


class Token(BaseModel):
    """An answer in the form of RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type of token, no password
    expires_in: int


def key_of(path: Path) -> ECKey:
    """The signing key of this folder, made at the first call."""
    if not path.exists():
        made = ECKey.generate_key("P-256", {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM}, private=True)
        write_private(path, json.dumps(made.as_dict(private=True)))
    return ECKey.import_key(json.loads(path.read_text()))


def signed(wanted: TokenWanted, *, key: ECKey, issuer: str, now: int) -> str:
    """An access token in the form of RFC 9068."""
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": wanted.subject,
        "name": wanted.name or wanted.subject,
        "roles": wanted.roles,
        "units": wanted.units,
        "iat": now,
        "exp": now + wanted.lifetime,
        "jti": secrets.token_hex(16),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key)


def application(*, issuer: str, key: ECKey, secret: str) -> FastAPI:
    """Three endpoints: who I am, my public key, a token."""
    app = FastAPI(title="Kaohe development issuer", docs_url=None, redoc_url=None)

    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, object]:
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks.json",
            "token_endpoint": f"{issuer}/token",
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }

    @app.get("/jwks.json")
    async def jwks() -> dict[str, object]:
        return {"keys": [key.as_dict(private=False)]}

    @app.post("/token")
    async def token(wanted: TokenWanted, authorization: Annotated[str, Header()] = "") -> Token:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {secret}".encode()):
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "the secret stands in .stack/secrets.json under `issuer`")
        return Token(access_token=signed(wanted, key=key, issuer=issuer, now=int(time.time())), expires_in=wanted.lifetime)

    return app
