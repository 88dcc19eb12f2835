"""Watched words and pairs, and the small map, as a training moves."""

import dataclasses
import re
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input
from training_panes import corpus, drawn_rows, hostile_corpus, rows_for, shown, snapshot_of, view_of

from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.grammar import CHINESE, ENGLISH
from tui_embed.printable import printable
from tui_embed.tui.panes import train_watch
from tui_embed.tui.panes.train_watch import WatchPane, default_words
from tui_embed.tui.widgets.map_scene import drawn
from tui_embed.tui.widgets.mini_map import MapPoint, MiniMap, scene_of
from tui_embed.tui.widgets.viewport import Viewport

TEXT = "king queen prince apple pear\nking queen prince apple pear"
SIZES = [(80, 24), (120, 12), (41, 22), (20, 8)]


def fruit_and_royals(**changes):
    """A corpus, and rows in which the queen is nearest to the king, then the prince."""
    text = corpus(TEXT)
    rows = {
        "king": (1, 0, 0), "queen": (1, 0.1, 0), "prince": (1, 0.5, 0), "apple": (0, 0, 1),
        "pear": (0, 0.2, 1),
    }  # fmt: skip
    return text, rows_for(text, **{**rows, **changes})


def moment(view, rows, step, state="running"):
    return dataclasses.replace(view, snapshot=snapshot_of(rows, step, state))


async def watch(found, text):
    line = found.app.pane.query_one(Input)
    line.value = text
    await found.settle()


async def test_neighbours_are_ranked_by_cosine():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), rows, 7))
        await watch(found, "king")
        assert re.findall(r"[a-z]+", found.line("king "))[:5] == ["king", "queen", "prince", "apple", "pear"]
        assert "step 7" in found.seen


async def test_nothing_is_marked_at_first_and_what_moved_is_later():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        view = view_of(text)
        await found.show(moment(view, rows, 1))
        await watch(found, "king")
        assert "▲" not in found.seen
        assert "▼" not in found.seen
        await found.show(moment(view, fruit_and_royals(prince=(1, 0, 0))[1], 2))
        line = found.line("king ")
        assert "▲prince" in line
        assert "▼queen" in line


async def test_a_pair_has_its_cosine_and_a_point_for_each_moment():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        view = view_of(text)
        for step in range(1, 6):
            await found.show(moment(view, rows, step))
        await watch(found, "king~apple")
        for step in range(6, 9):
            await found.show(moment(view, rows, step))
        line = found.line("king ~ apple")
        assert ".0000" in line
        # the moment of the edit and three more, each once
        assert len(re.findall(r"[▁▂▃▄▅▆▇█]", line)) == 4


async def test_history_stays_bounded_and_keeps_its_beginning(monkeypatch):
    monkeypatch.setattr("tui_embed.engine.training.watching.MOST_MOMENTS", 8)
    text, rows = fruit_and_royals(apple=(1, 0, 0))
    apart = fruit_and_royals(apple=(-1, 0, 0))[1]
    async with shown(WatchPane()) as found:
        view = view_of(text)
        await watch(found, "king~apple")
        for step in range(1, 40):
            await found.show(moment(view, rows if step == 1 else apart, step))
            if step == 1:
                await watch(found, "king~apple")
        (trace,) = found.app.pane._traces.values()
        assert len(trace.steps) <= 8
        assert trace.steps[0] == 1
        assert trace.steps[-1] == 39


async def test_what_is_not_in_the_vocabulary_is_said():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), rows, 1))
        await watch(found, "king wombat king~yak")
        assert "wombat king~yak" in found.seen
        assert found.line("king ")


async def test_a_token_with_a_space_before_it_is_found():
    text = corpus_of([[" king", " queen", " apple"]] * 2)
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), drawn_rows(text), 1))
        await watch(found, "King king~queen")
        assert "not in it" not in found.seen
        assert found.line("␣king ~ ␣queen")


