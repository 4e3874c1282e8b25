"""Talking to the services: the right token for a command, and refusals told as sentences."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import httpx
import typer
from rich.console import Console

from cli.settings import Settings

PATIENCE = httpx.Timeout(30, read=600)  # collecting a large file answers when Kafka has every fact
REFUSED = 1
WRONG_USE = 2

WIDE = 200  # columns where no terminal says how many there are

console = Console(width=None if sys.stdout.isatty() else WIDE)
complaints = Console(stderr=True)


def stop(sentence: str, code: int = WRONG_USE) -> NoReturn:
    complaints.print(sentence, markup=False)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Client:
    """One service as one caller; on a local stack the token is asked for by the role that the command needs."""

    settings: Settings
    service: str
    role: str
    units: tuple[str, ...] = ()

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - whatever JSON the service answers
        return self.ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def follow(self, link: str, **query: object) -> Any:  # noqa: ANN401 - whatever JSON the service answers
        """What an answer's link leads to, asked for with more words."""
        address = httpx.URL(link.removeprefix("/v1"))
        asked = {name: str(value) for name, value in query.items() if value is not None}
        return self.ask("GET", str(address.copy_merge_params(asked)))

    def put(self, path: str, body: object) -> Any:  # noqa: ANN401 - whatever JSON the service answers
        return self.ask("PUT", path, json=body)

    def patch(self, path: str, body: object) -> Any:  # noqa: ANN401 - whatever JSON the service answers
        return self.ask("PATCH", path, json=body)

    def post(self, path: str, body: object = None, **query: object) -> Any:  # noqa: ANN401 - whatever JSON the service answers
        params = {name: value for name, value in query.items() if value is not None}
        return self.ask("POST", path, params=params, **({} if body is None else {"json": body}))

    def ask(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - httpx's own arguments
        """The answer's JSON; a refusal or an unreachable service ends the command with a sentence."""
        url = self.settings.url(self.service)
        if url is None:
            stop(f"没有 {self.service} 的地址：请设置 KAOHE_{self.service.upper()}_URL，或先 make up / no address of {self.service}")
        headers = {"authorization": f"Bearer {self.token()}", **request.pop("headers", {})}
        try:
            with httpx.Client(timeout=PATIENCE, trust_env=False) as http:
                answer = http.request(method, f"{url}/v1{path}", headers=headers, **request)
        except httpx.HTTPError as error:
            stop(f"{self.service} 没有应答（{url}）：{error} / {self.service} does not answer; is it running? make status", REFUSED)
        if not answer.is_success:
            self._refused(answer)
        return answer.json() if answer.content else None

    def token(self) -> str:
        if self.settings.token is not None:
            return self.settings.token.get_secret_value()
        if self.role == "unit" and not self.units:
            stop("以哪个单位的身份？请加 --unit / as which unit? add --unit")
        return issued(self.settings, subject=subject_of(self.role, self.units), roles=[self.role], units=self.units)

    @staticmethod
    def _refused(answer: httpx.Response) -> NoReturn:
        try:
            problem = answer.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            stop(f"{answer.status_code}: {answer.text[:500]}", REFUSED)
        lines = [f"{problem.get('zh', '')} / {problem.get('en', answer.status_code)}"]
        lines += [f"  {one.get('path', '')}: {one.get('zh', '')} {one.get('en', '')}" for one in told_errors(problem)]
        stop("\n".join(lines), REFUSED)


def told_errors(problem: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    errors = problem.get("errors")
    return (one for one in errors if isinstance(one, dict)) if isinstance(errors, list) else iter(())


def subject_of(role: str, units: tuple[str, ...]) -> str:
    """Who acts on a local stack: one person a role, and one a unit, so that who submits is not who verifies."""
    return "-".join((role, *units))


def issued(settings: Settings, *, subject: str, roles: list[str], units: tuple[str, ...]) -> str:
    """A token of the local stack's issuer."""
    if settings.issuer_url is None or settings.issuer_secret is None:
        stop("没有令牌：请设置 KAOHE_TOKEN，或在本地平台目录中运行 / no token: set KAOHE_TOKEN, or run inside the folder of a local stack")
    body = {"subject": subject, "roles": roles, "units": list(units)}
    headers = {"authorization": f"Bearer {settings.issuer_secret.get_secret_value()}"}
    try:
        with httpx.Client(timeout=10, trust_env=False) as http:
            answer = http.post(f"{settings.issuer_url}/token", json=body, headers=headers)
            answer.raise_for_status()
    except httpx.HTTPError as error:
        stop(f"取不到令牌：{error} / no token from the local issuer; is the stack up? make up", REFUSED)
    token: str = answer.json()["access_token"]
    return token


def client(service: str, role: str, *units: str) -> Client:
    return Client(Settings.here(Path.cwd()), service, role, tuple(unit for unit in units if unit))
