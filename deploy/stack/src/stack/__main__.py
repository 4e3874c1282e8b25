"""`python -m stack COMMAND`: the local stack's command line; the Makefile's targets call it."""

import argparse
import asyncio
import os
import shlex
import signal
import sys
from pathlib import Path

from stack import listening, ports, servers
from stack.folder import Folder, write_private
from stack.problems import StackProblem
from stack.processes import end_left_over

ENVIRONMENT = dict(os.environ)  # noqa: TID251 - the one place of the stack that reads it


def main() -> int:
    """Run the command; a problem that a person can solve is a sentence, not a traceback."""
    arguments = _parser().parse_args()
    folder = Folder(arguments.dir.resolve())
    try:
        asyncio.run(arguments.command(arguments, folder))
    except StackProblem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stack", description="The local stack of real servers.")
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: object) -> argparse.ArgumentParser:
        made = commands.add_parser(name)
        made.add_argument("--dir", type=Path, default=Path(".stack"))
        made.set_defaults(command=run)
        return made

    alone = command("servers", _servers)
    alone.add_argument("--free-ports", action="store_true")
    alone.add_argument("--env-file", type=Path)
    command("issuer", _issuer).add_argument("--port", type=int, required=True)
    mail = command("mail", _mail)
    mail.add_argument("--port", type=int, required=True)
    mail.add_argument("--smtp-port", type=int, required=True)
    return parser


async def _servers(arguments: argparse.Namespace, folder: Folder) -> None:
    """Only the servers, until Ctrl-C; for development and tests."""
    with folder.owned():
        end_left_over(folder)
        chosen = ports.free() if arguments.free_ports else ports.usual(folder.root / "ports.json")
        wanted = servers.Wanted(ports=chosen, cache=folder.root / "jars", durable=False, heap_mb=384)
        async with servers.running(folder, wanted, given={}, tell=print) as found:
            if arguments.env_file:
                write_private(
                    arguments.env_file, "".join(f"export {key}={shlex.quote(value)}\n" for key, value in found.environment().items())
                )
            print("ready", flush=True)
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
