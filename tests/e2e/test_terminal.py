"""The whole program as a person meets it: real keys in, a real terminal's screen out."""

import bz2
import os
import signal
import subprocess
import tempfile
import termios
from pathlib import Path

import pytest
from e2e.terminal import (
    APP,
    BACKSPACE,
    DOWN,
    ENTER,
    ESCAPE,
    F1,
    F2,
    F3,
    F4,
    F5,
    F9,
    F10,
    ROOT,
    SHIFT_TAB,
    TAB,
    Terminal,
    ctrl,
    environment_in,
)

SIZES = [(80, 24), (120, 40)]
READY = ("king · id 691 · position 4", "cl100k_base", "11734")
"""What the screen shows at any size when the start is over."""

NEIGHBOURS = ("Neighbours of king", "prince", ".8236", "queen", ".7839")
ANSWERS = ("Arithmetic · 3CosAdd", "queen", ".8524", "throne", ".7664", "left out: king, man, woman")
LEAVING = {
    b"\x1b[?1049l": "the alternate screen is left",
    b"\x1b[?25h": "the cursor is shown",
    b"\x1b[?1000l": "mouse buttons are not reported",
    b"\x1b[?1003l": "mouse moves are not reported",
    b"\x1b[?1006l": "mouse reports are not in SGR form",
    b"\x1b[?1004l": "the focus is not reported",
    b"\x1b[?2004l": "pastes are not bracketed",
    b"\x1b[<u": "keys are in their plain form",
}


@pytest.fixture
def environment(tmp_path):
    return environment_in(tmp_path)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def terminal(request, environment):
    """The app, started, at one of the two sizes that it is made for."""
    with Terminal(*request.param, environment) as started:
        started.wait_for(*READY)
        yield started


def leave(terminal):
    """Quit and hold the app to what it owes the terminal."""
    terminal.send(ctrl("q"))
    assert terminal.wait_end() == 0
    assert_restored(terminal)


def assert_restored(terminal):
    for sequence, promise in LEAVING.items():
        switched_on = sequence[:-1] + {b"l": b"h", b"h": b"l"}.get(sequence[-1:], b"")
        assert sequence in terminal.output, promise
        if switched_on != sequence[:-1]:
            assert terminal.output.rindex(sequence) > terminal.output.rindex(switched_on), promise
    assert terminal.modes == terminal.modes_before
    assert b"Traceback" not in terminal.output


def test_every_pane_is_filled_at_the_start(terminal):
    for key, shown in ((F4, NEIGHBOURS), (F5, ANSWERS), (F3, ("Row · king · id 691", "W_E[691]", "norm"))):
        terminal.send(key)
        terminal.wait_for(*shown)
    terminal.send(F2)
    terminal.wait_for("Strawberry│fields│for│the│king", "30 characters · 30 bytes")
    leave(terminal)


def test_all_panes_are_seen_at_once_where_there_is_room(environment):
    with Terminal(120, 40, environment) as terminal:
        terminal.wait_for(*READY, *NEIGHBOURS, *ANSWERS, "Row · king", "Tokenize")
        leave(terminal)


def test_tab_walks_the_panes(environment):
    with Terminal(80, 24, environment) as terminal:
        terminal.wait_for(*READY)
        for key, title in (
            (TAB, "╭─ Row"),
            (TAB, "╭─ Neighbours"),
            (TAB, "╭─ Arithmetic"),
            (TAB, "╭─ Tokenize"),
            (SHIFT_TAB, "╭─ Arithmetic"),
        ):
            terminal.send(key)
            terminal.wait_for(title)
        leave(terminal)


def test_typing_changes_the_tokens_and_the_selection(terminal):
    terminal.send(ctrl("u"))
    terminal.wait_for("─ 0 characters")
    terminal.send("a 国王")
    terminal.wait_for("4 characters · 8 bytes", "50702   │121│29207│233")
    terminal.send(" queen")
    terminal.wait_for("queen · id 2060 · position 3")
    terminal.send(F4)
    terminal.wait_for("Neighbours of queen", "princess", ".8515")
    leave(terminal)


