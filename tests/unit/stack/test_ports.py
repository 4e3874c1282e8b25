import json
import socket
from pathlib import Path

import pytest

from stack import ports
from stack.problems import PortTaken


def test_free_ports_are_all_different_and_below_those_of_outgoing_connections() -> None:
    found = ports.free()
    assert found.keys() == ports.USUAL.keys()
    assert len(set(found.values())) == len(found)
    assert all(port < 32_000 for port in found.values())


def test_a_port_changed_in_the_file_is_used(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    assert ports.usual(file) == dict(ports.USUAL)
    file.write_text(json.dumps({"postgres": 5433}))
    assert ports.usual(file) == {**ports.USUAL, "postgres": 5433}


def test_a_taken_port_is_one_clear_sentence_in_two_languages(tmp_path: Path) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {taken} \\(kafka\\) is taken") as refused:
            ports.must_be_free({"kafka": taken}, ["kafka"], tmp_path / "ports.json")
    assert f"端口 {taken}" in str(refused.value)
    assert "ports.json" in str(refused.value)
