"""The Model screen: lanes, the chosen vector, the table of sizes."""

import pytest
from checkpoints import wordpiece, write_folder
from model_screen import chosen, facts, lanes, screen, title
from rich.cells import cell_len

import tui_embed
from tui_embed.engine.models.forward import compare
from tui_embed.figures import score
from tui_embed.tui.commands import palette_commands
from tui_embed.tui.messages import TokenPicked
from tui_embed.tui.panes.model_chosen import ModelChosenPane
from tui_embed.tui.panes.model_matrix import ModelMatrixPane
from tui_embed.tui.panes.model_prompt import ModelPromptPane
from tui_embed.tui.widgets.line_input import LineInput
from tui_embed.tui.widgets.params_table import ParamsTable
from tui_embed.tui.widgets.ranked_list import RankedList
from tui_embed.tui.widgets.row_view import RowView

WIDE, NARROW, SMALL = (120, 40), (80, 24), (40, 12)


async def test_the_text_of_explore_goes_through_the_model(modelled):
    async with modelled() as driver:
        assert "[Model]" in driver.lines[0]
        look = screen(driver).look
        assert [token.bytes for token in look.run.tokens] == [
            *[b"[CLS]", b"The", b"king", b"sat", b"on", b"the", b"bank", b".", b"[SEP]"]
        ]
        # the last token that stands for text, after all layers
        assert (look.place, look.layer) == (7, 2)
        for said in ("Prompt · BERT · 2 layers", "|W_E|", "input", "nearest rows of W_E after layer 2"):
            assert said in driver.seen
        nearest = [near.token for near in look.run.space.neighbors(look.run.state(2, 7), 5)]
        assert chosen(driver)[:5] == nearest


@pytest.mark.parametrize("size", [NARROW, SMALL])
async def test_the_lane_under_the_cursor_is_seen_from_the_first(modelled, size):
    async with modelled(text="the bank of the river " * 5 + "queen", size=size) as driver:
        last = screen(driver).look.place
        below = [line for line in driver.lines[7:-2] if line.startswith("│")]
        assert driver.lines[6].startswith("│ token")
        assert any(line.startswith("│ queen") for line in below)
        await driver.press("up")
        assert screen(driver).look.place == last - 1


async def test_arrows_walk_tokens_and_layers(modelled):
    async with modelled() as driver:
        await driver.press("up", "left")
        look = screen(driver).look
        assert (look.place, look.layer) == (6, 1)
        assert "bank · place 6 · layer 1" in driver.lines[0]
        assert facts(driver).startswith("token       bank · id 18 · place 6 of 9")
        await driver.press("home")
        assert screen(driver).look.layer == 0
        assert "as it goes in" in title(driver, ModelChosenPane)
        await driver.press("end", "enter")
        assert driver.token == "bank"
        assert driver.sent(TokenPicked)[-1].origin == "model"


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_lane_is_followed_to_its_place_in_explore_and_back(modelled, size):
    async with modelled(size=size) as driver:
        await driver.press("t", "ctrl+u")
        await driver.write("the bank of the king")
        await driver.press("enter")
        run = screen(driver).look.run
        # the second "the", behind [CLS]
        await driver.press("up", "enter")
        assert driver.app.screen is driver.app.explore
        assert (driver.token, driver.app.selection.position) == ("the", 4)
        assert driver.tokenize.text == "the bank of the king"
        assert driver.tokenize._place_of(driver.app.selection) == (0, 3)
        assert "W_P[4]" in driver.seen
        shown = driver.row.query_one(RowView).inspected
        assert shown.position_row.tolist() == run.position_rows[4].tolist()
        await driver.press("backspace")
        assert driver.app.screen is screen(driver)
        assert screen(driver).look.place == 4
        # a list is followed too; the text stays as it is
        await driver.press("f3", "enter")
        assert driver.app.screen is driver.app.explore
        assert driver.token == chosen(driver)[0]
        assert driver.tokenize.text == "the bank of the king"


async def test_back_leads_to_the_model_once_and_then_to_what_was_selected(modelled):
    async with modelled() as driver:
        before = driver.token
        await driver.press("up", "enter")
        assert driver.token == "bank"
        await driver.press("backspace")
        assert driver.app.screen is screen(driver)
        driver.app.action_mode("explore")
        await driver.press("backspace")
        assert driver.app.screen is driver.app.explore
        assert driver.token == before


