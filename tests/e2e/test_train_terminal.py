"""The installed program trains in a terminal, and loses nothing however it ends."""

import signal

import pytest
from e2e.terminal import ENTER, F2, F3, Terminal, ctrl, environment_in

from tui_embed.sources.checkpoints import SUFFIX, read_checkpoint


@pytest.fixture(params=[(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request):
    return request.param


@pytest.fixture
def training(tmp_path):
    """The program in a terminal, with a training under way."""

    def begun(size) -> Terminal:
        terminal = Terminal(*size, environment_in(tmp_path))
        terminal.wait_for("king · id 691")
        terminal.send(ctrl("t") * 2)
        terminal.wait_for("n_vocab", "parameters")
        terminal.send(ENTER)
        terminal.wait_for("What trains", "running · step")
        return terminal

    return begun


def checkpoint_in(folder):
    """The one checkpoint under a home; it is whole, or this is an error."""
    (path,) = folder.rglob(f"*{SUFFIX}")
    return read_checkpoint(path)


def test_enter_trains_and_one_key_opens_it_in_explore(training, size):
    with training(size) as terminal:
        terminal.send(F3)
        terminal.wait_for("words/s", "Progress ─ finished")
        terminal.send(F2)
        terminal.wait_for("n: a new training")
        terminal.send("o")
        terminal.wait_for("grammar-en-skipgram", "trained here", lambda text: "What trains" not in text)
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_a_whole_checkpoint(training, tmp_path, number, status):
    with training((80, 24)) as terminal:
        terminal.send_signal(number)
        assert terminal.wait_end() == status
        assert terminal.modes == terminal.modes_before
    assert checkpoint_in(tmp_path).step > 0


def test_a_closed_terminal_leaves_a_whole_checkpoint(training, tmp_path):
    with training((80, 24)) as terminal:
        terminal.hang_up()
        terminal.process.wait(30)
    assert checkpoint_in(tmp_path).step > 0


def test_leaving_keeps_what_is_gone_on_with_the_next_time(training, tmp_path):
    with training((80, 24)) as terminal:
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0
    step = checkpoint_in(tmp_path).step
    assert step > 0
    with Terminal(80, 24, environment_in(tmp_path)) as terminal:
        terminal.wait_for("king · id 691")
        terminal.send(ctrl("t") * 2)
        terminal.wait_for("F6 resumes")
        terminal.send("\x1b[17~")
        terminal.wait_for("grammar-en-skipgram", "finished")
        terminal.send(ctrl("q"))
        assert terminal.wait_end() == 0
