"""A space in facts."""

from collections.abc import Iterator

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.summary import norm_figures
from tui_embed.figures import score, size
from tui_embed.tui.widgets.facts import Fact

BYTES = 4


def facts_about(space: EmbeddingSpace) -> list[Fact]:
    """All that is known of ``space`` without a pass over its rows."""
    return [fact for fact in _facts(space) if fact.text]


def _facts(space: EmbeddingSpace) -> Iterator[Fact]:
    provenance, positions, subwords = space.provenance, space.positions, space.subwords
    yield Fact("name", space.name)
    yield Fact("", provenance.origin, marked=not provenance.trained)
    yield Fact("source", provenance.source)
    yield Fact("size", f"{len(space):,} × {space.d_model:,}, {_numbers(space)}")
    norms = space.matrix.known_norms
    figures = norm_figures(norms) if norms is not None else {}
    yield Fact("norms", ", ".join(f"{name} {score(value)}" for name, value in figures.items()))
    n_ctx = f"{positions.n_ctx:,}, " if positions.n_ctx is not None else ""
    yield Fact("positions", f"{positions.kind}: {n_ctx}{positions.note.removeprefix(f'{positions.kind}: ')}")
    tokenizer = space.tokenizer
    yield Fact("tokenizer", f"{tokenizer.name}, {tokenizer.n_vocab:,} tokens" if tokenizer else "none")
    if subwords is not None:
        n_buckets = subwords.rows.shape[0]
        grams = f"{n_buckets:,} rows of n-grams of {subwords.minn} … {subwords.maxn} characters"
        yield Fact("n-grams", f"{grams}: a word that is not in the vocabulary gets a vector composed of them")
    yield Fact("licence", provenance.licence)
    label = "columns"
    for name, column in space.metadata.items():
        example = next((column[row] for row in range(min(len(column), 100)) if column[row]), "")
        yield Fact(label, f"{name}, as in “{example[:80]}”" if example else name)
        label = ""
    label = "notes"
    for note in space.notes or ["nothing was odd in its source"]:
        yield Fact(label, note, marked=bool(space.notes))
        label = ""


def _numbers(space: EmbeddingSpace) -> str:
    count = len(space) * space.d_model
    if space.matrix.has_array:
        return f"{count:,} numbers, {size(count * BYTES)}"
    how = "read from its file" if space.provenance.trained else "drawn"
    return f"{count:,} numbers, {how} when they are asked for"