async def test_a_text_that_is_changed_in_explore_is_read_here_and_no_other(modelled):
    async with modelled() as driver:
        await driver.press("t", "ctrl+u")
        await driver.write("the queen")
        driver.app.action_mode("explore")
        await driver.settle()
        driver.app.action_mode("model")
        await driver.settle()
        assert screen(driver).look.read.texts[0].text == "the queen"
        driver.app.action_mode("explore")
        await driver.press("f2", "ctrl+u")
        await driver.write("a river")
        driver.app.action_mode("model")
        await driver.settle()
        assert screen(driver).look.read.texts[0].text == "a river"
        assert [token.bytes for token in screen(driver).look.run.tokens][1:-1] == [b"a", b"river"]


async def test_of_the_text_beside_it_explore_shows_the_token_alone(modelled):
    async with modelled() as driver:
        text = driver.tokenize.text
        await driver.press("b")
        await driver.write("a queen")
        await driver.press("enter", *["down"] * 20, "up", "enter")
        assert driver.token == "queen"
        assert driver.sent(TokenPicked)[-1].position is None
        assert driver.tokenize.text == text


async def test_a_place_counts_the_words_that_have_no_row(modelled, words):
    async with modelled(words(), "the qqq king") as driver:
        await driver.press("enter")
        assert (driver.token, driver.app.selection.position) == ("king", 2)
        assert driver.tokenize._place_of(driver.app.selection) == (0, 2)


async def test_explore_counts_positions_as_the_model_does(modelled):
    async with modelled() as driver:
        run = screen(driver).look.run
        driver.app.action_mode("explore")
        await driver.settle()
        # the caret is behind the whole text: its last token is the selected one, [CLS] is at 0
        assert driver.token == "."
        assert driver.app.selection.position == 7 == len(run.ids) - 2
        assert driver.tokenize._place_of(driver.app.selection) == (0, 6)


async def test_a_space_that_is_a_token_is_seen_as_one(modelled):
    async with modelled("gpt2", "w z") as driver:
        await driver.press("up")
        look = screen(driver).look
        assert look.run.tokens[look.place].bytes == b" "
        assert facts(driver).startswith("token       ␣ · id 32 · place 1 of 3")


async def test_the_list_turns_to_attention_and_heads(modelled):
    async with modelled() as driver:
        await driver.press("v")
        assert "layer 2 looks at · mean of 4 heads" in title(driver, ModelChosenPane)
        weights = screen(driver).look.run.trace.attention[1]
        shares = [item.score for item in screen(driver).query_one("#chosen-list", RankedList).items]
        assert shares == sorted(weights.mean(axis=0)[7].tolist(), reverse=True)
        await driver.press("h")
        assert "head 0 of 4" in title(driver, ModelChosenPane)
        await driver.press("H", "H")
        assert "head 3 of 4" in title(driver, ModelChosenPane)
        await driver.press("v")
        assert "nearest rows" in title(driver, ModelChosenPane)


async def test_the_same_word_in_two_texts(modelled):
    async with modelled() as driver:
        await driver.press("b")
        await driver.write("a queen and money of the bank")
        await driver.press("enter")
        look = screen(driver).look
        assert len(look.read.texts) == 2
        assert look.run.tokens[look.place].bytes == b"bank"
        assert look.counterpart is not None
        meeting = compare(look.run, look.other, look.place, look.counterpart)
        now = f"‖ bank      cosine {score(meeting.by_layer[2])} here to place {look.counterpart} of text 2"
        assert now in facts(driver)
        by_layer = [f"{n or 'input'} {score(value)}" for n, value in enumerate(meeting.by_layer)]
        assert f"‖ by layer  {' · '.join(by_layer)}" in facts(driver)
        assert "sentences" in facts(driver)
        notes = [item.note for item in screen(driver).query_one("#chosen-list", RankedList).items]
        assert all(note.startswith("‖ ") for note in notes)
        assert "text 2" in driver.seen
        # the lanes go on into the other text
        await driver.press(*["down"] * 4)
        assert screen(driver).look.text == 1


async def test_the_second_of_a_word_meets_the_second_beside_it(modelled):
    async with modelled(text="the bank of the king") as driver:
        await driver.press("b")
        await driver.write("the queen sat on the river")
        await driver.press("enter")
        look = screen(driver).look
        places = [place for place, token in enumerate(look.run.tokens) if token.bytes == b"the"]
        others = [place for place, token in enumerate(look.other.tokens) if token.bytes == b"the"]
        await driver.press(*["down"] * (places[1] - look.place))
        assert (screen(driver).look.place, screen(driver).look.counterpart) == (places[1], others[1])


