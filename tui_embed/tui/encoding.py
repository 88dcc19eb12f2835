"""A text in one encoding, laid out for its pane: the work of a job."""

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.tokens import Tokenizer, n_before
from tui_embed.errors import TuiEmbedError
from tui_embed.tokenizers.catalog import tokenizer
from tui_embed.tokenizers.characters import character_groups
from tui_embed.tui.widgets.chips import EncodedText, wrapped_chips


def encoded(own: Tokenizer, text: str, width: int, subwords: Subwords | None = None) -> EncodedText:
    """``text`` in the tokens of ``own``, wrapped at ``width`` cells. ``subwords`` compose vectors for pieces
    that its vocabulary does not have.
    """
    tokens = own.encode(text)
    groups = [(group.start, group.stop, group.text) for group in character_groups(tokens)]
    composed: frozenset[int] = frozenset()
    if subwords is not None:
        composed = frozenset(
            index
            for index, token in enumerate(tokens)
            if token.id is None and subwords.ngrams(token.bytes.decode("utf-8", "surrogateescape"))
        )
    laid_out = EncodedText(
        own.name, tokens, groups, len(text), composed=composed, n_before=n_before(own, text)
    )
    # here, in the job, and kept: the widget finds it done
    wrapped_chips(laid_out, width)
    return laid_out


def encoded_by_name(name: str, text: str, width: int, cancel: CancelToken) -> EncodedText:
    """As :func:`encoded`, for an encoding of that name; one that cannot be had says why."""
    cancel.check()
    try:
        return encoded(tokenizer(name), text, width)
    except TuiEmbedError as error:
        return EncodedText(name, (), (), len(text), str(error))
