"""`python -m stack COMMAND`: the local stack's command line; the Makefile's targets call it."""

import argparse
import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

import psutil

from stack import listening, ports, screen, servers, whole
from stack.folder import Folder, write_private
from stack.problems import NotRunning, StackProblem
from stack.processes import end_left_over

ENVIRONMENT: Final = dict(os.environ)  # noqa: TID251 - the one place of the stack that reads what the user's shell says
KEPT_BY_CLEAN: Final = ("jars",)
STOP_PATIENCE: Final = 90.0

Command = Callable[[argparse.Namespace, Folder], Awaitable[None]]
tell = partial(print, flush=True)


def main() -> int:
    """Run the command; a problem that a person can solve is a sentence, not a traceback."""
    arguments = _parser().parse_args()
    folder = Folder(arguments.dir.resolve())
    try:
        asyncio.run(arguments.command(arguments, folder))
    except StackProblem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stack", description="The local stack of real servers.")
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Command) -> argparse.ArgumentParser:
        made = commands.add_parser(name)
        made.add_argument("--dir", type=Path, default=Path(".stack"))
        made.set_defaults(command=run)
        return made

    for starting in (command("run", _run), command("up", _up)):
        starting.add_argument("--no-demo", action="store_true")
    command("status", _status)
    command("stop", _stop)
    command("clean", _clean)
    alone = command("servers", _servers)
    alone.add_argument("--free-ports", action="store_true")
    alone.add_argument("--env-file", type=Path)
    command("issuer", _issuer).add_argument("--port", type=int, required=True)
    mail = command("mail", _mail)
    mail.add_argument("--port", type=int, required=True)
    mail.add_argument("--smtp-port", type=int, required=True)
    return parser


async def _run(arguments: argparse.Namespace, folder: Folder) -> None:
    """Everything, in the foreground, until Ctrl-C."""
    whole.stop_when_told()

    async def ready() -> None:
        await screen.show(folder)
        tell("Ctrl-C 停止全部 stops everything; make status 再次显示 shows this again.")

    await whole.run(folder, whole.Order(given=ENVIRONMENT, demonstration=not arguments.no_demo, tell=tell, ready=ready))


async def _up(arguments: argparse.Namespace, folder: Folder) -> None:
    """The same, detached; returns when all is ready, or with the problem that kept it from that."""
    if folder.owner() is None:
        log = folder.log("stack")
        log.unlink(missing_ok=True)
        whole.write_state(folder, "starting")
        command = [sys.executable, "-m", "stack", "run", "--dir", str(folder.root), *(["--no-demo"] if arguments.no_demo else [])]
        with log.open("wb") as output:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)  # noqa: ASYNC220 - it outlives us
        await _follow(child, folder, log)
    else:
        tell(f"已在运行 it already runs (进程 process {folder.owner()})")
    await screen.show(folder)


async def _follow(child: subprocess.Popen[bytes], folder: Folder, log: Path) -> None:
    """Repeat what the detached stack says, until it is ready or has ended."""
    with log.open() as said:
        while child.poll() is None:
            tell(said.read(), end="")
            if whole.state(folder) == "ready" and folder.owner() == child.pid:
                return
            await asyncio.sleep(0.2)
        tell(said.read(), end="")
    raise StackProblem(f"未能启动，详见 {log}\nIt did not start; see {log}")


async def _status(_arguments: argparse.Namespace, folder: Folder) -> None:
    if folder.owner() is None:
        raise NotRunning
    await screen.show(folder)


async def _stop(_arguments: argparse.Namespace, folder: Folder) -> None:
    """End this folder's stack and wait until it is gone; also what a kill -9 left over."""
    owner = folder.owner()
    if owner is not None:
        process = psutil.Process(owner)
        process.terminate()
        await asyncio.to_thread(process.wait, STOP_PATIENCE)
    left = end_left_over(folder)
    tell("已停止 stopped" if owner or left else "没有在运行 it was not running")


async def _clean(_arguments: argparse.Namespace, folder: Folder) -> None:
    """Forget all data, logs and keys; what was downloaded stays."""
    with folder.owned():
        end_left_over(folder)
        for path in folder.root.iterdir():
            if path.name not in KEPT_BY_CLEAN and path != folder.lock:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    tell(f"已清除 forgotten: {folder.root}")


async def _servers(arguments: argparse.Namespace, folder: Folder) -> None:
    """Only the servers, until Ctrl-C; for development and tests."""
    with folder.owned():
        end_left_over(folder)
        chosen = ports.free() if arguments.free_ports else ports.usual(folder.root / "ports.json")
        wanted = servers.Wanted(ports=chosen, cache=folder.root / "jars", durable=False, heap_mb=384)
        async with servers.running(folder, wanted, given={}, tell=tell) as found:
            if arguments.env_file:
                write_private(
                    arguments.env_file, "".join(f"export {key}={shlex.quote(value)}\n" for key, value in found.environment().items())
                )
            tell("ready")
            await _asked_to_stop()


async def _asked_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


async def _issuer(arguments: argparse.Namespace, folder: Folder) -> None:
    url = f"http://{ports.LOOPBACK}:{arguments.port}"
    await listening.serve_issuer(key=folder.root / "issuer-key.json", port=arguments.port, url=url, secret=folder.secrets()["issuer"])


async def _mail(arguments: argparse.Namespace, folder: Folder) -> None:
    await listening.serve_mail(folder=folder.data / "mail", smtp_port=arguments.smtp_port, page_port=arguments.port)


if __name__ == "__main__":
    sys.exit(main())
