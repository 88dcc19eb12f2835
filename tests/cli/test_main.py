"""The command as a whole: help, errors, the app's door, progress."""

import errno
import io
import os
import sys
import time
from types import ModuleType

import pytest

from tui_embed import __version__
from tui_embed.cli import calc, streams
from tui_embed.cli.main import VERBS, main
from tui_embed.cli.progress import progress, read_then


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example_and_exit_statuses(run, verb):
    ran = run(verb, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert "--json" in ran.out
    assert f"examples:\n  tui-embed {verb}" in ran.out
    assert "exit status: 0 done; 1 failed; 2 wrong usage" in ran.out


@pytest.mark.parametrize(
    "verb", ["tokenize", "row", "neighbors", "calc", "find", "odd-one-out", "similarity", "evaluate", "info"]
)
def test_verbs_on_a_space_take_it(run, verb):
    out = run(verb, "--help").out
    for option in ("--space S", "--seed N", "--init {normal,uniform}"):
        assert option in out


def test_help_names_every_verb(run):
    ran = run("--help")
    assert ran.status == 0
    for verb in VERBS:
        assert f"\n    {verb} " in ran.out


def test_version(run):
    assert run("--version").out == f"tui-embed {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["nieghbors", "king"], ["--foo"], ["neighbors", "king", "--js"], ["--text", "x", "spaces"]]
)
def test_wrong_usage_is_one_line(run, arguments):
    ran = run(*arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("tui-embed: error: ")


def test_an_error_is_safe_to_show(run):
    ran = run("neighbors", "\x1b]0;gone\x07\n\u202e\udcff")
    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert not set("\x1b\x07\u202e\udcff") & set(ran.err)


def test_what_nobody_expected_is_one_line_too(run, monkeypatch):
    def broken(options):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(calc, "run", broken)
    ran = run("calc", "king")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("tui-embed: error: this failed: ZeroDivisionError: by zero (a report for")
    assert ran.err.count("\n") == 1
    monkeypatch.setenv("TUI_EMBED_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["calc", "king"])


def test_ctrl_c_is_quiet(run, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(calc, "run", interrupted)
    ran = run("calc", "king")
    assert (ran.status, ran.out, ran.err) == (130, "", "")


def test_ctrl_c_is_one_line_for_a_person(run, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(calc, "run", interrupted)
    monkeypatch.setattr("tui_embed.cli.streams.is_terminal", lambda stream: True)
    ran = run("calc", "king")
    assert (ran.status, ran.out, ran.err) == (130, "", "\r\x1b[Ktui-embed: stopped by Ctrl+C\n")


class FullDisk(io.RawIOBase):
    """Where nothing can be written, until it is sent elsewhere."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        self.refused = False

    def writable(self):
        return True

    def fileno(self):
        return self.descriptor

    def write(self, content):
        if self.refused:
            return len(content)
        self.refused = True
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_an_error(capsys, monkeypatch, tmp_path):
    disk = FullDisk(tmp_path / "disk")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(disk)))
    status = main(["spaces"])
    sys.stdout.close()
    assert status == 1
    assert (
        capsys.readouterr().err == "tui-embed: error: the output cannot be written: No space left on device\n"
    )


@pytest.fixture
def app(monkeypatch):
    """An app in place of the real one, which keeps what it was called with."""
    calls = []

    def run_app(settings, text):
        calls.append((settings, text))
        return 7

    module = ModuleType("tui_embed.tui.app")
    module.run_app = run_app
    monkeypatch.setitem(sys.modules, "tui_embed.tui.app", module)
    return calls


def test_no_verb_opens_the_app(run, app, monkeypatch):
    monkeypatch.setattr(streams, "is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert run("--space", "gpt2-init", "--seed", "5", "--text", "strawberry").status == 7
    ((settings, text),) = app
    assert (settings.space, settings.seed, text) == ("gpt2-init", 5, "strawberry")
    assert run().status == 7
    assert app[1][1] is None


def test_a_dumb_terminal_is_told_the_verbs(run, app, monkeypatch):
    monkeypatch.setattr(streams, "is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "dumb")
    ran = run()
    assert (ran.status, ran.out, ran.err.count("\n"), app) == (2, "", 1, [])
    assert ", ".join(VERBS) in ran.err


@pytest.mark.parametrize("redirected", ["stdin", "stdout"])
def test_no_terminal_is_told_the_verbs(run, app, monkeypatch, redirected):
    # found by name when asked: capsys puts another stream in place
    monkeypatch.setattr(streams, "is_terminal", lambda stream: stream is not getattr(sys, redirected))
    ran = run()
    assert (ran.status, ran.out, ran.err.count("\n"), app) == (2, "", 1, [])
    assert ", ".join(VERBS) in ran.err


def test_a_broken_config_names_its_place(run, own_settings):
    (own_settings / "config.toml").write_text("space = \n")
    ran = run("info")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "config.toml" in ran.err
    assert run("spaces").status == 0


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals(capsys, monkeypatch, terminal):
    monkeypatch.setattr("tui_embed.cli.progress.is_terminal", lambda stream: terminal)
    monkeypatch.setattr("tui_embed.cli.progress.FIRST_AFTER", 0.0)
    with progress("searching") as report:
        report(1024, 50257)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\rsearching: 1,024 of 50,257\x1b[K\r\x1b[K" if terminal else "")
    assert bool(err) is terminal


def test_progress_says_what_is_done_before_it_can_say_how_far(capsys, monkeypatch):
    monkeypatch.setattr("tui_embed.cli.progress.is_terminal", lambda stream: True)
    monkeypatch.setattr("tui_embed.cli.progress.FIRST_AFTER", 0.01)
    with progress("reading", read_then("working it out")) as show:
        shown, deadline = "", time.monotonic() + 30
        while "\rreading\x1b[K" not in shown and time.monotonic() < deadline:
            time.sleep(0.01)
            shown += capsys.readouterr().err
        show(5, 5)
    assert capsys.readouterr().err == "\rreading: 5, working it out\x1b[K\r\x1b[K"
    show(5, 5)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("statistic", "there is no verb 'statistic' (did you mean statistics?; --space S opens a space)"),
        ("minilm", "there is no verb 'minilm' ('tui-embed --help' lists all; --space S opens a space)"),
        ("x\x1b[31m", "there is no verb"),
    ],
)
def test_what_is_no_verb(run, given, says):
    ran = run(given)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert says in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example_and_fits_80_columns(run, verb):
    ran = run(verb, "--help")
    assert ran.status == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "examples:\n  " in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("info", "--space", "~nouser/x"),
        ("cache", "drop", "~nouser/x"),
        ("convert", "glove", "~nouser/x.txt"),
        ("map", "king", "queen", "--out", "~nouser/x.svg"),
        ("map", "--file", "~nouser/x"),
        ("train", "~nouser/x", "--out", "x.npz"),
    ],
)
def test_a_home_that_is_nobodys_is_one_line(run, arguments):
    ran = run(*arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ": there is no home for ~nouser (write the whole path)" in ran.err
