"""A text on its way through a model: tokens, rows, positions, input embeddings, layers, scores."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.models.body import Body, Trace
from tui_embed.engine.models.layers import softmax
from tui_embed.engine.neighbors import Answer, cosine, nearest
from tui_embed.engine.parallel import each_block
from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.ranking import top_k
from tui_embed.engine.rows import Floats, Rows
from tui_embed.engine.scan import products
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.tokens import Token, framed
from tui_embed.errors import TuiEmbedError, UsageError

MOST_TOKENS = 256
"""Of a text: what attention takes grows with the square of it."""


_as_they_come = np.errstate(over="ignore", invalid="ignore", divide="ignore")
"""A broken checkpoint's numbers may grow beyond all bounds: that shows in what comes out of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Forward:
    """A text in a model. ``token_rows``, ``inputs`` and, where the model has them, ``position_rows`` are
    ``(n, d_model)``. Without a ``body`` it ends at the input embeddings. ``left_out`` tokens at the end were
    more than are read.
    """

    space: EmbeddingSpace
    tokens: tuple[Token, ...]
    ids: tuple[int, ...]
    token_rows: Floats
    position_rows: Floats | None
    inputs: Floats
    body: Body | None
    trace: Trace | None
    left_out: int = 0

    @property
    def n_layers(self) -> int:
        """How many layers it went through."""
        return 0 if self.trace is None else self.trace.n_layers

    def state(self, layer: int, place: int) -> Floats:
        """The vector of token number ``place`` after ``layer`` layers, ``(d_model,)``; of layer 0 it is the
        input embedding.
        """
        states = self.inputs if self.trace is None else self.trace.states[layer]
        row: Floats = states[place]
        return row

    def finished(self, layer: int, place: int) -> Floats:
        """The same, as it is before the scores. TuiEmbedError for a last layer that does not fit."""
        row: Floats = self.finish(self.state(layer, place)[None, :])[0]
        return row

    @_as_they_come
    def finish(self, states: Floats) -> Floats:
        """``states`` ``(n, d_model)`` of any layer, as they are before the scores. TuiEmbedError for a last
        layer that does not fit.
        """
        if self.body is None:
            return states
        with _fitting(self.space):
            return self.body.finish(states)


def framed_tokens(space: EmbeddingSpace, text: str) -> list[Token]:
    """The tokens of ``text`` as the model reads it, with the special tokens around it that it wants.
    UsageError for a space that cannot split texts.
    """
    if space.tokenizer is None:
        raise UsageError(f"{space.name} comes without a tokenizer", "name another --space")
    return framed(space.tokenizer, text)


@_as_they_come
def forward(
    space: EmbeddingSpace,
    text: str,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    most: int = MOST_TOKENS,
) -> Forward:
    """Send ``text`` through the model of ``space``, as far as its layers are here; ``progress`` counts them.

    UsageError for a text without a token that has a row; TuiEmbedError for layers that do not fit.
    """
    known = [token for token in framed_tokens(space, text) if token.id is not None]
    n_ctx = space.positions.n_ctx
    tokens = _cut(space, known, most if n_ctx is None else min(most, n_ctx))
    ids = tuple(token.id for token in tokens if token.id is not None)
    if not ids:
        raise UsageError("no token of the text has a row", "write something")
    rows = space.matrix.rows.take(np.array(ids))
    positions = _position_rows(space, len(ids))
    inputs = space.input_layer.embed(rows, positions)
    model = space.model
    body = model.load_body() if model is not None and model.load_body is not None else None
    trace = None
    if body is not None:
        with _fitting(space):
            trace = body.run(inputs, cancel, progress)
    left_out = len(known) - len(tokens)
    return Forward(space, tuple(tokens), ids, rows, positions, inputs, body, trace, left_out)


@contextmanager
def _fitting(space: EmbeddingSpace) -> Iterator[None]:
    """Tell in one line of parameters that are not there, or of another shape than the others."""
    try:
        yield
    except (ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:120]
        raise TuiEmbedError(f"the layers of {space.name} do not fit together: {reason}") from None


def _cut(space: EmbeddingSpace, tokens: list[Token], most: int) -> list[Token]:
    """The first ``most`` tokens; a special token at the end keeps its place there."""
    special = frozenset[int]() if space.model is None else space.model.special_ids
    if len(tokens) > most and tokens[-1].id in special:
        return [*tokens[: most - 1], tokens[-1]]
    return tokens[:most]


