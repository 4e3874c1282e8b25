"""What can go wrong on a newcomer's machine, each as one sentence that says what to do.

StackProblem
    AlreadyRunning      this folder's stack runs already
    NotRunning          it does not run
    PortTaken           another program listens where we would
    ToolMissing         Maven or Java is not there
    FolderClosed        root's PostgreSQL user cannot enter the checkout
    DidNotStart         a server or service ended or stayed silent; its last log lines are shown
"""

from pathlib import Path

LAST_LINES = 15


class StackProblem(Exception):
    """Shown to the user as it is, without a traceback."""


class AlreadyRunning(StackProblem):
    def __init__(self, pid: int) -> None:
        self.pid = pid
        super().__init__(
            f"本目录的环境已在运行 (进程 {pid})：make status 查看，make stop 停止。\n"
            f"This folder's stack already runs (process {pid}): see it with `make status`, end it with `make stop`."
        )


class NotRunning(StackProblem):
    def __init__(self) -> None:
        super().__init__(
            "本目录的环境没有在运行：make run 或 make up 启动。\nThis folder's stack does not run: start it with `make run` or `make up`."
        )


class PortTaken(StackProblem):
    def __init__(self, name: str, port: int, ports_file: Path | None) -> None:
        zh, en = "", ""
        if ports_file is not None:
            zh, en = f"，或在 {ports_file} 中换一个端口", f", or give `{name}` another port in {ports_file}"
        super().__init__(
            f"端口 {port} ({name}) 已被其他程序占用：请停止该程序{zh}。\n"
            f"Port {port} ({name}) is taken by another program: stop that program{en}."
        )


class ToolMissing(StackProblem):
    def __init__(self, tool: str, how: str) -> None:
        super().__init__(f"缺少 {tool}：请先安装 ({how})，再执行一次。\n{tool} is missing: install it ({how}) and run this again.")


class FolderClosed(StackProblem):
    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(
            f"PostgreSQL 不能以 root 运行，将以用户 {user} 运行，但该用户无法进入 {folder}："
            f"请执行 chmod o+x {folder}，或将代码放到其他目录，或改用普通用户。\n"
            f"PostgreSQL refuses to run as root and would run as {user}, who cannot enter {folder}: "
            f"`chmod o+x {folder}`, or clone elsewhere, or work as an ordinary user."
        )


class DidNotStart(StackProblem):
    def __init__(self, name: str, why: str, log: Path) -> None:
        last = log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.exists() else []
        super().__init__(
            f"{name} 未能启动 ({why})，日志 {log} 的最后几行：\n{name} did not start ({why}); the last lines of {log}:\n"
            + "\n".join(f"    {line}" for line in last)
        )