def test_keys_that_come_in_one_burst_keep_their_order(environment):
    """As over a slow line, or while the app is busy."""
    with Terminal(80, 24, environment) as terminal:
        terminal.wait_for(*READY)
        terminal.send(ctrl("u") + "quern" + BACKSPACE * 2 + "en")
        terminal.wait_for("│ queen ", "─ 5 characters", "queen · id 2060 · position 0")
        terminal.send(F4 + "m/strawber" + DOWN * 2 + ENTER)
        terminal.wait_for("Neighbours of strawberries · dot")
        terminal.send(F5 + ctrl("u") + "paris - france + italy" + F4 + "m")
        terminal.wait_for("Neighbours of strawberries · euclidean")
        terminal.send(F5)
        terminal.wait_for("rome", "left out: paris, france, italy")
        leave(terminal)


def test_neighbours_are_followed_and_gone_back_from(terminal):
    terminal.send(F4)
    terminal.wait_for(*NEIGHBOURS)
    terminal.send(DOWN + ENTER)
    terminal.wait_for("Neighbours of queen", "queen · id 2060", "princess")
    terminal.send("m")
    terminal.wait_for("Neighbours of queen · dot")
    terminal.send(BACKSPACE)
    terminal.wait_for("Neighbours of king · dot", "king · id 691")
    leave(terminal)


def test_find_picks_a_token(terminal):
    terminal.send(F4)
    terminal.wait_for(*NEIGHBOURS)
    terminal.send("/")
    terminal.wait_for("Find a token")
    terminal.send("strawber")
    terminal.wait_for("strawberry", "strawberries")
    terminal.send(DOWN + ENTER)
    terminal.wait_for(
        "strawberry · id 13216",
        "Neighbours of strawberry",
        lambda text: "Find a token" not in text,
    )
    leave(terminal)


def test_an_expression_is_typed_and_an_error_is_said(terminal):
    terminal.send(F5)
    terminal.wait_for(*ANSWERS)
    terminal.send(BACKSPACE * len("king - man + woman"))
    terminal.wait_for("no answer")
    terminal.send("paris - france + italy")
    terminal.wait_for("rome", "left out: paris, france, italy")
    terminal.send("qqq")
    terminal.wait_for("italyqqq", "no answer", "not in glove")
    leave(terminal)


def test_an_untrained_space_says_so(terminal):
    terminal.send(ctrl("o"))
    terminal.wait_for("─ Open ─", "a path")
    terminal.send("gpt2-init")
    terminal.wait_for("untrained rows, drawn from")
    terminal.send(ENTER)
    terminal.wait_for("gpt2-init · 50,257 × 768", lambda text: "─ Open ─" not in text)
    terminal.send(F4)
    terminal.wait_for("Untrained neighbours of", "searched 50,257 of 50,257")
    terminal.send(F3)
    terminal.wait_for("untrained: random numbers", "W_P[6]")
    leave(terminal)


@pytest.mark.parametrize(
    ("key", "title"),
    [
        (ctrl("o"), "─ Open ─"),
        (ctrl("e"), "p50k_base"),
        (ctrl("f"), "Find a token"),
        (F1, "↑ ↓ scroll · Esc closes"),
        (ctrl("p"), "Search for commands"),
    ],
    ids=["open", "encodings", "find", "help", "commands"],
)
def test_escape_closes_what_a_key_opens(terminal, key, title):
    terminal.send(key)
    terminal.wait_for(title)
    terminal.send(ESCAPE)
    terminal.wait_for(*READY, lambda text: title not in text)
    leave(terminal)


def test_the_question_mark_lists_every_key(terminal):
    terminal.send(F4)
    terminal.wait_for(*NEIGHBOURS)
    terminal.send("?")
    terminal.wait_for("─ Keys ─", "Everywhere", "Open a file or another space")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda text: "─ Keys ─" not in text)
    leave(terminal)


