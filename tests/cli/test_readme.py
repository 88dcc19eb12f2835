"""What the README shows is what the command prints."""

import re
import shlex
from pathlib import Path

import pytest
from data import CACHE
from real import fetched

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def shown() -> list[tuple[str, str]]:
    """Each command in a block of the console, and what stands below it; those of which nothing is shown left
    out.
    """
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith("tui-embed ") and output.strip():
                found.append((command.removeprefix("tui-embed "), output.strip("\n")))
    return found


NOT_HERE = ("check vectors.txt", "serve")
"""Of a file that only stands for the reader's own, and of an address that is another each time."""

COMMANDS = [(command, output) for command, output in shown() if command not in NOT_HERE]


def test_there_are_such_commands():
    assert len(COMMANDS) > 8


@pytest.mark.parametrize(("command", "output"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_what_the_readme_shows(run, monkeypatch, command, output):
    for name in ("smollm2", "minilm"):
        if name in command:
            fetched(name)
            monkeypatch.setenv("XDG_DATA_HOME", str(CACHE / "data"))
    ran = run(*shlex.split(command))
    assert (ran.out + ran.err).strip("\n") == output
