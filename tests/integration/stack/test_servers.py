"""The servers answer, and refuse what they must."""

import io
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit
from uuid import uuid4

import aiosmtplib
import asyncpg
import httpx
import pytest
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.retention import Retention

from kit.clock import SystemClock
from kit.testing import Servers, fresh_database
from stack import postgres


def store(servers: Servers, *, admin: bool) -> Minio:
    access, secret = (servers.s3_admin_access_key, servers.s3_admin_secret_key) if admin else (servers.s3_access_key, servers.s3_secret_key)
    return Minio(urlsplit(servers.s3_endpoint).netloc, access_key=access, secret_key=secret, secure=False, region="us-east-1")


def put(client: Minio, bucket: str, retention: Retention | None = None) -> str:
    written = client.put_object(bucket_name=bucket, object_name="a", data=io.BytesIO(b"x"), length=1, retention=retention)
    return written.version_id or ""


async def test_postgres_is_the_announced_version(servers: Servers) -> None:
    async with fresh_database(servers.postgres_url) as url:
        connection = await asyncpg.connect(url)
        assert str(await connection.fetchval("show server_version")).startswith("18.")
        assert await connection.fetchval("show server_encoding") == "UTF8"
        await connection.close()


async def test_a_role_owns_its_own_database_and_enters_no_other(servers: Servers) -> None:
    mine, other = f"test_{uuid4().hex[:8]}", f"test_{uuid4().hex[:8]}"
    for name in (mine, other, mine):
        await postgres.make_database(servers.postgres_url, name=name, password="its own'")
    where = urlsplit(servers.postgres_url)
    connection = await asyncpg.connect(host=where.hostname, port=where.port, user=mine, password="its own'", database=mine)
    await connection.execute("create table t (x int)")
    assert await connection.fetchval("select rolsuper from pg_roles where rolname = $1", mine) is False
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(host=where.hostname, port=where.port, user=mine, password="its own'", database=other)
    administrator = await asyncpg.connect(servers.postgres_url)
    for name in (mine, other):
        await administrator.execute(f'drop database "{name}"')
        await administrator.execute(f'drop role "{name}"')
    await administrator.close()


def test_the_uploader_cleans_up_quarantine_and_nothing_else(servers: Servers) -> None:
    admin, uploader = store(servers, admin=True), store(servers, admin=False)
    quarantine, kept = f"quarantine-{uuid4().hex[:8]}", f"kept-{uuid4().hex[:8]}"
    admin.make_bucket(bucket_name=quarantine)
    admin.make_bucket(bucket_name=kept, object_lock=True)
    put(uploader, quarantine)
    uploader.remove_object(bucket_name=quarantine, object_name="a")
    now = SystemClock().now()
    version = put(uploader, kept, Retention(GOVERNANCE, now + timedelta(days=2)))
    sooner = Retention(GOVERNANCE, now + timedelta(days=1))
    attempts: tuple[Callable[[], object], ...] = (
        lambda: uploader.remove_object(bucket_name=kept, object_name="a"),
        lambda: uploader.remove_object(bucket_name=kept, object_name="a", version_id=version),
        lambda: uploader.set_object_retention(bucket_name=kept, object_name="a", config=sooner, version_id=version),
        lambda: uploader.make_bucket(bucket_name=f"more-{uuid4().hex[:8]}"),
    )
    for attempt in attempts:
        with pytest.raises(S3Error, match="AccessDenied"):
            attempt()


async def send(servers: Servers, to: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = (
        "office@example.org",
        to,
        subject,
        "<1@example.org>",
    )
    message.set_content("请于三日内签收。")
    where = urlsplit(servers.smtp_url)
    await aiosmtplib.send(message, hostname=where.hostname, port=where.port)


async def caught(servers: Servers, to: str) -> list[dict[str, object]]:
    async with httpx.AsyncClient() as http:
        found: list[dict[str, object]] = (await http.get(f"{servers.mail_url}/api/messages", params={"to": to})).json()
        return found


async def test_a_sent_mail_can_be_read_as_json_and_on_the_page(servers: Servers) -> None:
    to = f"{uuid4().hex}@example.org"
    await send(servers, to, "整改通知")
    (mail,) = await caught(servers, to)
    assert mail["subject"] == "整改通知"
    assert mail["text"] == "请于三日内签收。\n"
    assert mail["receivers"] == [to]
    async with httpx.AsyncClient() as http:
        assert "整改通知" in (await http.get(servers.mail_url)).text
        assert "请于三日内签收" in (await http.get(f"{servers.mail_url}/messages/{mail['id']}")).text
        assert (await http.get(f"{servers.mail_url}/messages/99999999")).status_code == 404


async def test_an_address_can_ask_the_mail_server_to_refuse_twice(servers: Servers) -> None:
    to = f"answer-451-2.{uuid4().hex}@example.org"
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPDataError, match="451"):
            await send(servers, to, "a")
    await send(servers, to, "a")
    assert len(await caught(servers, to)) == 1


async def test_an_address_can_ask_the_mail_server_to_lose_its_answer(servers: Servers) -> None:
    to = f"answer-lost-1.{uuid4().hex}@example.org"
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(servers, to, "a")
    await send(servers, to, "a")
    assert [mail["message_id"] for mail in await caught(servers, to)] == ["<1@example.org>"] * 2
