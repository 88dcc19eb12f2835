"""The program at the far end of a real ssh: every terminal that people come with."""

import re
import time

import pytest
from e2e.sshd import remote, sshd
from e2e.terminal import F1, F3, F5, Terminal, ctrl, environment_in

pytestmark = pytest.mark.ssh

SHOWN = ("Tokenize", "Neighbours of king", "prince", "queen", "searched 100,000 of 100,000")
TRUE_COLOUR = re.compile(rb"\x1b\[[0-9;]*[34]8;2;")
COLOUR_256 = re.compile(rb"\x1b\[[0-9;]*[34]8;5;")
COLOUR_16 = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3|4|9|10)[0-7](?:;[0-9;]*)?m")


@pytest.fixture(scope="module")
def login(tmp_path_factory):
    with sshd(tmp_path_factory.mktemp("sshd")) as command:
        yield command


@pytest.fixture
def far(login, tmp_path):
    """The app at the other end, in a terminal of a kind and a size."""

    def started(size=(120, 40), term="xterm-256color", **variables):
        environment = environment_in(tmp_path, TERM=term)
        return Terminal(*size, environment, (*login, remote(tmp_path, variables)))

    return started


@pytest.mark.parametrize(
    ("term", "variables"),
    [
        ("xterm-256color", {}),
        ("screen-256color", {}),
        ("tmux-256color", {}),
        ("xterm", {}),
        ("vt100", {}),
        ("xterm-256color", {"NO_COLOR": "1"}),
        ("xterm-256color", {"LANG": "C", "LC_ALL": "C"}),
        ("xterm-256color", {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1"}),
        ("xterm-256color", {"PYTHONUTF8": "0", "LC_ALL": "C"}),
        ("xterm-256color", {"COLORTERM": "truecolor"}),
    ],
    ids=str,
)
def test_every_terminal_shows_the_same(far, term, variables):
    with far(term=term, **variables) as terminal:
        terminal.wait_for(*SHOWN)
        terminal.send(F1)
        terminal.wait_for("Esc closes")
        terminal.send("\x1b")
        terminal.wait_for(lambda text: "Esc closes" not in text)
        terminal.send(ctrl("t"))
        terminal.wait_for("PCA", "trustworthiness")
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0
        assert terminal.modes == terminal.modes_before
        assert b"\\u2" not in terminal.output
        assert b"\x1b[?1049l" in terminal.output[-3000:]


@pytest.mark.parametrize(
    ("term", "variables", "most"),
    [
        ("xterm-256color", {"COLORTERM": "truecolor"}, "true"),
        ("xterm-256color", {}, "256"),
        ("xterm", {}, "16"),
    ],
)
def test_as_many_colours_as_the_terminal_has(far, term, variables, most):
    with far(term=term, **variables) as terminal:
        terminal.wait_for(*SHOWN)
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0
        assert bool(TRUE_COLOUR.search(terminal.output)) == (most == "true")
        assert bool(COLOUR_256.search(terminal.output)) == (most == "256")
        if most == "16":
            assert COLOUR_16.search(terminal.output)


def test_a_dumb_terminal_is_told_what_works_there(far):
    with far(term="dumb") as terminal:
        assert terminal.wait_end() == 2
        assert "more than TERM=dumb" in terminal.text.replace("\n", "")
        assert b"\x1b[?1049h" not in terminal.output


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (40, 12), (20, 5)])
def test_small_windows(far, size):
    with far(size) as terminal:
        terminal.wait_for("F2 Tokenize")
        for keys in (F3, F5, ctrl("t"), ctrl("t"), ctrl("t")):
            terminal.send(keys)
            time.sleep(0.3)
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0
        assert terminal.modes == terminal.modes_before


def test_resized_while_it_draws_down_to_nothing_and_back(far):
    with far() as terminal:
        terminal.wait_for(*SHOWN)
        terminal.send(ctrl("t"))
        for size in ((80, 24), (30, 9), (1, 1), (2, 40), (200, 1), (60, 20), (1, 1), (120, 40)):
            terminal.resize(*size)
            terminal.send("+")
            terminal.read(0.2)
        terminal.wait_for("PCA")
        terminal.send(ctrl("t") * 3)
        terminal.wait_for(*SHOWN)
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0


def test_a_cut_connection_leaves_no_process(far, tmp_path):
    from pathlib import Path

    def left():
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and f"HOME={tmp_path}".encode() in (entry / "environ").read_bytes():
                    command = (entry / "cmdline").read_bytes()
                    found += (
                        [command] if b"tui_embed" in command and b"ssh" not in command.split(b"\0")[0] else []
                    )
            except OSError:
                continue
        return found

    with far() as terminal:
        terminal.wait_for(*SHOWN)
        assert left()
        terminal.process.kill()
        deadline = time.monotonic() + 10
        while left():
            assert time.monotonic() < deadline, left()
            time.sleep(0.05)


def test_fewer_frames_are_sent_over_a_line(far):
    """Keys that come faster than frames are drawn together."""
    with far() as terminal:
        terminal.wait_for(*SHOWN)
        terminal.send("\x1bOS")
        terminal.wait_for("Neighbours of king")
        since = len(terminal.output)
        terminal.send("\x1b[B" * 200)
        terminal.wait_for(lambda text: "iii" in text or "uncle" in text)
        while terminal.read(1.0):
            pass
        assert len(terminal.output) - since < 400_000
