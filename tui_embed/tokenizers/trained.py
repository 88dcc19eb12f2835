"""The tokenizer of a space that was trained here: splits a prompt as its corpus was split."""

from collections.abc import Iterator

from tui_embed.engine.tokens import Token, Tokenizer
from tui_embed.engine.vocabulary import Vocabulary, decode_token
from tui_embed.tokenizers.catalog import tokenizer
from tui_embed.tokenizers.splitting import CHARACTERS, WORDS, Piece, check_splitting, word_pieces
from tui_embed.tokenizers.wellformed import wellformed

LONGEST = 12
"""Characters of a word that is looked for inside of a run of them."""


def trained_tokenizer(tokens: str, vocabulary: Vocabulary, unk: int | None) -> Tokenizer:
    """The tokenizer for a corpus that was split into ``tokens``; what the ``vocabulary`` lacks is ``unk``, or
    has no id. UsageError for a way of splitting that is not known.
    """
    check_splitting(tokens)
    return TrainedTokenizer(tokens, vocabulary, unk)


class TrainedTokenizer:
    """Tokens of a text by the way a corpus was split; offsets are into the UTF-8 of the text with lone
    surrogates replaced.
    """

    def __init__(self, name: str, vocabulary: Vocabulary, unk: int | None) -> None:
        self.name = name
        self.n_vocab = len(vocabulary)
        self._vocabulary = vocabulary
        self._unk = unk

    def encode(self, text: str) -> list[Token]:
        """The tokens of ``text`` in order."""
        text = wellformed(text)
        if self.name not in (WORDS, CHARACTERS):
            found = tokenizer(self.name).encode(text)
            return [
                Token(self._id(decode_token(token.bytes)), token.bytes, token.start, token.end)
                for token in found
            ]
        tokens, at, end = [], 0, 0
        for spelled, start, stop in self._pieces(text):
            begin = end + len(text[at:start].encode())
            at, end = stop, begin + len(text[start:stop].encode())
            tokens.append(Token(self._id(spelled), spelled.encode(), begin, end))
        return tokens

    def _id(self, spelled: str) -> int | None:
        found = self._vocabulary.get(spelled)
        return self._unk if found is None else found

    def _pieces(self, text: str) -> Iterator[Piece]:
        if self.name == CHARACTERS:
            yield from ((letter, at, at + 1) for at, letter in enumerate(text) if not letter.isspace())
            return
        for word, start, stop in word_pieces(text):
            if word.isascii() or self._vocabulary.get(word) is not None:
                yield word, start, stop
            else:
                yield from self._longest(word, start)

    def _longest(self, run: str, start: int) -> Iterator[Piece]:
        """The longest words of the vocabulary in a run of letters that may be several (Chinese has no spaces
        between words); all of it as one where there is none.
        """
        pieces, at = [], 0
        while at < len(run):
            for stop in range(min(len(run), at + LONGEST), at, -1):
                if self._vocabulary.get(run[at:stop]) is not None:
                    break
            else:
                yield run, start, start + len(run)
                return
            pieces.append((run[at:stop], start + at, start + stop))
            at = stop
        yield from pieces