def last_word(run: Forward) -> int:
    """The place of the last token that stands for text, or of the last one."""
    model = run.space.model
    special = frozenset() if model is None else model.special_ids
    words = [place for place, token in enumerate(run.ids) if token not in special]
    return words[-1] if words else len(run.ids) - 1


def neighbors_at(
    run: Forward,
    layer: int,
    place: int,
    k: int = 10,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Answer:
    """The rows of ``W_E`` nearest, by cosine, to a token's vector after ``layer`` layers: which token the
    vector is most like, though no later layer is made to stay in the space of the rows.
    """
    return nearest(run.space, run.state(layer, place), k, "cosine", cancel=cancel, progress=progress)


@dataclass(frozen=True, eq=False, slots=True)
class NextTokens:
    """The distribution over the next token after one of the text: ``best`` are ids and probabilities, best
    first; ``entropy`` is in bits.
    """

    best: tuple[tuple[int, float], ...]
    entropy: float
    probabilities: Floats

    @property
    def searched(self) -> int:
        return len(self.probabilities)


@_as_they_come
def next_tokens(
    run: Forward,
    place: int,
    layer: int | None = None,
    k: int = 10,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> NextTokens:
    """What the model expects after token number ``place``: softmax of the scores of all output rows.

    ``layer`` before the last one asks what it would say if it stopped there (nostalgebraist 2020,
    "interpreting GPT: the logit lens"). UsageError for a model without scores, or that sees what comes after.
    """
    model = run.space.model
    if model is None or model.output is None or run.trace is None or run.body is None:
        raise UsageError(
            f"{run.space.name} gives no probabilities", "no layers, or no output rows, are known"
        )
    if not run.body.is_causal:
        raise UsageError(f"{run.space.name} reads whole sentences: it does not say what comes next")
    state = run.finished(run.n_layers if layer is None else layer, place)
    probabilities = softmax(_scores(model.output, state, cancel, progress))
    best = top_k(probabilities, k)
    some = probabilities[probabilities > 0].astype(np.float64)
    return NextTokens(
        tuple((int(token), float(probabilities[token])) for token in best),
        float(-(some * np.log2(some)).sum()),
        probabilities,
    )


@_as_they_come
def sentence_vector(run: Forward) -> Floats:
    """The mean of all tokens' last vectors, ``(d_model,)``: what sentence models such as MiniLM compare
    (Reimers and Gurevych 2019, "Sentence-BERT"). UsageError for a model without layers.
    """
    if run.trace is None:
        raise UsageError(f"{run.space.name} has no layers here, so no sentence vector")
    return np.asarray(run.trace.states[-1].mean(axis=0))


@dataclass(frozen=True, slots=True)
class Meeting:
    """How alike two tokens of two texts are after each layer, from the input embedding on, and the two texts
    as a whole.
    """

    first: int
    second: int
    by_layer: tuple[float, ...]
    sentences: float | None


@_as_they_come
def compare(first: Forward, second: Forward, place: int, other: int) -> Meeting:
    """Token ``place`` of one text beside token ``other`` of another, in the same model."""
    layers = range(min(first.n_layers, second.n_layers) + 1)
    by_layer = tuple(cosine(first.state(layer, place), second.state(layer, other)) for layer in layers)
    sentences = None
    if first.trace is not None and second.trace is not None:
        sentences = cosine(sentence_vector(first), sentence_vector(second))
    return Meeting(place, other, by_layer, sentences)


def shared_tokens(first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    """The places of ids that both texts have, in the order of the first; each place counts once."""
    left: dict[int, list[int]] = {}
    for place, token in enumerate(second):
        left.setdefault(token, []).append(place)
    return [(place, left[token].pop(0)) for place, token in enumerate(first) if left.get(token)]


def _position_rows(space: EmbeddingSpace, n: int) -> Floats | None:
    positions = space.positions
    if isinstance(positions, LearnedPositions):
        return positions.rows.take(np.arange(n))
    rows = [positions.row(place) for place in range(n)]
    found = [row for row in rows if row is not None]
    return np.stack(found) if len(found) == n else None


def _scores(rows: Rows, state: Floats, cancel: CancelToken | None, progress: Progress) -> Floats:
    scores = np.empty(rows.shape[0], dtype=np.float32)

    def work(start: int, block: Floats) -> int:
        products(block, state, scores[start : start + len(block)])
        return len(block)

    each_block(rows, work, cancel, progress)
    return scores
