"""The main path in a real tmux, at both sizes that the program is made for. Run with ``pytest -m tmux``."""

import shlex
import subprocess
import time
import uuid

import pytest
from checkpoints import gpt2_folder
from e2e.terminal import APP, ROOT, environment_in
from rich.cells import cell_len

pytestmark = pytest.mark.tmux

SECONDS = 30.0
POLL_SECONDS = 0.05


class Tmux:
    """The app in the one window of a tmux server of its own; what it left as exit status is on the screen."""

    def __init__(self, columns, lines, environment):
        self.columns, self.lines = columns, lines
        self._environment = environment
        self._tmux = ("tmux", "-L", f"tui-embed-{uuid.uuid4().hex}", "-f", "/dev/null")
        command = f"cd {shlex.quote(str(ROOT))}; {shlex.join(APP)}; echo left with $?; exec cat"
        self.run("-u", "new-session", "-d", "-x", str(columns), "-y", str(lines), "sh", "-c", command)

    def run(self, *arguments):
        done = subprocess.run(
            [*self._tmux, *arguments],
            check=True,
            capture_output=True,
            timeout=SECONDS,
            env=self._environment,
        )
        return done.stdout.decode("utf-8")

    def press(self, *keys):
        """Keys by tmux's own names."""
        self.run("send-keys", *keys)

    def type(self, text):
        self.run("send-keys", "-l", text)

    @property
    def text(self):
        return self.run("capture-pane", "-p")

    def wait_for(self, *wanted):
        """The screen, once it shows every text and meets every condition."""
        deadline = time.monotonic() + SECONDS
        while not all(
            want in (text := self.text) if isinstance(want, str) else want(self.text) for want in wanted
        ):
            assert time.monotonic() < deadline, f"{wanted} not on the screen after {SECONDS} s:\n{text}"
            time.sleep(POLL_SECONDS)
        return self.text