async def test_other_words_asked_for_during_a_look_are_looked_at(monkeypatch):
    text, rows = fruit_and_royals()
    go, looked = threading.Event(), train_watch.watch

    def slow(*args, **more):
        assert go.wait(30)
        return looked(*args, **more)

    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), rows, 1, "paused"))
        await watch(found, "king")
        monkeypatch.setattr(train_watch, "watch", slow)
        line = found.app.pane.query_one(Input)
        line.value = "king queen"
        await found.pilot.pause()
        line.value = "apple"
        await found.pilot.pause()
        go.set()
        await found.settle()
        assert found.line("apple ")


async def test_another_training_during_a_look_is_not_mixed_up(monkeypatch):
    text, rows = fruit_and_royals()
    other = corpus("sun moon\nsun moon")
    go, looked = threading.Event(), train_watch.watch

    def slow(*args, **more):
        assert go.wait(30)
        return looked(*args, **more)

    async with shown(WatchPane()) as found:
        monkeypatch.setattr(train_watch, "watch", slow)
        found.app.training = moment(view_of(text), rows, 1)
        await found.pilot.pause()
        found.app.training = moment(view_of(other), drawn_rows(other), 1)
        await found.pilot.pause()
        go.set()
        await found.settle()
        assert "sun" in found.seen
        assert "king" not in found.seen


async def test_a_look_that_failed_is_not_the_last(monkeypatch):
    text, rows = fruit_and_royals()
    looked = train_watch.watch

    def broken(*args, **more):
        raise MemoryError("no room")

    async with shown(WatchPane()) as found:
        view = view_of(text)
        monkeypatch.setattr(train_watch, "watch", broken)
        await found.show(moment(view, rows, 1))
        monkeypatch.setattr(train_watch, "watch", looked)
        await found.show(moment(view, rows, 2))
        assert "step 2" in found.seen


async def test_escape_does_not_end_the_watching():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        view = view_of(text)
        found.app.training = moment(view, rows, 1)
        await found.pilot.pause()
        found.app.jobs.stop()
        await found.settle()
        await found.show(moment(view, rows, 2))
        assert "step 2" in found.seen


async def test_the_history_of_one_training_is_not_that_of_the_next():
    text, rows = fruit_and_royals()
    again = corpus(TEXT)
    async with shown(WatchPane()) as found:
        view = view_of(text)
        for step in range(1, 6):
            await found.show(moment(view, rows, step))
        await found.show(moment(view_of(again), rows, 1))
        assert all(len(trace.steps) == 1 for trace in found.app.pane._traces.values())


async def test_a_row_that_is_not_finite_has_no_neighbours_and_harms_no_other():
    text, rows = fruit_and_royals(apple=(np.nan, 0, 0), pear=(np.inf, 0, 0))
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), rows, 1))
        await watch(found, "apple king king~apple")
        assert re.findall(r"[a-z]+", found.line("king ")) == ["king", "queen", "prince"]
        assert "queen" not in found.line("apple ")
        assert "PCA" in found.seen


@pytest.mark.parametrize("text", ["king", "king queen"])
async def test_few_words_are_enough(text):
    words = corpus(text)
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(words), drawn_rows(words), 1))
        assert found.line("king")


@pytest.mark.parametrize("size", SIZES)
async def test_no_token_reaches_the_terminal_as_it_is(size):
    text = hostile_corpus()
    async with shown(WatchPane(), size) as found:
        view = view_of(text)
        for step in range(1, 4):
            await found.show(moment(view, drawn_rows(text, step), step))
            found.assert_harmless()
        # whatever was put on the line by itself is what a person could have typed
        line = found.app.pane.query_one(Input)
        assert printable(line.value) == line.value
        ids = range(text.n_vocab)
        pane = found.app.pane
        for first in range(0, text.n_vocab, 5):
            pane.watch_ids(list(ids)[first : first + 5], [(first, 0)])
            await found.settle()
            found.assert_harmless()


