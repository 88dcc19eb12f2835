"""The form: what it asks, what it says, and what comes of it."""

import re

import numpy as np
import pytest
from trainee import ENDLESS, rows_of

from tui_embed.sources.corpora import recommended

EVIL = "\x1b[2J \x1b]0;owned\x07 [/] [red]x \u202eabc \u2066y \u009b2J 他很高兴"


@pytest.fixture
def text(tmp_path):
    """A function that writes a corpus."""

    def write(content: str, name: str = "text.txt"):
        path = tmp_path / "here" / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


async def test_only_what_matters_to_the_objective_is_asked(train):
    own = {"skipgram": {"negatives", "ngrams"}, "glove": {"x_max"}, "lm": {"n_ctx", "body", "tied"}}
    async with train() as trainee:
        for objective, wanted in own.items():
            await trainee.choose("objective", objective)
            shown = {field.name for field in trainee.form._fields}
            assert wanted <= shown
            assert not shown & set().union(*(names for names in own.values() if names is not wanted))


async def test_the_number_of_parameters_follows_what_is_typed(train):
    async with train() as trainee:
        await trainee.until(lambda: "n_vocab" in trainee.driver.said("#setup-said"))
        said = trainee.driver.said("#setup-said")
        n_vocab = int(re.search(r"n_vocab ([\d,]+)", said)[1].replace(",", ""))
        for width in (10, 24):
            await trainee.fill(d_model=width)
            assert f"{2 * n_vocab * width:,} parameters" in trainee.driver.said("#setup-said")


async def test_keys_that_are_pressed_ahead_go_where_they_were_meant_to(train):
    async with train() as trainee:
        trainee.send("down", "down", "1", "2", "down", "7")
        await trainee.acted()
        assert (trainee.form.values["d_model"], trainee.form.values["window"]) == ("12", "7")


async def test_keys_that_are_pressed_ahead_of_a_choice_go_to_the_fields_that_it_shows(train):
    async with train() as trainee:
        # an earlier text and its recommendations, then a width of one's own; the fields of a language model
        trainee.send("right", "down", "left", "down", "9", "down", "5")
        await trainee.acted()
        values = trainee.form.values
        assert (values["corpus"], values["objective"]) == ("grammar-zh", "lm")
        assert (values["d_model"], values["n_ctx"]) == ("9", "5")


async def test_an_error_stands_at_its_field_and_nothing_starts(train):
    async with train() as trainee:
        await trainee.fill(epochs="0")
        await trainee.driver.press("enter")
        assert "it is 1" in next(line for line in trainee.driver.lines if " epochs " in line)
        assert trainee.driver.said("#setup-said").startswith("it is 1 … 100,000")
        await trainee.fill(window="x")
        await trainee.driver.press("enter")
        assert "a whole" in next(line for line in trainee.driver.lines if " window " in line)
        assert not trainee.app.session.running
        await trainee.fill(window="2", epochs="1")
        assert "whole number" not in trainee.seen
        await trainee.start()


async def test_a_text_that_is_not_there_is_said_with_near_names(train):
    async with train() as trainee:
        await trainee.fill(corpus="gramar-en")
        await trainee.until(lambda: "did you mean grammar-en" in trainee.driver.said("#setup-said"))
        assert "there is no text" in trainee.driver.said("#setup-said")
        await trainee.press("enter")
        await trainee.until(lambda: trainee.notices)
        assert "there is no text" in trainee.notices[-1]
        assert trainee.view is None
        assert not trainee.app.session.running


async def test_what_a_person_has_said_is_not_recommended_away(train):
    async with train() as trainee:
        await trainee.fill(d_model="12")
        await trainee.choose("corpus", "grammar-zh")
        assert trainee.form.values["d_model"] == "12"
        # and what was not said is
        await trainee.choose("objective", "glove")
        assert trainee.form.values["epochs"] == str(recommended("grammar-zh", "glove").epochs)
        assert trainee.form.values["epochs"] != str(recommended("grammar-zh", "skipgram").epochs)


async def test_a_form_that_is_being_filled_in_stays(train):
    async with train() as trainee:
        await trainee.start(epochs=1)
        await trainee.end()
        await trainee.press("f2", "n")
        await trainee.fill(d_model="9")
        trainee.ask_step(apply=False)
        await trainee.until(lambda: trainee.view.explained is not None)
        await trainee.acted()
        assert trainee.form.display
        assert trainee.form.values["d_model"] == "9"


async def test_rows_of_the_open_space_are_frozen_and_proven(train, words, text):
    path = text("the king and the queen\nthe man and the woman of it\n" * 40)
    async with train(words(), size=(120, 40)) as trainee:
        await trainee.fill(corpus=path.name, epochs=ENDLESS, min_count=1, d_model=8)
        await trainee.choose("start", "space")
        await trainee.choose("freeze", "pretrained")
        await trainee.press("enter")
        await trainee.until(lambda: trainee.state and trainee.step > 20)
        await trainee.acted()
        assert "5 rows of it" in trainee.facts
        unmatched = next(line for line in trainee.facts.split("\n") if line.startswith("not there"))
        assert set(re.findall(r"\w+", unmatched.removeprefix("not there"))) == {"and", "of", "it"}
        assert "5 rows: unchanged, compared bit for bit" in trainee.facts
        vocabulary, rows = trainee.view.corpus.vocabulary, rows_of(trainee.view.snapshot)
        assert np.array_equal(rows[vocabulary.get("king")], np.float32([1, 1, 0, 0, 0, 0, 0, 0]))
        assert np.abs(rows[vocabulary.get("of")]).max() > 0.5 / 8


async def test_rows_of_another_width_are_refused_with_the_way_out(train):
    async with train() as trainee:
        await trainee.choose("start", "space")
        await trainee.press("enter")
        await trainee.until(lambda: trainee.notices)
        assert "rows of 8 numbers" in trainee.notices[-1]
        assert "project" in trainee.notices[-1]
        assert trainee.view is None
        assert not trainee.app.session.running


async def test_hostile_tokens_and_names_are_harmless(train, text):
    path = text(f"{EVIL} the king\n{EVIL} the queen\n" * 30, "\x1b[31m[red].txt")
    async with train(size=(120, 40)) as trainee:
        trainee.ask(str(path), epochs=3, d_model=8)
        await trainee.end()
        for key in ("f2", "f3", "f4", "f5"):
            await trainee.driver.press(key)
            trainee.driver.assert_harmless()
        assert any("is trained" in notice for notice in trainee.notices)
        assert "\x1b" not in "".join(trainee.notices)
