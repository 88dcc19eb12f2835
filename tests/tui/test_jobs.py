"""Work in the background: stopped, replaced, failing, and never answering a question that was not asked."""

import os
import pty
import select
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from tui_embed.engine.neighbors import Answer
from tui_embed.engine.rows import Distribution, DrawnRows
from tui_embed.sources.catalog import open_space
from tui_embed.tui.jobs import JobCancelled, JobFailed, JobFinished
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.row_view import RowView

SECONDS = 60


@pytest.fixture
def untrained(words):
    """The space of WORDS with rows that exist only when drawn, so that arithmetic waits for Enter."""
    space = words(name="small-init", trained=False)
    space.matrix.rows = DrawnRows(space.matrix.rows.shape, Distribution("normal", 0.02), 1)
    space.matrix._norms = None
    return space


class Gate:
    """Work that stands still until it is let on, in place of ``name``."""

    def __init__(self, monkeypatch, name: str) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        module, _, function = name.rpartition(".")
        original = getattr(sys.modules[module], function)

        def held(*arguments, **named):
            self.entered.set()
            assert self.open.wait(SECONDS)
            return original(*arguments, **named)

        monkeypatch.setattr(name, held)


async def waited(driver, event: threading.Event) -> None:
    await driver.until(event.is_set)


async def test_esc_stops_a_search_over_a_large_space_and_the_app_goes_on(explore, words):
    async with explore() as driver:
        driver.app._enter(open_space("gpt3-init"))
        await driver.until(lambda: not (not driver.app.jobs.running() or "Esc stops" not in driver.lines[0]))
        await driver.pilot.press("f4", "escape")
        await driver.settle()
        assert driver.sent(JobCancelled)
        assert "stopped" in driver.seen
        assert "Esc stops" not in driver.lines[0]
        assert not driver.app.jobs.running()
        await driver.enter(words())
        await driver.press("slash", *"queen", "enter")
        assert driver.token == "queen"
        assert driver.answers(driver.neighbours)[0] == "princess"


async def test_progress_that_comes_after_esc_is_not_shown(explore, monkeypatch):
    async with explore() as driver:
        told = threading.Event()

        def search(space, query, k, metric, exclude, among, cancel, progress):
            while not cancel.cancelled:
                told.wait(0.001)
            told.wait(0.15)
            progress(1, 2)
            cancel.check()

        monkeypatch.setattr("tui_embed.tui.panes.neighbours.nearest", search)
        await driver.pilot.press("f4", "m")
        await driver.pilot.press("escape")
        await driver.settle()
        assert "Esc stops" not in driver.lines[0]


async def test_esc_stops_from_the_line_where_enter_started_it(explore, untrained, monkeypatch):
    async with explore(untrained) as driver:
        await driver.press("f5")
        gate = Gate(monkeypatch, "tui_embed.tui.panes.arithmetic.solve")
        await driver.pilot.press("enter")
        await waited(driver, gate.entered)
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        gate.open.set()
        await driver.settle()
        assert driver.said("#notes").startswith("stopped")
        assert driver.answers(driver.arithmetic) == []


async def test_what_runs_is_no_longer_named_when_its_question_is_dropped(explore, untrained, monkeypatch):
    async with explore(untrained) as driver:
        await driver.press("f5")
        stopped, begun = threading.Event(), threading.Event()

        def solve(space, combination, k, method, exclude, cancel, progress):
            while not cancel.cancelled:
                begun.wait(0.12)
                progress(1, 2)
                begun.set()
            stopped.set()
            cancel.check()

        monkeypatch.setattr("tui_embed.tui.panes.arithmetic.solve", solve)
        await driver.pilot.press("enter")
        await driver.until(lambda: not ("Esc stops" not in driver.lines[0]))
        await driver.pilot.press("plus")
        await waited(driver, stopped)
        await driver.settle()
        assert "Esc stops" not in driver.lines[0]


async def test_an_untrained_space_says_so_wherever_a_number_of_its_rows_stands(explore, untrained):
    async with explore(untrained) as driver:
        assert "untrained" in driver.lines[0]
        assert "Untrained neighbours of king" in driver.seen
        assert "untrained: random numbers" in driver.seen
        assert driver.answers(driver.arithmetic) == []
        assert driver.said("#notes").startswith("Enter searches")
        await driver.press("f5", "enter")
        assert "untrained" in str(driver.arithmetic.border_title)
        assert len(driver.answers(driver.arithmetic)) == 10
        await driver.press("space", "plus")
        assert driver.answers(driver.arithmetic) == []


