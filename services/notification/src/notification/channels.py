"""Channels that leave the platform; each answers for one attempt and knows nothing of tables."""

import asyncio
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientRefused, SMTPRecipientsRefused, SMTPResponseException

from notification.domain.deliveries import Answer, Verdict
from notification.domain.people import Email
from notification.handlers.work import Letter

CLOSING: Final = 421  # the server goes away: about itself, not about the letter
PERMANENT: Final = 500
SEVEN_BIT: Final = SMTP.clone(cte_type="7bit")  # Chinese text travels as base64, whatever the servers on the way can do
STARTTLS: Final = {"smtps": False, "smtp+starttls": True, "smtp": None}  # None: encrypted where the server offers it


class BadServer(ValueError):
    """The mail server's address is not one that this service understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`smtps://` is encrypted from the start, `smtp+starttls://` insists on STARTTLS, `smtp://` takes it where it is offered."""

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, url: str) -> Self:
        """From `scheme://[user:password@]host[:port]`; raises `BadServer`."""
        parts = urlsplit(url)
        if parts.scheme not in STARTTLS or not parts.hostname:
            raise BadServer(f"a mail server is one of {', '.join(STARTTLS)} and a host (邮件服务器地址应为 smtp://主机:端口 等)")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or {"smtps": 465, "smtp+starttls": 587, "smtp": 25}[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class SmtpChannel:
    """E-mail; `patience` bounds a whole attempt in seconds."""

    def __init__(self, server: MailServer, *, sender: Email, sender_name: str, patience: float) -> None:
        self._server = server
        self._sender = sender
        self._sender_name = sender_name
        self._patience = patience

    async def carry(self, letter: Letter) -> Answer:
        if letter.email is None:
            return Answer(Verdict.NEVER, text="the address was removed after the message was told")
        mail = self._mail(letter, letter.email)
        try:
            async with asyncio.timeout(self._patience), self._client() as client:
                _, text = await client.send_message(mail, sender=self._sender, recipients=[letter.email])
        except (SMTPException, OSError, TimeoutError) as error:
            return answer_of(error)
        return Answer(Verdict.ACCEPTED, 250, text)

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.scheme == "smtps",
            start_tls=STARTTLS[server.scheme],
            timeout=self._patience,
        )

    def _mail(self, letter: Letter, email: Email) -> EmailMessage:
        """The letter as it is at every attempt: same Message-ID, same date, same bytes."""
        mail = EmailMessage(policy=SEVEN_BIT)
        mail["Message-ID"] = f"<{letter.delivery.id}@{self._sender.rpartition('@')[2]}>"
        mail["Date"] = format_datetime(letter.message.told_at)
        mail["From"] = _mailbox(self._sender_name, self._sender)
        mail["To"] = _mailbox(letter.name, email)
        mail["Subject"] = letter.message.wording.subject
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mail.set_content(letter.message.wording.text)
        return mail


def _mailbox(name: str, email: Email) -> Address:
    user, _, domain = email.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)


def answer_of(error: Exception) -> Answer:
    """What a failed attempt says: only a code about the receiver or the content is about this letter, all else about the channel."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if not isinstance(error, SMTPResponseException):
        return Answer(Verdict.DOWN, text=f"{type(error).__name__}: {error}")
    if error.code == CLOSING or not isinstance(error, SMTPRecipientRefused | SMTPDataError):
        return Answer(Verdict.DOWN, error.code, error.message)
    return Answer(Verdict.NEVER if error.code >= PERMANENT else Verdict.LATER, error.code, error.message)
