"""What is written down when the program is at fault: enough to mend it, and nothing else."""

import stat

import pytest

from tui_embed import bug_reports
from tui_embed.bug_reports import MOST_KEPT, fault, report, write_report
from tui_embed.errors import SourceError
from tui_embed.locations import state_folder


def failing(text="by zero"):
    secret = "what the person worked on"
    try:
        raise ZeroDivisionError(text) from ValueError(len(secret))
    except ZeroDivisionError as error:
        return error


def reports():
    return sorted((state_folder() / "reports").glob("*"))


def test_the_line_names_the_report_and_the_report_the_place():
    found = fault(failing(), "searching glove", "neighbours")
    (path,) = reports()
    assert found.message == "searching glove failed: ZeroDivisionError: by zero"
    assert str(path) in found.hint
    text = path.read_text()
    for said in ("tui-embed 0.1.0", "Python 3.", "numpy ", "textual ", "while: neighbours"):
        assert said in text
    assert "test_bug_reports.py" in text
    assert "\nZeroDivisionError (its text is left out" in text
    assert "\ncaused by ValueError (its text" in text
    assert "raise ZeroDivisionError(text) from" in text
    assert "glove" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def chained():
    try:
        try:
            raise KeyError(SECRET)
        except KeyError:
            raise FileNotFoundError(2, SECRET, f"/home/{SECRET}.gguf")  # noqa: B904 — chained without a word
    except OSError as error:
        error.add_note(SECRET)
        return error


SECRET = "-".join(("my", "secret", "sentence"))


@pytest.mark.parametrize(
    "make",
    [
        chained,
        lambda: raised(ExceptionGroup(SECRET, [ValueError(SECRET), chained()])),
        lambda: raised(SyntaxError(SECRET, (f"{SECRET}.py", 1, 1, SECRET))),
        lambda: raised(UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET)),
        lambda: raised(SourceError(f"/home/{SECRET}.txt", SECRET)),
    ],
)
def test_nothing_of_what_was_worked_on_is_in_it(make):
    found = fault(make(), f"opening {SECRET}", "open")
    assert SECRET in found.message
    text = reports()[0].read_text()
    assert SECRET not in text
    assert "test_bug_reports.py:" in text


def test_errors_that_it_came_of_are_named():
    text = report(chained(), "x")
    assert "\nFileNotFoundError, errno 2 (its text" in text
    assert "\nraised while this was handled: KeyError (its text" in text
    text = report(ExceptionGroup("x", [chained()]), "x")
    assert "\namong them FileNotFoundError" in text


def test_errors_that_came_of_each_other_end():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert report(first, "x").count("Error (its text") == 2


def test_no_folder_of_the_person_is_in_it(monkeypatch, tmp_path):
    """Code is named from where it was imported; what was not imported by its name alone, its lines unread."""
    home = tmp_path / "alice" / SECRET
    (home / "lib").mkdir(parents=True)
    (home / "lib" / "some.py").write_text("1 / 0  # imported")
    (home / "own.py").write_text(f"1 / 0  # {SECRET}")
    monkeypatch.syspath_prepend(str(home / "lib"))
    for path, shown in (
        (home / "lib" / "some.py", "\n  some.py:1 in <module>\n    1 / 0"),
        (home / "own.py", "\n  own.py:1"),
    ):
        with pytest.raises(ZeroDivisionError) as caught:
            exec(compile(path.read_text(), str(path), "exec"))
        text = report(caught.value, "x")
        assert shown in text
        assert SECRET not in text
        assert "alice" not in text


def test_values_that_a_person_chose_are_not_in_it(monkeypatch):
    monkeypatch.setenv("TMUX", f"/tmp/{SECRET}")
    text = report(failing(), "x")
    assert "TMUX" in text
    assert SECRET not in text


def test_nothing_in_it_acts_on_a_terminal():
    text = report(failing("\x1b]0;owned\x07\x9b31m\u202e\nline two" + "x" * 10_000), "a\x1b[2Jb")
    assert not {character for character in text if ord(character) < 32 and character != "\n"}
    assert not {"\x9b", "\x7f", "\u202e"} & set(text)
    assert max(map(len, text.splitlines())) <= 500


def test_endless_errors_make_a_short_report():
    def deeper(n):
        return deeper(n + 1)

    with pytest.raises(RecursionError) as caught:
        deeper(0)
    assert len(report(caught.value, "x").splitlines()) <= bug_reports.MOST_LINES


def test_the_oldest_go():
    for _ in range(MOST_KEPT + 5):
        assert write_report(failing(), "x") is not None
    assert len(reports()) == MOST_KEPT


def test_a_folder_that_cannot_be_written_is_no_second_fault(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(bug_reports, "state_folder", lambda: tmp_path / "file")
    assert fault(failing(), "x", "x").hint == "a report could not be written"
