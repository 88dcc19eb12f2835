"""What the server logs: a line that names the kind of error, and nothing of the request."""

import logging

import pytest

pytest.importorskip("aiohttp")

from aiohttp.http_exceptions import BadStatusLine

from tui_embed.cli.serving.faults import LOGGERS, say_in_one_line
from tui_embed.locations import state_folder

SECRET = "-".join(("the", "token"))


@pytest.fixture
def logger():
    before = [(logging.getLogger(name), logging.getLogger(name).handlers) for name in LOGGERS]
    say_in_one_line()
    yield logging.getLogger("aiohttp.server")
    for taken, handlers in before:
        taken.handlers, taken.propagate = handlers, True


def test_a_fault_is_one_line_and_a_report_without_the_request(logger, capsys):
    logger.error("request %s", SECRET, exc_info=ValueError(SECRET))
    (path,) = (state_folder() / "reports").iterdir()
    said = capsys.readouterr().err
    assert said == f"tui-embed: error: serving failed: ValueError (a report for whoever mends it: {path})\n"
    assert SECRET not in path.read_text()


def test_a_record_without_an_error_is_one_line(logger, capsys):
    logger.error("request %s", SECRET)
    assert capsys.readouterr().err == "tui-embed: error: serving failed: aiohttp.server\n"


@pytest.mark.parametrize("error", [BadStatusLine(SECRET), ConnectionResetError(SECRET)])
def test_what_anybody_may_send_is_not_said(logger, capsys, error):
    logger.error("request %s", SECRET, exc_info=error)
    logger.warning("request %s", SECRET)
    assert capsys.readouterr().err == ""