async def test_a_job_that_raises_is_an_error_and_the_app_lives_on(explore, monkeypatch):
    async with explore() as driver:
        with monkeypatch.context() as patched:

            def broken(*arguments):
                raise ValueError("[/] \x1b[31m broken")

            patched.setattr("tui_embed.tui.panes.neighbours.nearest", broken)
            await driver.press("f4", "m")
        assert len(driver.sent(JobFailed)) >= 1
        assert "ValueError: [/] ␛[31m broken" in driver.neighbours.query_one(RankedList)._empty
        driver.assert_harmless()
        assert driver.answers(driver.neighbours) == []
        await driver.press("m")
        assert driver.answers(driver.neighbours)[0] == "prince"


async def test_an_answer_that_comes_after_the_expression_changed_is_not_shown(explore, monkeypatch):
    async with explore() as driver:
        await driver.press("f5")
        gate = Gate(monkeypatch, "tui_embed.tui.panes.arithmetic.solve")
        await driver.pilot.press("enter")
        await waited(driver, gate.entered)
        await driver.pilot.press("plus")
        gate.open.set()
        await driver.settle()
        assert driver.answers(driver.arithmetic) == []


async def test_an_answer_that_waits_behind_a_key_is_not_shown(explore, words):
    async with explore() as driver:
        pane = driver.arithmetic
        job = driver.app.jobs.start("arithmetic", lambda *_: None, pane, "test")
        await driver.app.workers.wait_for_complete()
        pane._fail("the expression changed")
        assert job.stale


async def test_a_row_that_was_read_of_the_space_before_is_not_shown(explore, build, monkeypatch):
    async with explore() as driver:
        gate = Gate(monkeypatch, "tui_embed.tui.panes.row.inspect_row")
        await driver.pilot.press("f4", "end", "enter")
        await waited(driver, gate.entered)
        driver.app._enter(build(["eins"], np.ones((1, 3)), name="german"))
        await driver.pilot.pause()
        gate.open.set()
        await driver.settle()
        assert driver.row.query_one(RowView).inspected is None


async def test_neighbours_of_the_space_before_cannot_be_followed(explore, words, build, monkeypatch):
    async with explore() as driver:
        await driver.press("f4")
        gate = Gate(monkeypatch, "tui_embed.tui.panes.neighbours.nearest")
        driver.app._enter(build(["king", *"abcdefghijklmnop"], np.ones((17, 3)), name="other"))
        await waited(driver, gate.entered)
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        assert driver.token == "king"
        gate.open.set()
        await driver.settle()
        assert set(driver.answers(driver.neighbours)) <= set("abcdefghijklmnop")


async def test_opening_a_space_by_name_is_a_job(explore, monkeypatch):
    async with explore() as driver:
        await driver.app.run_action("open_named('gpt2-init')")
        driver.neighbours._search = lambda: None
        await driver.settle()
        assert any(message.job.kind == "open" for message in driver.sent(JobFinished))
        assert driver.app.space.name == "gpt2-init"
        assert driver.token == " king"


async def test_quitting_stops_what_runs(explore, monkeypatch):
    cancelled = threading.Event()

    def search(space, query, k, metric, exclude, among, cancel, progress):
        while not cancel.cancelled:
            cancelled.wait(0.001)
        cancelled.set()
        return Answer([], 0, 0)

    async with explore() as driver:
        monkeypatch.setattr("tui_embed.tui.panes.neighbours.nearest", search)
        await driver.pilot.press("f4", "m")
        try:
            await driver.pilot.press("ctrl+q")
            assert not driver.app.jobs.running()
        finally:
            driver.app.jobs.stop()
    assert cancelled.wait(SECONDS)


def read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], SECONDS)
    assert ready, "nothing was written for a minute"
    return os.read(terminal, 65536)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_app_with_the_terminal_as_it_was(number, status, tmp_path):
    leader, follower = pty.openpty()
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "XDG_CONFIG_HOME": str(tmp_path),
        "COLUMNS": "80",
        "LINES": "24",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tui_embed"], stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    written = b""
    try:
        while b"searched" not in written and b"Tokenize" not in written:
            written += read(leader)
        process.send_signal(number)
        while True:
            try:
                block = read(leader)
            except OSError:
                break
            if not block:
                break
            written += block
        assert process.wait(SECONDS) == status
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h")
    assert b"\x1b[?1000l" in written