def test_every_theme_shows_the_same(terminal):
    for _ in range(3):
        seen = len(terminal.output)
        terminal.send(F9)
        terminal.wait_for(*READY, lambda text, seen=seen: len(terminal.output) > seen)
    leave(terminal)


def test_the_window_may_change_its_size(environment):
    with Terminal(120, 40, environment) as terminal:
        terminal.wait_for(*READY, *NEIGHBOURS, *ANSWERS)
        for columns, lines in ((80, 24), (120, 40), (60, 20), (120, 40)):
            terminal.resize(columns, lines)
            wide = columns >= 110
            terminal.wait_for(
                "cl100k_base",
                lambda text, wide=wide: ("Neighbours of king" in text) is wide,
                lambda text, wide=wide: ("F2 Tokenize" in text) is not wide,
                lambda text: "^q quit" in text.splitlines()[-1],
            )
        terminal.wait_for(*NEIGHBOURS, *ANSWERS)
        leave(terminal)


@pytest.mark.parametrize("columns_lines", SIZES)
def test_a_long_search_is_stopped_by_escape_and_by_leaving(environment, columns_lines):
    with Terminal(*columns_lines, environment, (*APP, "--space", "gpt3-init")) as terminal:
        terminal.wait_for("␣king · id 5822")
        terminal.send(F4)
        terminal.wait_for("Esc stops")
        terminal.send(ESCAPE)
        terminal.wait_for("stopped", lambda text: "Esc stops" not in text)
        terminal.send("m")
        terminal.wait_for("Esc stops")
        leave(terminal)


@pytest.fixture(scope="module")
def vectors():
    """A folder with a small file, a broken one, and a packed one that takes seconds to read.

    Its name is short, so that what is said of them stands on one line.
    """
    with tempfile.TemporaryDirectory(prefix="v") as name:
        yield _filled(Path(name))


def _filled(folder):
    rows = [f"word{number} {number / 7:.6f} {number / 3:.6f} {number % 11}.25\n" for number in range(40_000)]
    (folder / "small.txt").write_text("".join(rows[:500]) + "word7 1 2 3\n")
    (folder / "broken.txt").write_text("".join(rows[:500]) + "word500 1 2\n")
    packed = bz2.compress("".join(rows).encode())
    with (folder / "large.txt.bz2").open("wb") as file:
        for _ in range(60):
            file.write(packed)
    return folder


def test_a_file_is_typed_to_opened_and_the_next_time_recent(terminal, vectors):
    terminal.send(ctrl("o"))
    terminal.wait_for("─ Open ─")
    terminal.send(f"{vectors}/sm" + TAB)
    terminal.wait_for("/small.txt")
    terminal.send(ENTER)
    terminal.wait_for("small.txt · 501 × 3", "F10 tells all about this space")
    terminal.send(F10)
    terminal.wait_for("─ About this space ─", "“word7”", "501 × 3")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda text: "About this space ─" not in text)
    terminal.send(ctrl("o"))
    terminal.wait_for("recent files", "small.txt")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda text: "recent files" not in text)
    leave(terminal)


def test_a_broken_file_is_said_to_be_so_and_the_space_stays(terminal, vectors):
    terminal.send(ctrl("o"))
    terminal.wait_for("─ Open ─")
    terminal.send(f"{vectors}/broken.txt" + ENTER)
    terminal.wait_for("broken.txt was not opened", "line 501", "glove-6B-50d is still open.")
    terminal.send(ESCAPE)
    terminal.wait_for(*READY, lambda text: "was not opened" not in text)
    leave(terminal)


