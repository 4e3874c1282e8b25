"""A post office for tests: a real SMTP server that answers as it is told."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)  # the other side's log: it names every addressee, and is not the service's


@dataclass(slots=True)
class Post:
    """`answers` are given to DATA first, `refusals` to RCPT by address; everything else is accepted. `hang` stops before the answer."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    _server: asyncio.Server | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's names
        answer = self.answers.pop(0) if self.answers else "250 accepted"
        if answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if self.hang:
            await asyncio.sleep(3600)
        return answer

    async def open(self) -> None:
        """On the same port as before, or a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="post.test", loop=loop), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server:
            self._server.close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


@asynccontextmanager
async def a_post() -> AsyncIterator[Post]:
    post = Post()
    await post.open()
    try:
        yield post
    finally:
        await post.shut()
