from dataclasses import dataclass

import pytest

from kit.commands import Command, command_line


@dataclass(frozen=True, slots=True)
class Told:
    log_level: str = "INFO"


DONE: list[tuple[str, ...]] = []


async def serve(_told: Told) -> None:
    DONE.append(("serve",))


def prove(_told: Told) -> int:
    return 3


async def adopt(_told: Told, source: str) -> None:
    DONE.append(("adopt", source))


def again(_told: Told, cycle: str = "every") -> None:
    DONE.append(("again", cycle))


COMMANDS = {
    "serve": Command(Told, serve),
    "prove": Command(Told, prove),
    "adopt": Command(Told, adopt, takes=("SOURCE",)),
    "again": Command(Told, again, may_take=("CYCLE",)),
}


def test_without_a_word_the_service_serves() -> None:
    DONE.clear()
    assert command_line("room", COMMANDS, []) == 0
    assert DONE == [("serve",)]


def test_a_command_gets_its_arguments() -> None:
    DONE.clear()
    assert command_line("room", COMMANDS, ["adopt", "cases"]) == 0
    assert DONE == [("adopt", "cases")]


def test_an_argument_that_a_command_may_take_may_be_left_out() -> None:
    DONE.clear()
    assert [command_line("room", COMMANDS, words) for words in (["again"], ["again", "2026"])] == [0, 0]
    assert DONE == [("again", "every"), ("again", "2026")]


def test_a_command_says_with_which_status_the_process_ends() -> None:
    assert command_line("room", COMMANDS, ["prove"]) == 3


@pytest.mark.parametrize("words", [["adopt"], ["server"], ["serve", "now"], ["again", "2026", "2027"]])
def test_a_wrong_use_is_told_what_there_is(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("room", COMMANDS, words) == 2
    said = capsys.readouterr().err
    assert "serve, prove, adopt SOURCE, again [CYCLE]" in said
    assert "没有此命令" in said