@pytest.fixture(params=[(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def tmux(request, tmp_path):
    """The app, started, in tmux."""
    terminal = Tmux(*request.param, environment_in(tmp_path))
    try:
        terminal.wait_for("king · id 691", "cl100k_base", "11734")
        yield terminal
    finally:
        terminal.run("kill-server")


def assert_frames_close(text, columns):
    """Every line fits, and each side of a frame stands in the column in which its frame began."""
    sides = []
    for line in text.splitlines():
        assert cell_len(line) <= columns, line
        cells = in_cells(line)
        if "╭" in line:
            sides = [at for at, cell in enumerate(cells) if cell in "╭╮"]
        elif "╰" in line:
            assert [at for at, cell in enumerate(cells) if cell in "╰╯"] == sides, line
            sides = []
        else:
            assert [cells[at] for at in sides] == ["│"] * len(sides), line
    assert sides == []


def in_cells(line):
    """What stands in each cell: of a wide character the second one is empty, a combining one has none."""
    return [cell for character in line for cell in (character, "")[: cell_len(character)]]


def test_the_main_path(tmux):
    wide = tmux.columns >= 110
    for key, shown in (
        ("F4", ("Neighbours of king", "prince", ".8236")),
        ("F5", ("queen", ".8524", "left out: king, man, woman")),
        ("F3", ("Row · king · id 691", "W_E[691]")),
        ("F2", ("Strawberry│fields│for│the│king",)),
    ):
        tmux.press(key)
        screen = tmux.wait_for(*shown)
        assert_frames_close(screen, tmux.columns)
        assert screen.splitlines()[-1].rstrip().endswith("F1 help")
        assert screen.count("╭") == (4 if wide else 1)
    tmux.press("F4")
    tmux.wait_for("Neighbours of king")
    tmux.press("Down", "Enter")
    tmux.wait_for("queen · id 2060", "Neighbours of queen", "princess")
    tmux.press("BSpace")
    tmux.wait_for("king · id 691", "Neighbours of king")
    tmux.type("/")
    tmux.wait_for("Find a token")
    tmux.type("strawberries")
    tmux.wait_for("1 token of 100,000")
    tmux.press("Enter")
    tmux.wait_for("Neighbours of strawberries")
    tmux.press("C-o")
    tmux.wait_for("─ Open ─", "a path")
    tmux.type("gpt2-init")
    tmux.wait_for("untrained rows, drawn from")
    tmux.press("Enter")
    tmux.wait_for("gpt2-init · 50,257 × 768", "Untrained neighbours of", "searched 50,257 of 50,257")
    assert_frames_close(tmux.text, tmux.columns)
    leave(tmux)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("国王 王后", "国王 王后"),
        ("naïve café ｆｕｌｌ", "ｆｕｌｌ"),
        ("🎉 🍓 king", "🍓 king"),
        ("e\u0301te\u0301 안녕", "안녕"),
    ],
    ids=["han", "full-width", "emoji", "combining"],
)
def test_wide_text_keeps_the_frames_closed(tmux, typed, shown):
    tmux.press("C-u")
    tmux.wait_for("─ 0 characters")
    tmux.type(typed)
    screen = tmux.wait_for(shown, f"─ {len(typed)} characters", lambda text: text.count("tokens ·") >= 2)
    assert_frames_close(screen, tmux.columns)
    leave(tmux)


def test_the_map_is_walked_and_drawn_anew(tmux, tmp_path):
    tmux.press("C-t")
    # the words of the last cluster are said when all is done
    text = tmux.wait_for("Map · neighbourhood of", "trustworthiness", "● 1 ")
    assert_frames_close(text, tmux.columns)
    before = text
    tmux.press("Right")
    text = tmux.wait_for(lambda text: text.splitlines()[0] != before.splitlines()[0])
    assert_frames_close(text, tmux.columns)
    tmux.press("e")
    tmux.wait_for("What to draw", "how many")
    tmux.press("Right")
    tmux.wait_for("perplexity")
    tmux.press("Enter")
    tmux.wait_for("t-SNE · perplexity", "KL ", "keeps")
    tmux.press("x")
    tmux.wait_for("Save the picture")
    tmux.press("C-u")
    tmux.type(str(tmp_path / "map.csv"))
    tmux.press("Enter")
    tmux.wait_for("Saved")
    assert (tmp_path / "map.csv").read_text().startswith("token,x,y,cluster,id\n")
    leave(tmux)


def leave(tmux):
    tmux.press("C-q")
    screen = tmux.wait_for("left with")
    assert screen.strip() == "left with 0"


def test_a_text_goes_through_a_checkpoint(tmux, tmp_path):
    folder = gpt2_folder(tmp_path / "small-gpt2")
    tmux.press("C-o")
    tmux.wait_for("recent files" if "recent files" in tmux.text else "Esc closes")
    tmux.type(str(folder))
    tmux.wait_for("small-gpt2")
    # into the folder, and then the first thing in it
    tmux.press("Enter")
    tmux.wait_for("this checkpoint")
    tmux.press("Enter")
    tmux.wait_for("GPT-2, float32")
    for mode in ("Map", "Train", "Model"):
        tmux.press("C-t")
        tmux.wait_for(f"[{mode}]" if tmux.columns >= 110 else lambda text, mode=mode: titled(text, mode))
    tmux.wait_for("Prompt · GPT-2 · 2 layers", "likeliest next token")
    tmux.press("t")
    tmux.press("C-u")
    tmux.type(" the king sat")
    tmux.wait_for("␣sat · place 2 · layer 2")
    tmux.press("Enter")
    tmux.wait_for("↑↓ token")
    tmux.press("Left")
    tmux.wait_for("layer 1")
    tmux.press("F3")
    tmux.wait_for("bits · softmax over", "if layer 1 were")
    tmux.press("F4", "s")
    tmux.wait_for("Under-trained tokens")
    tmux.press("C-q")
    tmux.wait_for("left with 0")


def test_a_small_window(tmp_path):
    terminal = Tmux(60, 20, environment_in(tmp_path))
    try:
        terminal.wait_for("F2 Tokenize", "Strawberry")
        for key, shown in (("F3", "W_E[691]"), ("F4", "prince"), ("F5", "queen"), ("F1", "Esc closes")):
            terminal.press(key)
            terminal.wait_for(shown)
        terminal.press("Escape")
        terminal.wait_for(lambda text: "Esc closes" not in text)
        terminal.run("resize-window", "-x", "1", "-y", "1")
        terminal.run("resize-window", "-x", "120", "-y", "40")
        terminal.wait_for("Neighbours of king", "Arithmetic", "prince")
        terminal.press("C-q")
        terminal.wait_for("left with 0")
    finally:
        terminal.run("kill-server")


def titled(text, mode):
    """Whether a narrow screen is that of ``mode``, by its tabs."""
    tabs = {"Map": "F3 Points", "Train": "F5 Step", "Model": "F5 Parameters"}
    return tabs[mode] in text
