"""A sentence with a gap, as a person writes it: ``the [king] rules``."""

import re

from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.explanation import Gap
from tui_embed.engine.training.grammar import GRAMMARS
from tui_embed.errors import UsageError
from tui_embed.printable import printable
from tui_embed.tokenizers.splitting import WORDS
from tui_embed.tokenizers.trained import trained_tokenizer
from tui_embed.tui.widgets.line_input import clean

LONGEST_EXAMPLE = 12
EXAMPLES_TRIED = 50
MOST_NAMED = 5
_GAP = re.compile(r"([^\[［【]*)[\[［【]([^\]］】]*)[\]］】](.*)", re.DOTALL)


class GapProblemError(UsageError):
    """The text is no sentence with a gap that this corpus can fill."""


def read_gap(text: str, corpus: Corpus, tokens: str) -> Gap:
    """The gap in ``text``, in token ids. GapProblemError, for a person, where there is none."""
    found = _GAP.fullmatch(text)
    if found is None:
        raise GapProblemError("there is no gap in it", "write [ ] around the true token: the [king] rules")
    before, target, after = found.groups()
    if _GAP.fullmatch(after):
        raise GapProblemError("there are two gaps in it", "a step fills one")
    if not target.strip():
        raise GapProblemError("the gap is empty", "write the token that belongs there: the [king] rules")
    if before.endswith(" "):
        # of an encoding's tokens the space is the beginning, not the end
        before, target = before.rstrip(), f" {target.strip()}"
    tokenizer = trained_tokenizer(tokens, corpus.vocabulary, corpus.unk)
    parts = [tokenizer.encode(part) for part in (before, target, after)]
    if len(parts[1]) != 1:
        raise GapProblemError(f"{len(parts[1])} tokens stand in the gap", "one belongs there")
    missing = dict.fromkeys(token.bytes for part in parts for token in part if token.id is None)
    if missing:
        named = ", ".join(f"“{token.decode('utf-8', 'replace')}”" for token in list(missing)[:MOST_NAMED])
        has = "has no row" if len(missing) == 1 else "have no rows"
        raise GapProblemError(f"{named} {has}: the text has too few of them, or none")
    ids = [tuple(token.id for token in part if token.id is not None) for part in parts]
    return Gap(ids[0], ids[2], ids[1][0])


def default_sentence(corpus: Corpus, tokens: str) -> str:
    """A sentence of the corpus with a gap, which is read as it is meant; "" where none of the first is."""
    grammar = GRAMMARS.get(corpus.name)
    if grammar is not None and _gap_or_none(grammar.gap, corpus, tokens) is not None:
        return grammar.gap
    for number in range(min(EXAMPLES_TRIED, corpus.n_sentences)):
        ids = tuple(corpus.sentence(number)[:LONGEST_EXAMPLE].tolist())
        middle = len(ids) // 2
        text = _written([corpus.vocabulary[token_id] for token_id in ids], middle, tokens)
        gap = _gap_or_none(text, corpus, tokens)
        # what stands in a line of input is drawn as it is
        is_safe = clean(text) == text and printable(text) == text
        if len(ids) > 1 and is_safe and gap == Gap(ids[:middle], ids[middle + 1 :], ids[middle]):
            return text
    return ""


def _written(words: list[str], gap: int, tokens: str) -> str:
    spaced = [f" {word}" for word in words] if tokens == WORDS else words
    space = " " if spaced[gap].startswith(" ") else ""
    return "".join([*spaced[:gap], f"{space}[{spaced[gap].strip()}]", *spaced[gap + 1 :]]).strip()


def _gap_or_none(text: str, corpus: Corpus, tokens: str) -> Gap | None:
    try:
        return read_gap(text, corpus, tokens)
    except GapProblemError:
        return None
