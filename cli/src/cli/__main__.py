"""`kaohe COMMAND`: who may do it is decided by the services, and said by them."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import claiming, confirming, deciding, feeding, judging, marking, rectifying, registering, voting
from cli.client import issued, subject_of
from cli.settings import Settings

app = typer.Typer(
    help="考核平台命令行 The appraisal platform by hand. Tokens of a local stack come by themselves; elsewhere: KAOHE_TOKEN, KAOHE_*_URL.",
    no_args_is_help=True,
    add_completion=False,
)

app.add_typer(registering.app)
app.add_typer(registering.scheme, name="scheme")
app.add_typer(registering.source, name="source")
app.add_typer(registering.kind, name="kind")
app.add_typer(registering.alias, name="alias")
app.add_typer(marking.assessor, name="assessor")
app.add_typer(deciding.override, name="override")
app.add_typer(deciding.member, name="member")
app.add_typer(feeding.quarantine, name="quarantine")
app.add_typer(voting.vote, name="vote")
app.add_typer(confirming.confirmation, name="confirmation")
app.add_typer(confirming.statement, name="statement")
app.add_typer(confirming.adjustment, name="adjustment")
app.add_typer(claiming.claim, name="claim")

COMMANDS: Final[dict[str, Callable[..., None]]] = {
    "collect": feeding.collect,
    "mark": marking.mark,
    "missing": marking.missing,
    "confirm-mark": deciding.confirm_mark,
    "return-mark": deciding.return_mark,
    "standings": judging.standings,
    "explain": judging.explain,
    "recount": judging.recount,
    "confirm": confirming.confirm,
    "dispute": confirming.dispute,
    "what-if": confirming.what_if,
    "period-scores": confirming.period_scores,
    "problem": rectifying.problem,
    "items": rectifying.items,
    "notice": rectifying.notice,
    "sign": rectifying.sign,
    "start": rectifying.start,
    "prove": rectifying.prove,
    "submit": rectifying.submit,
    "return": rectifying.send_back,
    "verify": rectifying.verify,
    "close": rectifying.close,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


@app.command("token")
def token(
    role: Annotated[str, typer.Argument(help="admin office assessor unit leader auditor feed")],
    units: Annotated[list[str] | None, typer.Option("--unit", help="the units, or for feed the sources, that it may touch")] = None,
    subject: Annotated[str | None, typer.Option(help="whose token")] = None,
) -> None:
    """A token of the local stack's issuer, for curl: curl -H "authorization: Bearer $(kaohe token office)" ..."""
    scope = tuple(units or ())
    print(issued(Settings.here(Path.cwd()), subject=subject or subject_of(role, scope), roles=[role], units=scope))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
