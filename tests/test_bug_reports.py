"""What is written down when the program is at fault: enough to mend it, and nothing else."""

import stat

import pytest

from tui_embed import bug_reports
from tui_embed.bug_reports import MOST_KEPT, fault, report, write_report
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
    found = fault(failing(), "searching glove")
    (path,) = reports()
    assert found.message == "searching glove failed: ZeroDivisionError: by zero"
    assert str(path) in found.hint
    text = path.read_text()
    for said in ("tui-embed 0.1.0", "Python 3.", "numpy ", "textual ", "while: searching glove"):
        assert said in text
    assert "test_bug_reports.py" in text
    assert "ZeroDivisionError: by zero" in text
    assert "ValueError" in text
    assert "what the person worked on" not in text.replace('secret = "what the person worked on"', "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


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
    assert fault(failing(), "x").hint == "a report could not be written"
