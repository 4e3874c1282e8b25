"""Where events are said: the topics between services and the feed's naming rule."""

import re
from typing import Final

SCORING: Final = "scoring.events"
EVIDENCE: Final = "evidence.events"
FEEDBACK: Final = "feedback.events"
NOTIFICATION: Final = "notification.events"
INTERNAL: Final = (SCORING, EVIDENCE, FEEDBACK, NOTIFICATION)

DEAD_LETTERS: Final = "dead-letters"  # messages between services that no handler will ever take, with the reason

FEED_PREFIX: Final = "feed."
FEED_PARTITIONS: Final = 8
INTERNAL_PARTITIONS: Final = 4
SLUG: Final = re.compile(r"[a-z0-9-]{1,60}")


def feed_topic(slug: str) -> str:
    """The topic of one source; a slug is `[a-z0-9-]{1,60}`, else `ValueError`."""
    if not SLUG.fullmatch(slug):
        message = f"not a slug of a source: {slug!r}; use a-z, 0-9 and -, at most 60"
        raise ValueError(message)
    return FEED_PREFIX + slug
