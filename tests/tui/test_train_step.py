"""One step on a sentence, and a prompt that only reads."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input, Static
from training_panes import HOSTILE, corpus, drawn_rows, hostile_corpus, shown, snapshot_of, view_of

from tui_embed.engine.training.corpus import corpus_of
from tui_embed.engine.training.explain import explain_gap
from tui_embed.engine.training.explanation import Gap
from tui_embed.engine.training.grammar import CHINESE, ENGLISH
from tui_embed.engine.training.inference import WHY_NOT
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.model import model_in
from tui_embed.engine.training.run import Run
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.sizes import count_parameters
from tui_embed.printable import printable
from tui_embed.sources.trained import space_from
from tui_embed.tokenizers.splitting import splitter
from tui_embed.tui.gap_text import GapProblemError, default_sentence, read_gap
from tui_embed.tui.messages import StepAsked
from tui_embed.tui.panes.train_step import NO_STEP_IN_GLOVE, OVER, StepPane
from tui_embed.tui.prompt_reading import read_prompt
from tui_embed.tui.training_view import TrainingView

SIZES = [(80, 24), (120, 12), (78, 20), (30, 8)]


def ids(text, words):
    return tuple(text.vocabulary.texts.index(word) for word in words.split())


def moment(view, step=5, state="paused"):
    return dataclasses.replace(view, snapshot=snapshot_of(drawn_rows(view.corpus), step, state))


def explained(view, gap, apply=False):
    """The view with a true explanation of a step on ``gap``, by a trainer of its settings."""
    trainer = make_trainer(view.corpus, view.settings)
    # output rows begin as 0, and so does the gradient on those that are read
    for _ in range(20):
        trainer.advance(0.2, measure=False)
    return dataclasses.replace(view, explained=explain_gap(model_in(trainer), gap, 0.5, apply, 1))


def language_model(text=None, **settings) -> TrainingView:
    """A small language model at the end of its training."""
    text = text or corpus("the king rules the land\nthe queen rules the sea\nthe king sees the sea")
    chosen = TrainingSettings(
        **{
            "objective": "lm",
            "d_model": 6,
            "d_hidden": 8,
            "n_ctx": 4,
            "min_count": 1,
            "epochs": 3,
            "heldout": 0,
        }
        | settings
    )
    trainer = make_trainer(text, chosen)
    last = Run(trainer).go()
    space = space_from(trainer, last, "small-lm")
    view = TrainingView("small-lm", text, chosen, trainer.start, count_parameters(chosen, text.n_vocab))
    return dataclasses.replace(view, snapshot=last, space=space)


def said(found):
    return str(found.app.pane.query_one("#step-said", Static).content)


async def write(found, text):
    found.app.pane.query_one(Input).value = text
    await found.settle()


# --- a sentence with a gap


def test_a_gap_is_read_in_ids():
    text = corpus()
    gap = Gap(ids(text, "the king rules the"), (), ids(text, "land")[0])
    assert read_gap("the king rules the [land]", text, "words") == gap
    assert read_gap("The king rules the  [ Land ].", text, "words") == gap
    assert read_gap("the king rules the 【land】", text, "words") == gap


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("the king rules", "no gap"),
        ("", "no gap"),
        ("the [king] rules [land]", "two gaps"),
        ("the king rules the [ ]", "gap is empty"),
        ("the [king queen] rules", "2 tokens"),
        ("the [wombat] rules", "“wombat” has no row"),
        ("a [king] has mice", "“a”, “has”, “mice” have no rows"),
        ("the [!] rules", "0 tokens"),
    ],
)
def test_what_is_no_gap_is_explained(written, why):
    with pytest.raises(GapProblemError, match=why):
        read_gap(written, corpus(), "words")


def test_words_without_a_row_are_the_unknown_token_where_there_is_one():
    text = corpus_of([["the", "king"]] * 3 + [["rare"]], min_count=2, unk=True)
    assert read_gap("the [king] strange", text, "words").after == (text.unk,)


def test_the_space_before_a_gap_belongs_to_an_encodings_token():
    split = splitter("r50k_base")
    text = corpus_of([split("the king rules the land")] * 2)
    gap = read_gap("the king rules the [land]", text, "r50k_base")
    assert text.vocabulary[gap.target] == " land"
    assert [text.vocabulary[token] for token in gap.before] == ["the", " king", " rules", " the"]


@pytest.mark.parametrize("grammar", [ENGLISH, CHINESE])
@pytest.mark.parametrize("tokens", ["words", "characters", "cl100k_base"])
def test_there_is_an_example_for_every_way_of_splitting(grammar, tokens):
    gap = "" if grammar is CHINESE else " "
    if tokens == "words":
        sentences = list(grammar.sentences(200))
    else:
        split = splitter(tokens)
        sentences = [split(gap.join(sentence)) for sentence in grammar.sentences(200)]
    text = corpus_of(sentences, grammar.name)
    sentence = default_sentence(text, tokens)
    read = read_gap(sentence, text, tokens)
    assert len(read.before) + len(read.after) > 0
    if tokens == "words":
        assert sentence == grammar.gap


@given(st.lists(st.lists(st.text(max_size=4) | st.sampled_from(HOSTILE), min_size=1, max_size=5), min_size=1))
def test_an_example_is_harmless_and_read_as_it_is_meant(sentences):
    text = corpus_of(sentences)
    example = default_sentence(text, "words")
    assert printable(example) == example
    if example:
        assert read_gap(example, text, "words").target < text.n_vocab


# --- one step


async def test_enter_asks_what_a_step_would_do_and_ctrl_j_makes_it():
    text = corpus()
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(text)))
        await write(found, "the [king] rules")
        await found.press("enter")
        await found.press("ctrl+j")
        gap = Gap(ids(text, "the"), ids(text, "rules"), ids(text, "king")[0])
        assert [(sent.gap, sent.apply) for sent in found.sent(StepAsked)] == [(gap, False), (gap, True)]


async def test_a_missing_word_is_said_and_nothing_is_asked():
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(corpus())))
        await write(found, "the [wombat] rules")
        await found.press("enter")
        assert "wombat" in said(found)
        assert not found.sent(StepAsked)


async def test_glove_has_no_step_and_no_prompt():
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(corpus(), objective="glove")))
        assert said(found) == NO_STEP_IN_GLOVE
        await write(found, "the [king] rules")
        await found.press("enter", "ctrl+j")
        assert not found.sent(StepAsked)
        await found.press("f6")
        assert WHY_NOT["glove"] in said(found)


async def test_without_a_training_it_says_what_to_do():
    async with shown(StepPane()) as found:
        await found.press("enter")
        assert "F2" in said(found)
        assert not found.sent(StepAsked)


async def test_rows_of_a_training_that_is_over_are_not_moved():
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(corpus()), state="finished"))
        await write(found, "the [king] rules")
        await found.press("ctrl+j")
        assert said(found) == OVER
        assert not found.sent(StepAsked)
        await found.press("enter")
        assert len(found.sent(StepAsked)) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_an_explained_step_is_shown(size):
    text = corpus()
    view = moment(view_of(text, negatives=2))
    gap = Gap(ids(text, "the"), ids(text, "rules"), ids(text, "king")[0])
    async with shown(StepPane(), size) as found:
        view = explained(view, gap)
        await found.show(view)
        step = view.explained
        assert printable(step.told) == said(found)
        assert "not made" in str(found.app.pane.border_title)
        if size[1] >= 20:
            line = found.line("king ", "%")
            shares = [float(share) for share in re.findall(r"([\d.]+) %", line)[:2]]
            expected = [100 * float(side[gap.target]) for side in (step.before, step.after)]
            assert shares == pytest.approx(expected, abs=0.006)
            assert shares[0] < shares[1]
            assert "→" in found.line("output[king]") if size[0] < 100 else "output[king]" in found.seen
        found.assert_harmless()


async def test_a_frozen_row_is_said_to_stay():
    text = corpus()
    view = moment(view_of(text, negatives=2, freeze="tokens", frozen_tokens=("rules",)))
    gap = Gap(ids(text, "the"), ids(text, "rules"), ids(text, "king")[0])
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(explained(view, gap))
        (line,) = [line for line in found.lines if "frozen: stays" in line]
        assert "W_E[rules]" in line
        assert "1 frozen row stays" in said(found)


async def test_noise_is_pushed_away():
    text = corpus()
    gap = Gap(ids(text, "the"), ids(text, "rules"), ids(text, "king")[0])
    async with shown(StepPane()) as found:
        view = explained(moment(view_of(text, negatives=3)), gap)
        await found.show(view)
        ways = {
            move.role: "→" if move.pull > 0 else "←"
            for move in view.explained.moves
            if move.matrix == "output"
        }
        assert ways["target"] == "→"
        assert ways["negative"] == "←"
        for line in found.lines:
            if "output[" in line and " noise " in line:
                assert "←" in line


async def test_the_step_is_there_again_after_a_look_at_the_prompt():
    text = corpus()
    gap = Gap(ids(text, "the"), (), ids(text, "king")[0])
    async with shown(StepPane()) as found:
        await found.show(explained(moment(view_of(text)), gap))
        before = found.seen
        await found.press("f6")
        assert "output[king]" not in found.seen
        await found.press("f6")
        assert found.seen == before


async def test_the_step_of_one_training_is_not_shown_in_the_next():
    text = corpus()
    gap = Gap(ids(text, "the"), (), ids(text, "king")[0])
    async with shown(StepPane()) as found:
        await found.show(explained(moment(view_of(text)), gap))
        await found.show(moment(view_of(corpus("sun moon star\nmoon sun star"))))
        assert "king" not in found.seen
        await found.show(None)
        assert "F2" in said(found)


# --- a prompt


async def test_a_prompt_shows_what_the_model_expects():
    view = language_model()
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6")
        await write(found, "the king")
        await found.press("enter")
        best = read_prompt(view.space, "the king", 1.0).prediction.probabilities
        first = view.corpus.vocabulary[int(np.argmax(best))]
        assert f"{100 * best.max():.2f} %" in found.line(f"{first} ", "%")
        assert f"{view.n_parameters:,} parameters" in said(found)
        assert "no large one" in said(found)


async def test_a_prompt_changes_nothing_and_the_pane_says_so_from_a_measurement(monkeypatch):
    view = language_model()
    reading = read_prompt(view.space, "the king", 1.0)
    assert reading.checksums[0] == reading.checksums[1]

    def writing(model, known, temperature):
        prediction = next_tokens(model, known, temperature)
        array = view.space.training.weights["hidden"]
        array += 1
        return prediction

    from tui_embed.tui import prompt_reading

    next_tokens = prompt_reading.next_tokens
    monkeypatch.setattr(prompt_reading, "next_tokens", writing)
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6", "enter")
        assert "The model changed" in said(found)


async def test_the_temperature_is_changed_by_keys():
    view = language_model()
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6")
        await write(found, "the king")
        await found.press("enter")
        seen = {str(found.app.pane.border_title)}
        for key in ("f7", "f7", "f7"):
            await found.press(key)
            seen.add(str(found.app.pane.border_title))
        assert len(seen) == 4
        assert "temperature 0, the best takes all" in found.seen
        assert "100.00 %" in found.seen
        await found.press("down", "plus")
        assert "temperature 0.5" in found.seen
        await found.press("minus")
        assert "temperature 0," in found.seen


async def test_ctrl_j_goes_on_with_a_token():
    view = language_model()
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6")
        await write(found, "the king")
        await found.press("f7", "f7", "f7", "ctrl+j")
        best = read_prompt(view.space, "the king", 0.0)
        token = view.corpus.vocabulary[int(np.argmax(best.prediction.probabilities))]
        assert found.app.pane.query_one(Input).value == f"the king {token}"
        assert not found.sent(StepAsked)


async def test_a_long_prompt_and_unknown_words_are_said():
    view = language_model()
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6")
        await write(found, "the wombat king rules the land the sea")
        await found.press("enter")
        assert "wombat: not in the vocabulary" in found.seen
        assert "the last 4 tokens of 7" in found.seen
        await write(found, "")
        await found.press("enter")
        assert "the boundary row alone" in found.seen


async def test_attention_says_how_much_of_each_token_was_taken():
    view = language_model(body="attention")
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6")
        await write(found, "the king")
        await found.press("enter")
        assert "attention block" in said(found)
        assert found.seen.count("· attention") == 2


async def test_while_rows_move_no_prompt_is_read():
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(corpus(), objective="lm"), state="running"))
        await found.press("f6", "enter")
        assert "rows still move" in said(found)
        over = language_model()
        await found.show(dataclasses.replace(over, space=None))
        assert "rows still move" in said(found)
        await found.show(over)
        assert said(found) == ""


@pytest.mark.parametrize("objective", ["skipgram", "cbow"])
async def test_other_objectives_say_why_they_have_no_next_token(objective):
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(corpus(), objective=objective), state="finished"))
        await found.press("f6", "enter")
        assert WHY_NOT[objective] in said(found)


async def test_a_reading_of_one_training_is_not_shown_in_the_next():
    view = language_model()
    async with shown(StepPane(), (120, 30)) as found:
        await found.show(view)
        await found.press("f6")
        await found.pilot.press("enter")
        await found.show(language_model(corpus("sun moon star\nmoon sun star")))
        assert "king" not in found.seen


# --- whatever the tokens are


@pytest.mark.parametrize("size", SIZES)
async def test_no_token_reaches_the_terminal_as_it_is(size):
    text = hostile_corpus()
    async with shown(StepPane(), size) as found:
        for target in range(0, text.n_vocab, 4):
            others = tuple(token for token in range(text.n_vocab) if token != target)[:6]
            await found.show(explained(moment(view_of(text, negatives=5)), Gap(others, (), target)))
            found.assert_harmless()
        await found.show(language_model(text))
        await found.press("f6", "enter")
        found.assert_harmless()


async def test_what_is_typed_is_said_harmless():
    async with shown(StepPane()) as found:
        await found.show(moment(view_of(corpus())))
        await write(found, "the [x\u0301\u0301\u0301\u0301\u0301東[/red] rules")
        await found.press("enter")
        found.assert_harmless()


async def test_one_word_is_a_vocabulary():
    text = corpus("king king\nking king")
    async with shown(StepPane()) as found:
        await found.show(explained(moment(view_of(text)), Gap((0,), (), 0)))
        assert "100.00 %" in found.line("king ", "%")


async def test_no_colour_is_no_trouble(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = corpus()
    gap = Gap(ids(text, "the"), (), ids(text, "king")[0])
    async with shown(StepPane()) as found:
        await found.show(explained(moment(view_of(text)), gap))
        assert "output[king]" in found.seen
