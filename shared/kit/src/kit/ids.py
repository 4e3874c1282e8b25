"""Identifiers that sort by the time they were made."""

import secrets
import time
from typing import Final
from uuid import UUID

_VERSION_7: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of system milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | _VERSION_7 | secrets.randbits(12) << 64 | _VARIANT | secrets.randbits(62))
