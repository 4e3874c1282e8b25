"""The urn: papers are sealed with its public key (HPKE, RFC 9180), and only the key that the tellers hold opens them."""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from scoring.ballots.domain.refusals import NotTheKey

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def lock_of(urn_key: bytes) -> bytes:
    """The public half of an urn's key: what seals, and can't open."""
    return _private(urn_key).public_key().public_bytes_raw()


def sealed(paper: bytes, lock: bytes, *, place: str) -> bytes:
    """The paper as nobody but the key's holder can read it, bound to its place; sealing twice gives different bytes of one length."""
    return _SUITE.encrypt(paper, X25519PublicKey.from_public_bytes(lock), place.encode())


def opened(paper: bytes, urn_key: bytes, *, place: str) -> bytes:
    """Raises `NotTheKey` for another urn's key or place."""
    try:
        return _SUITE.decrypt(paper, _private(urn_key), place.encode())
    except InvalidTag as error:
        raise NotTheKey from error


def _private(urn_key: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(hashlib.sha256(b"kaohe urn key" + urn_key).digest())