async def test_a_head_of_the_input_is_none_and_says_so(modelled):
    async with modelled() as driver:
        await driver.press("home", "h")
        assert driver.notices == ["No head at the input: → goes to a layer"]
        assert "nearest rows" in title(driver, ModelChosenPane)


async def test_a_text_that_waits_or_was_stopped_says_how_to_go_on(modelled, monkeypatch):
    def slow(space, texts, cancel, progress):
        while True:
            progress(1, 4)
            cancel.check()

    async with modelled(size=NARROW) as driver:
        lanes(driver).focus()
        with monkeypatch.context() as patched:
            patched.setattr("tui_embed.tui.panes.model_prompt.read_texts", slow)
            screen(driver).prompt.watch_space()
            await driver.until(lambda: "25 % · Esc stops" in driver.lines[6])
            # it is not begun anew by a key for what is shown when it is done
            assert "Enter" not in driver.lines[-1]
            await driver.pilot.press("escape")
            await driver.until(lambda: "stopped · Enter reads the text again" in driver.seen)
            assert "Enter read" in driver.lines[-1]
        await driver.press("enter")
        assert "bank" in driver.lines[13]
        assert "Enter read" not in driver.lines[-1]


async def test_a_text_is_written_and_read_again(modelled):
    async with modelled() as driver:
        await driver.press("t")
        assert isinstance(driver.app.focused, LineInput)
        driver.app.focused.value = ""
        await driver.settle()
        assert "write a text" in driver.seen
        assert screen(driver).look is None
        await driver.write("the king")
        assert len(screen(driver).look.run.ids) == 4
        await driver.press("escape")
        assert driver.app.focused is lanes(driver)


async def test_a_decoder_says_what_comes_next(modelled):
    async with modelled("gpt2", " the king sat") as driver:
        assert "next token" in title(driver, ModelChosenPane)
        assert "bits · softmax over" in str(screen(driver).query_one(ModelChosenPane).border_subtitle)
        scores = [item.score for item in screen(driver).query_one("#chosen-list", RankedList).items]
        assert scores == sorted(scores, reverse=True)
        await driver.press("left")
        assert "if layer 1 were the last" in title(driver, ModelChosenPane)
        assert "likeliest next token" in driver.seen


async def test_llama_goes_all_the_way_without_position_rows(modelled):
    async with modelled("llama", " the king sat") as driver:
        assert "|W_P|" not in driver.seen
        assert "next token" in title(driver, ModelChosenPane)


async def test_a_space_without_layers_says_why(modelled, words):
    async with modelled(words(), "the king") as driver:
        assert "no language model" in title(driver, ModelPromptPane)
        assert driver.said("#model-said").startswith("No forward pass: these are static vectors")
        assert chosen(driver)[0] == "king"
        await driver.press("v", "h")
        assert driver.notices == ["No head here: there is no forward pass"]
        assert chosen(driver)[0] == "king"


async def test_layers_that_do_not_fit_are_told_in_the_pane(modelled, tmp_path):
    import numpy as np
    from checkpoints import BERT_CONFIG, bert_arrays

    tensors = {**bert_arrays(), "encoder.layer.1.output.dense.weight": np.zeros((3, 5), np.float32)}
    folder = write_folder(tmp_path / "odd", tensors, BERT_CONFIG, tokenizer=wordpiece())
    async with modelled(tui_embed.load(folder)) as driver:
        assert "do not fit together" in driver.seen
        assert not driver.notices


async def test_the_table_begins_with_the_open_model(modelled):
    async with modelled() as driver:
        lines = [line[line.index("││") + 2 :] for line in driver.lines if "││" in line]
        table = "\n".join(lines)
        assert "bert" in table
        assert "GPT-2 small" in table
        assert "32 %" in table


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
async def test_columns_that_do_not_fit_are_gone_to(modelled, size):
    async with modelled(size=size) as driver:
        await driver.press("f5")
        table = screen(driver).query_one(ParamsTable)

        def head() -> list[str]:
            return table.render_line(0).text.split()

        assert head()[:3] == ["more", "›", "n_vocab"]
        assert "output" not in head()
        await driver.press(*["right"] * 9)
        assert head()[:2] == ["‹", "more"]
        assert head()[-1] == "output"
        await driver.press(*["left"] * 9)
        assert head()[:3] == ["more", "›", "n_vocab"]


