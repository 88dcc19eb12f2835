"""Spaces in the shape of a known model, as it is before its first training step."""

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import LearnedPositions, NoPositions, Positions, SinusoidalPositions
from tui_embed.engine.rows import Distribution, DrawnRows
from tui_embed.engine.shapes import ModelShape
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.tokens import Tokenizer
from tui_embed.engine.vocabulary import Vocabulary

TOKEN_STD = 0.02
POSITION_STD = 0.01
TOKEN_STREAM, POSITION_STREAM = 0, 1


def untrained(shape: ModelShape, seed: int, distribution: Distribution) -> EmbeddingSpace:
    """A space of ``shape`` whose rows are drawn on demand and never held: token rows from ``distribution``,
    learned positions from N(0, 0.01²), as GPT-2 starts (Radford et al. 2019).

    Where the model's vocabulary does not come with the program its tokens are named by id, ``#0``, ``#1`` …
    """
    rows = DrawnRows((shape.n_vocab, shape.d_model), distribution, seed, TOKEN_STREAM)
    tokenizer, vocabulary, notes = _tokens(shape)
    return EmbeddingSpace(
        name=f"{shape.name}-init",
        vocabulary=vocabulary,
        matrix=EmbeddingMatrix(rows),
        positions=_positions(shape, seed),
        provenance=Provenance(
            trained=False,
            origin=f"untrained: drawn from {distribution}, seed {seed}",
            source=f"the shape of {shape.title} ({shape.paper}); its rows are random, drawn when asked for",
        ),
        tokenizer=tokenizer,
        notes=notes,
    )


def _tokens(shape: ModelShape) -> tuple[Tokenizer | None, Vocabulary, list[str]]:
    if shape.encoding is None:
        note = f"the vocabulary of {shape.title} does not come with this program: its tokens are named by id"
        return None, Vocabulary.from_tokens(f"#{i}" for i in range(shape.n_vocab)), [note]
    from tui_embed.tokenizers.bpe import bpe_tokenizer

    tokenizer = bpe_tokenizer(shape.encoding)
    return tokenizer, Vocabulary.from_tokens(tokenizer.all_token_bytes()), []


def _positions(shape: ModelShape, seed: int) -> Positions:
    if shape.positions == "sinusoidal":
        return SinusoidalPositions(shape.d_model, shape.n_ctx)
    if shape.positions == "none" or shape.n_ctx is None:
        return NoPositions(f"{shape.title} has no position rows: RoPE rotates queries and keys instead")
    drawn = Distribution("normal", POSITION_STD)
    rows = DrawnRows((shape.n_ctx, shape.d_model), drawn, seed, POSITION_STREAM)
    return LearnedPositions(rows, f"untrained: drawn from {drawn}, seed {seed}")
