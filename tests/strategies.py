"""Hypothesis strategies for what the engine is given, and the small spaces that tests are made of."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary

SIGNS = "+-−＋－–"
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "[": "]", "「": "」"}

nasty_tokens = st.one_of(
    st.text(max_size=6),
    st.text(alphabet=f"ab {SIGNS}*×·#.0123456789\"'[]“”", max_size=6),
    st.sampled_from(
        ["", " ", "#0", "-", "+", '"', "'s", "[UNK]", "-lrb-", "\x1b[31m", "\x00", "\u202e", "é", "é"]
    ),
)
"""Any text but lone surrogates: empty, signs, quotes, escapes, combining and right-to-left characters."""

token_bytes = st.one_of(
    st.binary(max_size=4),
    st.lists(
        st.sampled_from([b"", b"a", b"\xff", b"\xfe", b"\xc3", b"\x00", b"\xed\xa0\x80"]), max_size=4
    ).map(b"".join),
)
"""Tokens of a byte-level vocabulary: mostly not UTF-8."""

vocabularies = st.lists(token_bytes, max_size=30)
"""Tokens in id order, with duplicates."""

bare_words = st.from_regex(r"[a-zé猫]{1,5}", fullmatch=True)


@st.composite
def matrices(draw: st.DrawFn, max_rows: int = 40, max_width: int = 6, magnitude: float = 1e3) -> Floats:
    """Finite ``(n, d) float32``, with repeated and zero rows."""
    shape = draw(st.tuples(st.integers(1, max_rows), st.integers(1, max_width)))
    limit = float(np.float32(magnitude))
    return draw(hnp.arrays(np.float32, shape, elements=st.floats(-limit, limit, width=32)))


@st.composite
def whole_number_matrices(draw: st.DrawFn, max_rows: int = 40) -> Floats:
    """``(n, 3) float32`` of small whole numbers: products and sums of them are exact, and ties abound."""
    n = draw(st.integers(1, max_rows))
    return draw(hnp.arrays(np.float32, (n, 3), elements=st.integers(-3, 3).map(float)))


@st.composite
def expressions(draw: st.DrawFn) -> tuple[str, list[tuple[float, str]], set[str]]:
    """An expression as a person might write it, the (weight, token) it means, and the tokens there are."""
    parts: list[str] = []
    meant: list[tuple[float, str]] = []
    for place in range(draw(st.integers(1, 5))):
        sign = draw(st.sampled_from([*SIGNS] if place else ["", *SIGNS]))
        number = draw(st.sampled_from(["", "2", "0.5", ".25", "3.", "10"]))
        times = draw(st.sampled_from("*×＊·")) if number else ""
        token, written = draw(_written_tokens())
        space = draw(st.sampled_from(["", " ", "  ", "\t"]))
        parts += [
            sign,
            space,
            number,
            times,
            draw(st.sampled_from(["", " "])) if number else "",
            written,
            " ",
        ]
        meant.append(((1.0 if sign in "+＋" else -1.0) * float(number or 1), token))
    return "".join(parts), meant, {token for _, token in meant}


@st.composite
def _written_tokens(draw: st.DrawFn) -> tuple[str, str]:
    if draw(st.booleans()):
        word = draw(bare_words)
        return word, word
    opening, closing = draw(st.sampled_from(sorted(QUOTES.items())))
    token = draw(nasty_tokens.filter(lambda text: text != "" and closing not in text))
    return token, f"{opening}{token}{closing}"


def small_space(
    rows: NDArray[np.floating] | EmbeddingMatrix, tokens: Sequence[str | bytes] | None = None
) -> EmbeddingSpace:
    """A space of these rows, its tokens ``t0``, ``t1`` … unless given."""
    matrix = (
        rows
        if isinstance(rows, EmbeddingMatrix)
        else EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32)))
    )
    names = [f"t{i}" for i in range(matrix.n_vocab)] if tokens is None else tokens
    return EmbeddingSpace(
        "small",
        Vocabulary.from_tokens(names),
        matrix,
        NoPositions("none in a test"),
        Provenance(trained=True, origin="made for a test"),
    )
