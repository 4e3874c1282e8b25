"""Asking a local server whether it is there yet, often and cheaply: an HTTP client's TLS set-up would cost more than the answer."""

import asyncio
from http import HTTPStatus
from typing import Final

from stack.ports import LOOPBACK

PATIENCE: Final = 5.0


async def ask(port: int, path: str) -> tuple[int, str] | None:
    """Status and body of a GET on loopback; none while nobody answers."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode())
                answer = (await reader.read()).decode(errors="replace")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    head, _, body = answer.partition("\r\n\r\n")
    status = head.partition(" ")[2][:3]
    return (int(status), body) if status.isdigit() else None


async def answers(port: int, path: str) -> bool:
    """Whether a GET of it succeeds."""
    answer = await ask(port, path)
    return answer is not None and answer[0] == HTTPStatus.OK