@pytest.mark.parametrize("grammar", [ENGLISH, CHINESE])
def test_a_grammar_is_watched_at_words_of_its_clusters(grammar):
    text = corpus_of(grammar.sentences(300), grammar.name)
    parts = default_words(text).split()
    nouns = {noun for cluster in grammar.clusters.values() for noun in cluster}
    assert len(parts) >= 4
    assert all(word in nouns for part in parts for word in part.split("~"))
    kinds = [next(k for k, c in grammar.clusters.items() if word in c) for word in parts if "~" not in word]
    assert len(set(kinds)) == len(kinds)


def test_a_grammar_that_was_split_otherwise_is_watched_at_what_there_is():
    text = corpus_of([list("".join(s)) for s in CHINESE.sentences(300)], CHINESE.name)
    words = default_words(text).replace("~", " ").split()
    assert words
    assert all(word in text.vocabulary for word in words)


@st.composite
def maps(draw):
    width, height = draw(st.integers(1, 60)), draw(st.integers(1, 20))
    number = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, float("nan"), float("inf")])
    name = st.text(max_size=20) | st.sampled_from(["東京都", "a\u0301", "\x1b[31m", ""])
    points = draw(st.lists(st.builds(MapPoint, name, number, number, st.booleans()), max_size=30))
    return points, width, height


@given(maps())
def test_names_on_the_map_overlap_neither_one_another_nor_a_marked_dot(case):
    points, width, height = case
    scene = scene_of(points)
    viewport = Viewport.around(scene.points, (2 * width, 4 * height), stretched=True)
    cells = drawn(scene, viewport, width, height)
    taken = {(x, y) for x, y, role, _ in cells.spots if role == "main"}
    assert all(0 <= x < width and 0 <= y < height for x, y in taken)
    for name in cells.names:
        own = {(x, name.box.y) for x in range(name.box.x, name.box.x + name.box.width)}
        assert not own & taken
        assert all(0 <= x < width and 0 <= y < height for x, y in own)
        taken |= own


async def test_the_map_draws_lines_of_its_width():
    widget = MiniMap()

    class Map(WatchPane):
        def compose(self):
            yield widget

        def watch_training(self, training):
            pass

        @property
        def main(self):
            return widget

    async with shown(Map(), (60, 12)) as found:
        widget.show(
            [MapPoint(name, x, x * x, x == 1) for x, name in enumerate(["東京", "king", "מלך", "\x1b"])]
        )
        await found.settle()
        assert {widget.render_line(y).cell_length for y in range(widget.size.height)} == {widget.size.width}
        assert "東京" in found.seen
        found.assert_harmless()


async def test_three_neighbours_at_least_are_seen_in_a_narrow_pane():
    text = corpus_of(ENGLISH.sentences(300), ENGLISH.name)
    async with shown(WatchPane(), (41, 22)) as found:
        await found.show(moment(view_of(text), drawn_rows(text, width=8), 1))
        await watch(found, "king paris")
        scores = [re.findall(r"\.\d\d\b", line) for line in found.lines]
        king, paris = [n for n, line in enumerate(found.lines) if re.match(r"│ (king|paris) {3,}", line)][:2]
        assert 3 <= sum(map(len, scores[king:paris])) <= 5


async def test_the_line_is_entered_and_left_by_keys():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), rows, 1))
        line = found.app.pane.query_one(Input)
        assert not line.has_focus
        for leave in ("enter", "down", "escape"):
            await found.press("e")
            assert line.has_focus
            await found.press(leave)
            assert found.app.pane.main.has_focus
        await found.press("e", "ctrl+u", *"pear")
        assert found.line("pear ")


async def test_words_that_a_person_wrote_stay_in_the_next_training():
    text, rows = fruit_and_royals()
    async with shown(WatchPane()) as found:
        await found.show(moment(view_of(text), rows, 1))
        await watch(found, "pear")
        await found.show(moment(view_of(corpus(TEXT)), rows, 1))
        assert found.app.pane.query_one(Input).value == "pear"
        await found.show(moment(view_of(corpus("sun moon\nsun moon")), drawn_rows(corpus("sun moon")), 1))
        assert "sun" in found.app.pane.query_one(Input).value
        await found.show(None)
        assert "sun ~" not in found.seen
