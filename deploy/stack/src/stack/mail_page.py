"""The mail catcher's page and JSON."""

import html
import time
from typing import Annotated, Final

from fastapi import FastAPI, HTTPException, Query, status
from fastapi.responses import HTMLResponse

from stack.catcher import Mail, Mailbox, as_json

ON_THE_PAGE: Final = 200
PAGE: Final = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="15">
<title>本地邮箱 · Mail catcher</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}
td,th{{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}}pre{{white-space:pre-wrap;font:inherit}}</style>
<h1>{title}</h1>{body}</html>"""


def application(mailbox: Mailbox) -> FastAPI:
    """`/` for people, `/api/messages` for programs."""
    app = FastAPI(title="Mail catcher", docs_url=None, redoc_url=None)

    @app.get("/api/messages")
    def messages(limit: Annotated[int, Query(ge=1, le=1000)] = 50, to: str = "", containing: str = "") -> list[dict[str, object]]:
        return [as_json(mail) for mail in mailbox.latest(limit=limit, to=to, containing=containing)]

    @app.delete("/api/messages", status_code=status.HTTP_204_NO_CONTENT)
    def forget() -> None:
        mailbox.forget()

    @app.get("/api/messages/{number}")
    def message(number: int) -> dict[str, object]:
        return as_json(_found(mailbox, number))

    @app.get("/", response_class=HTMLResponse)
    def index() -> str:
        rows = "".join(_row(mail) for mail in mailbox.latest(limit=ON_THE_PAGE))
        table = f"<table><tr><th>时间<th>收件人<th>主题</tr>{rows}</table>" if rows else "<p>尚无邮件。No mail yet.</p>"
        return PAGE.format(title="本地邮箱 · Mail catcher", body=table)

    @app.get("/messages/{number}", response_class=HTMLResponse)
    def page(number: int) -> str:
        mail = _found(mailbox, number)
        about = f"<p>{_when(mail)} · {html.escape(mail.sender)} → {html.escape(', '.join(mail.receivers))}</p>"
        return PAGE.format(
            title=html.escape(mail.subject), body=f"{about}<pre>{html.escape(mail.text)}</pre><p><a href='/'>全部 all</a></p>"
        )

    return app


def _found(mailbox: Mailbox, number: int) -> Mail:
    mail = mailbox.one(number)
    if mail is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "没有这封邮件。There is no such mail.")
    return mail


def _when(mail: Mail) -> str:
    return time.strftime("%m-%d %H:%M:%S", time.localtime(mail.received_at))


def _row(mail: Mail) -> str:
    return (
        f"<tr><td>{_when(mail)}<td>{html.escape(', '.join(mail.receivers))}"
        f"<td><a href='/messages/{mail.id}'>{html.escape(mail.subject) or '-'}</a></tr>"
    )
