"""Text to tokens, in several encodings side by side."""

from bisect import bisect_right
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static, TextArea

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.lookup import unknown_token
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Composed
from tui_embed.engine.tokens import Token
from tui_embed.engine.vocabulary import encode_token
from tui_embed.figures import counted
from tui_embed.printable import fit, printable
from tui_embed.tui.encoding import encoded, encoded_by_name
from tui_embed.tui.jobs import JobFailed, JobFinished, jobs_of
from tui_embed.tui.messages import CopyRequested, TokenPicked, WordPicked
from tui_embed.tui.state import Selection
from tui_embed.tui.widgets.chips import EncodedText
from tui_embed.tui.widgets.line_input import clean
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.text_box import TextBox
from tui_embed.tui.widgets.token_lines import TokenLines

SETTLE_SECONDS, START_SECONDS = 0.08, 0.4
"""What the other encodings wait for: the next key of one who types, and at the start the first frames."""

NAMED = 12
"""So many n-grams of a composed word are named."""


class TokenizePane(Pane):
    """A text and its tokens: first those of the open space, which have rows, then the chosen encodings."""

    TITLE = "Tokenize"
    DEFAULT_CSS = """
    TokenizePane TextBox {
        height: auto; max-height: 4; border: none; padding: 0; background: $panel; margin-bottom: 1;
    }
    TokenizePane #detail { height: auto; max-height: 3; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the tokens with their ids"),
    ]

    encodings: reactive[tuple[str, ...]] = reactive(())

    def __init__(self, text: str, encodings: tuple[str, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._start_text = text
        self.set_reactive(TokenizePane.encodings, encodings)
        self._own: tuple[EncodedText, ...] = ()
        self._others: tuple[EncodedText, ...] = ()
        self._followed_caret = False
        self._described: int | str | None = None
        """The key of the selection that is described."""
        self._detail = ""

    def compose(self) -> ComposeResult:
        yield TextBox(self._start_text, id="text")
        yield TokenLines(id="chips")
        yield Static(id="detail")

    @property
    def main(self) -> Widget:
        return self.query_one(TextBox)

    @property
    def text(self) -> str:
        return self.query_one(TextBox).text

    def show_text(self, text: str) -> None:
        """Show ``text``, a line, with what is selected as it is. One that says the same stays as it is."""
        box = self.query_one(TextBox)
        if clean(box.text) != clean(text):
            with box.prevent(TextArea.Changed):
                box.text = text
            box.move_cursor(box.document.end)
            self._tokenize(follow_caret=False)

    def watch_space(self) -> None:
        self._tokenize(follow_caret=self.selection is None)

    def watch_encodings(self) -> None:
        self._tokenize(follow_caret=False)

    def watch_selection(self, old: Selection | None, new: Selection | None) -> None:
        if new is not None and new.origin != "text":
            # chosen elsewhere meanwhile, or kept from the space before
            self._followed_caret = False
        self._mark_selection()
        self._describe_selection()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._tokenize(follow_caret=True)

    def _tokenize(self, *, follow_caret: bool) -> None:
        if not self.is_mounted or self.space is None:
            return
        text, own, subwords = self.text, self.space.tokenizer, self.space.subwords
        width = self.query_one(TokenLines).chip_width
        settle = SETTLE_SECONDS if self._others else START_SECONDS
        self._followed_caret = follow_caret
        n_characters, n_bytes = len(text), len(text.encode("utf-8", "replace"))
        self.retitle(self.TITLE, f"{counted(n_characters, 'character')} · {counted(n_bytes, 'byte')}")
        if not text:
            self._detail = ""
            self._say_below("")
        others = tuple(name for name in self.encodings if own is None or name != own.name)

        def own_tokens(cancel: CancelToken, progress: Progress) -> tuple[EncodedText, ...]:
            return () if own is None else (encoded(own, text, width, subwords),)

        def other_tokens(cancel: CancelToken, progress: Progress) -> tuple[EncodedText, ...]:
            cancel.wait(settle)
            return tuple(encoded_by_name(name, text, width, cancel) for name in others)

        jobs_of(self).start("own tokens", own_tokens, self, "splitting the text")
        jobs_of(self).start("tokens", other_tokens, self, "splitting the text")

    def _compose_word(self, space: EmbeddingSpace, missing: Token, at: int) -> None:
        """Give a word without a row the vector that its n-grams compose, and select it."""
        subwords, word = space.subwords, _spelling(missing)

        def compose(cancel: CancelToken, progress: Progress) -> WordPicked | None:
            composed = None if subwords is None else subwords.compose(word)
            return None if composed is None else WordPicked(composed, space, at)

        jobs_of(self).start("compose", compose, self, "composing a vector")

    def _look_for_spellings(self, space: EmbeddingSpace, missing: Token) -> None:
        """Name the nearest tokens that there are; comparing with all of them takes longer than a key may."""
        text = missing.bytes.decode("utf-8", "replace")

        def nearest(cancel: CancelToken, progress: Progress) -> str:
            return str(unknown_token(space.vocabulary, text, space.name))

        jobs_of(self).start("spellings", nearest, self, "looking for spellings")

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.stale:
            return
        if isinstance(message.result, str):
            self._say_below(message.result)
        if isinstance(message.result, WordPicked):
            self._described = message.result.composed.word
            self._say_below(_composition(message.result.composed))
            self.post_message(message.result)
        if not isinstance(message.result, tuple):
            return
        if message.job.kind == "own tokens":
            self._own = message.result
        else:
            self._others = message.result
        self.query_one(TokenLines).show((*self._own, *self._others))
        if message.job.kind == "own tokens" and self._followed_caret:
            self._pick_at_caret()
        self._mark_selection()

    def on_job_failed(self, message: JobFailed) -> None:
        self.query_one("#detail", Static).update(Content(printable(str(message.error))))

    def on_token_lines_picked(self, message: TokenLines.Picked) -> None:
        message.stop()
        every = (*self._own, *self._others)
        if message.encoding >= len(every) or message.index >= len(every[message.encoding].tokens):
            return  # the text is already another one
        shown = every[message.encoding]
        token = shown.tokens[message.index]
        at = message.index if message.encoding < len(self._own) else self._own_token_at(token.start)
        self._pick(shown.encoding, token, at)

    def on_text_box_down(self, message: TextBox.Down) -> None:
        message.stop()
        self.query_one(TokenLines).focus()

    def on_token_lines_left(self, message: TokenLines.Left) -> None:
        message.stop()
        self.query_one(TextBox).focus()

    def action_copy(self) -> None:
        lines = []
        for shown in (*self._own, *self._others):
            ids = " ".join("?" if token.id is None else str(token.id) for token in shown.tokens)
            lines.append(f"{printable(shown.encoding)}\t{ids}")
        self.post_message(CopyRequested("\n".join(lines), "token ids"))

    def _pick_at_caret(self) -> None:
        box = self.query_one(TextBox)
        before = box.get_text_range((0, 0), box.cursor_location)
        at = self._own_token_at(max(0, len(before.encode("utf-8", "replace")) - 1))
        if at is not None:
            self._pick(self._own[0].encoding, self._own[0].tokens[at], at)

    def _pick(self, encoding: str, token: Token, at: int | None) -> None:
        """Describe ``token`` and select what the space has there, its token number ``at`` of the text."""
        own = None if at is None else self._own[0].tokens[at]
        self._describe(encoding, token, own)
        if own is None or at is None:
            return
        if own.id is not None:
            self.post_message(TokenPicked(own.id, "text", at + self._own[0].n_before))
        elif self.space is not None and at in self._own[0].composed:
            self._compose_word(self.space, own, at)

    def _own_token_at(self, byte: int) -> int | None:
        """Which of the open space's tokens covers a byte of the text; the one before where none does."""
        if not self._own or not self._own[0].tokens:
            return None
        at = bisect_right(self._own[0].tokens, byte, key=lambda token: token.start) - 1
        return max(0, at)

    def _mark_selection(self) -> None:
        if self.is_mounted:
            self.query_one(TokenLines).mark(self._place_of(self.selection))

    def _place_of(self, selection: Selection | None) -> tuple[int, int] | None:
        if selection is None or not self._own:
            return None
        tokens = self._own[0].tokens
        there = selection.position - self._own[0].n_before
        if 0 <= there < len(tokens) and _is_token(selection, tokens[there]):
            return 0, there
        found = (index for index, token in enumerate(tokens) if _is_token(selection, token))
        index = next(found, None)
        return None if index is None else (0, index)

    def _describe_selection(self) -> None:
        """Say of a token that was chosen elsewhere what is said of one of the text."""
        space, selection = self.space, self.selection
        if not self.is_mounted or space is None or selection is None or not selection.is_of(space):
            return
        if selection.key == self._described:
            return
        spelled = selection.spelled(space)
        spelled = encode_token(spelled) if isinstance(spelled, str) else spelled
        token = Token(selection.token_id, spelled, 0, len(spelled))
        self._describe(space.name, token, token)
        if isinstance(selection.chosen, Composed):
            self._described = selection.key
            self._say_below(_composition(selection.chosen))

    def _describe(self, encoding: str, token: Token, own: Token | None) -> None:
        if self.space is None:
            return
        self._described = None if own is None else own.id
        number = "no id" if token.id is None else f"id {token.id}"
        text = token.bytes.decode("utf-8", "surrogateescape")
        spelled = token.bytes[:12].hex(" ").upper()
        said = f"{fit(token.bytes, 24)} · {printable(encoding)} {number} · bytes {spelled}"
        points = [
            f"U+{ord(character):04X}" for character in text[:6] if not 0xDC80 <= ord(character) < 0xDD00
        ]
        if not points:
            said += " · a part of a character"
        elif not text.isascii():
            said += f" · {' '.join(points)}"
        self._detail = said
        jobs_of(self).drop("spellings", self)
        jobs_of(self).drop("compose", self)
        self._say_below(self._row_note(token, own))

    def _say_below(self, note: str) -> None:
        """Show ``note``, text from outside, under the line that describes a token."""
        below = f"\n{printable(note)}" if note else ""
        self.query_one("#detail", Static).update(Content(self._detail + below))

    def _row_note(self, token: Token, own: Token | None) -> str:
        space = self.space
        if space is None:
            return ""
        name = space.name
        if own is None:
            return f"{name} has no tokenizer here: look its tokens up with /"
        if own.id is None:
            if not (space.subwords is not None and space.subwords.ngrams(_spelling(own))):
                self._look_for_spellings(space, own)
            return f"{name} has no such token, so no row"
        spelled = own.bytes.decode("utf-8", "replace")
        return "" if own is token else f"its row here is that of {name}'s token {spelled}, id {own.id}"


def _spelling(token: Token) -> str:
    return token.bytes.decode("utf-8", "surrogateescape")


def _is_token(selection: Selection, token: Token) -> bool:
    """Whether a token of the text is what is selected."""
    if isinstance(selection.chosen, Composed):
        return token.id is None and _spelling(token) == selection.chosen.word
    return token.id == selection.chosen


def _composition(composed: Composed) -> str:
    """Where the vector of a word without a row comes from."""
    count, named = len(composed.ngrams), ", ".join(composed.ngrams[:NAMED])
    more = ", …" if count > NAMED else ""
    grams = "n-gram" if count == 1 else "n-grams"
    return f"not in the vocabulary: its vector is composed from {count} {grams}: {named}{more}"