def test_an_opening_is_followed_and_stopped(terminal, vectors):
    terminal.send(ctrl("o"))
    terminal.wait_for("─ Open ─")
    terminal.send(f"{vectors}/large.txt.bz2" + ENTER)
    terminal.wait_for("Opening large.txt.bz2", "MB/s", "Esc stops")
    terminal.send(F4)
    terminal.wait_for(*NEIGHBOURS)
    terminal.send(ESCAPE)
    terminal.wait_for("glove-6B-50d · 100,000 × 50", lambda text: "Opening large" not in text)
    leave(terminal)


def test_a_file_that_it_is_started_with_is_opened_in_sight(environment, vectors):
    with Terminal(80, 24, environment, (*APP, "--space", f"{vectors}/large.txt.bz2")) as terminal:
        terminal.wait_for("no space is open", "Opening large.txt.bz2", "Esc stops")
        terminal.send(ESCAPE)
        terminal.wait_for(lambda text: "Opening large" not in text)
        leave(terminal)
    with Terminal(80, 24, environment, (*APP, "--space", f"{vectors}/small.txt")) as terminal:
        terminal.wait_for("small.txt · 501 × 3")
        leave(terminal)


def test_started_with_a_broken_file_it_leaves_one_line(environment, vectors):
    with Terminal(80, 24, environment, (*APP, "--space", f"{vectors}/broken.txt")) as terminal:
        assert terminal.wait_end() == 1
        assert_restored(terminal)
        said = terminal.output[terminal.output.rindex(b"tui-embed: error: ") :].decode()
        assert "broken.txt, line 501: " in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_as_before(terminal, number):
    terminal.send_signal(number)
    assert terminal.wait_end() == 128 + number
    assert_restored(terminal)


@pytest.mark.parametrize(
    "variables",
    [
        {"NO_COLOR": "1"},
        {"TERM": "xterm"},
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "POSIX", "TERM": "vt100"},
    ],
    ids=str,
)
def test_poor_terminals_show_the_same(tmp_path, variables):
    with Terminal(120, 40, environment_in(tmp_path, **variables)) as terminal:
        terminal.wait_for(*READY, *NEIGHBOURS, *ANSWERS)
        terminal.send(F1)
        terminal.wait_for("↑ ↓ scroll · Esc closes")
        terminal.send(ESCAPE)
        terminal.wait_for(lambda text: "Esc closes, then" not in text)
        leave(terminal)


def test_no_color_means_no_colour(tmp_path):
    with Terminal(80, 24, environment_in(tmp_path, NO_COLOR="1")) as terminal:
        terminal.wait_for(*READY)
        coloured = {cell.fg for line in terminal.screen.buffer.values() for cell in line.values()}
        red_green_blue = {colour for colour in coloured if len(colour) == 6}
        assert all(colour[:2] == colour[2:4] == colour[4:] for colour in red_green_blue), red_green_blue
        leave(terminal)


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_without_a_terminal_it_names_the_verbs(environment, stream):
    """As in ``tui-embed < /dev/null`` and ``tui-embed | cat``: the other end is a terminal."""
    master, slave = os.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": subprocess.PIPE}
    streams[stream] = subprocess.DEVNULL if stream == "stdin" else subprocess.PIPE
    ran = subprocess.run(APP, **streams, check=False, timeout=60, env=environment, cwd=ROOT)
    os.close(slave)
    os.close(master)
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"tui-embed: error: the app needs a terminal")
    assert b"tokenize, row, neighbors, calc" in ran.stderr
    assert ran.stderr.count(b"\n") == 1
    assert not ran.stdout


def test_a_terminal_that_goes_away_ends_it(environment):
    """Nothing may spin on a terminal that is gone."""
    with Terminal(80, 24, environment) as terminal:
        terminal.wait_for(*READY)
        terminal.hang_up()
        assert terminal.process.wait(20) != 0


def test_a_plain_terminal_echoes(environment):
    """The measure itself: what assert_restored compares is not the same while the app runs."""
    with Terminal(80, 24, environment) as terminal:
        terminal.wait_for(*READY)
        assert terminal.modes_before[3] & termios.ECHO
        assert not terminal.modes[3] & termios.ECHO
        leave(terminal)