async def test_nothing_is_read_for_a_screen_that_nobody_looks_at(modelled, folders):
    async with modelled() as driver:
        driver.app.action_mode("explore")
        await driver.settle()
        await driver.enter(tui_embed.load(folders["llama"]))
        before = screen(driver).prompt._read
        assert before is None
        driver.app.action_mode("model")
        await driver.settle()
        assert screen(driver).prompt._read.space.name == "llama"


async def test_another_space_is_read_at_once(modelled, words):
    async with modelled() as driver:
        await driver.enter(words(name="other"))
        assert "no language model" in title(driver, ModelPromptPane)
        pane = screen(driver).query_one(ModelMatrixPane)
        assert pane._counted["statistics"].space.name == "other"


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL, (20, 6), (1, 1)])
async def test_every_size_is_drawn(modelled, size):
    async with modelled(size=size) as driver:
        for key in ("f2", "f3", "f4", "s", "f5"):
            await driver.press(key)
            assert all(cell_len(line) == size[0] for line in driver.lines)
        await driver.resize(*WIDE)
        assert "Prompt · BERT" in driver.seen


async def test_hostile_tokens_are_harmless(modelled, build):
    tokens = ["\x1b[31mred", "a\u202eb", "[/]", "x" * 500, "猫", b"\xff\xfe"]
    import numpy as np

    space = build(tokens, np.eye(6) + 0.1, n_ctx=8)
    async with modelled(space, " ".join(["[/]", "猫"])) as driver:
        driver.assert_harmless()
        for key in ("down", "v", "f4", "s", "f3"):
            await driver.press(key)
            driver.assert_harmless()


async def test_what_is_seen_can_be_copied(modelled):
    async with modelled() as driver:
        await driver.press("ctrl+y")
        assert driver.app.clipboard.splitlines()[0] == "token\tid\tinput\t1\t2"
        await driver.press("f3", "ctrl+y")
        assert driver.app.clipboard.splitlines()[0].startswith("1\t")
        await driver.press("f4", "ctrl+y")
        assert len(driver.app.clipboard.splitlines()) == 26
        await driver.press("s", "ctrl+y")
        lines = driver.app.clipboard.splitlines()
        assert lines[0].split("\t")[:3] == ["token", "id", "norm"]
        assert len(lines) == 27


async def test_rows_are_kept_from_the_app(explore, folders):
    from tui_embed.tui.panes.neighbours import NeighboursPane

    async with explore(tui_embed.load(folders["bert"]), "the king") as driver:
        assert not driver.app.space.matrix.has_array
        await driver.press("f4", "k")
        await driver.until(lambda: driver.app.space.matrix.has_array)
        assert driver.token == "king"
        assert driver.answers(driver.app.explore.query_one(NeighboursPane))
        # it is done: the key has nothing more to do
        assert driver.app.check_action("keep_rows", ()) is False


async def test_a_checkpoint_folder_is_opened_from_the_dialog(explore, folders):
    async with explore() as driver:
        await driver.press("ctrl+o")
        await driver.write(f"{folders['bert']}/")
        assert "this checkpoint" in driver.seen
        # into the folder, and then the first thing in it
        await driver.press("enter", "enter")
        await driver.until(lambda: driver.app.space.name == "bert")
        await driver.settle()
        assert driver.app.space.model.title == "BERT"


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_each_view_is_named_in_the_palette_and_goes_there(modelled, size):
    async with modelled(size=size) as driver:
        commands = {command.title: command for command in palette_commands(driver.app)}
        matrix, nearest = screen(driver).query_one(ModelMatrixPane), screen(driver).query_one(ModelChosenPane)
        wanted = {
            "Matrix: under-trained tokens": (matrix, "Matrix · Under-trained tokens"),
            "Chosen: attention": (nearest, "looks at"),
            "Matrix: two spaces": (matrix, "Matrix · Two spaces"),
            "Chosen: nearest rows": (nearest, "nearest rows"),
            "Matrix: statistics": (matrix, "Matrix · Statistics"),
        }
        for name, (pane, said) in wanted.items():
            commands[name].callback()
            await driver.settle()
            assert said in str(pane.border_title)
            assert driver.app.focused is pane.main
            assert pane.display
        # a list that this model does not have says so
        commands["Chosen: next token"].callback()
        await driver.settle()
        assert driver.notices == ["This model does not say what comes next"]
        # so does a key of a pane that is out of sight
        driver.app.screen.action_show_pane(0)
        commands["Matrix: compare"].callback()
        await driver.settle()
        assert driver.app.focused is screen(driver).query_one("#other", LineInput)
        assert matrix.display
