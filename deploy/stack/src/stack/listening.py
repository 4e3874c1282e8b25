"""Runs the stack's own two small servers: the issuer and the mail catcher."""

import asyncio
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI

from stack import catcher, issuer, mail_page
from stack.ports import LOOPBACK

BIGGEST_MAIL = 32 * 1024 * 1024


async def serve(app: FastAPI, port: int) -> None:
    """Until SIGTERM or SIGINT."""
    await uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="warning", access_log=False)).serve()


async def serve_issuer(*, key: Path, port: int, url: str, secret: str) -> None:
    await serve(issuer.application(issuer=url, key=issuer.key_of(key), secret=secret), port)


async def serve_mail(*, folder: Path, smtp_port: int, page_port: int) -> None:
    mailbox = catcher.Mailbox(folder)
    handler = catcher.Door(mailbox)  # one for all connections: it counts failed attempts across them
    door = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, data_size_limit=BIGGEST_MAIL), LOOPBACK, smtp_port
    )
    async with door:
        await serve(mail_page.application(mailbox), page_port)
