"""A mail catcher: takes every mail over SMTP, keeps the latest as files, shows them on a page and as JSON.

A test makes it fail by the address it writes to: `answer-451-2.anything@` is refused with 451 the first two times;
for `answer-lost-1.anything@` the mail is taken, and the connection closed without an answer, once.
"""

import asyncio
import email
import email.policy
import itertools
import re
import time
from collections import Counter
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT: Final = 5000
MISBEHAVE: Final = re.compile(r"answer-(?P<how>\d{3}|lost)-(?P<times>\d+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A caught mail, as the JSON shows it."""

    id: int
    received_at: float
    sender: str
    receivers: list[str]
    subject: str
    message_id: str
    text: str

    @classmethod
    def read(cls, path: Path) -> "Mail":
        """From its file: the envelope stands in two header lines that we put on top."""
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain", "html"))
        return cls(
            id=int(path.stem),
            received_at=path.stat().st_mtime,
            sender=str(message["X-Envelope-From"]),
            receivers=str(message["X-Envelope-To"]).split(", "),
            subject=str(message["Subject"] or ""),
            message_id=str(message["Message-ID"] or ""),
            text=body.get_content().replace("\r\n", "\n") if isinstance(body, EmailMessage) else "",
        )


class Mailbox:
    """All caught mails, one file each; the number in the file's name orders them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._next = itertools.count(max((int(path.stem) for path in folder.glob("*.eml")), default=0) + 1)

    def keep(self, envelope: Envelope) -> int:
        number = next(self._next)
        content = envelope.content or b""
        top = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        (self._folder / f"{number:08}.eml").write_bytes(top.encode() + (content if isinstance(content, bytes) else content.encode()))
        (self._folder / f"{number - KEPT:08}.eml").unlink(missing_ok=True)
        return number

    def latest(self, *, limit: int, to: str = "", containing: str = "") -> list[Mail]:
        """The newest first; `to` is an address, `containing` a part of subject or text."""
        paths = sorted(self._folder.glob("*.eml"), reverse=True)
        mails = (Mail.read(path) for path in paths)
        fitting = (mail for mail in mails if (not to or to in mail.receivers) and (containing in mail.subject or containing in mail.text))
        return list(itertools.islice(fitting, limit))

    def one(self, number: int) -> Mail | None:
        path = self._folder / f"{number:08}.eml"
        return Mail.read(path) if path.exists() else None

    def forget(self) -> None:
        for path in self._folder.glob("*.eml"):
            path.unlink()


class Door:
    """aiosmtpd's handler: keeps what comes in, or misbehaves as the address asks."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._failed: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - aiosmtpd's name and signature
        asked = next((found for address in envelope.rcpt_tos if (found := MISBEHAVE.match(address))), None)
        failing = asked is not None and self._failed[envelope.rcpt_tos[0]] < int(asked["times"])
        if asked is not None and failing:
            self._failed[envelope.rcpt_tos[0]] += 1
            if asked["how"] != "lost":
                return f"{asked['how']} asked for by the address"
        number = self._mailbox.keep(envelope)
        if failing and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return f"250 kept as {number}"


def as_json(mail: Mail) -> dict[str, object]:
    """The mail with its time in ISO 8601, UTC."""
    return {**asdict(mail), "received_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(mail.received_at))}
