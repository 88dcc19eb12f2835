"""``tui-embed info``: what a space is and where it comes from."""

from argparse import ArgumentParser, Namespace

import numpy as np

from tui_embed.cli import output
from tui_embed.cli.model import model_facts, model_json, tensor_rows
from tui_embed.cli.parser import add_json
from tui_embed.cli.space import add_named_space, opened_as_named
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import score

EXAMPLES = """
tui-embed info
tui-embed info ./Llama-3.2-1B
tui-embed info glove --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    add_named_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    space, asked = opened_as_named(options)
    if options.json:
        output.print_json(_json(space))
    else:
        _print(space, asked)


def parameters(space: EmbeddingSpace) -> int:
    """How many numbers the token and learned position matrices hold together."""
    rows = len(space) + (space.positions.n_ctx or 0 if space.positions.kind == "learned" else 0)
    return rows * space.d_model


def _norms(space: EmbeddingSpace) -> dict[str, float] | None:
    """Figures of all norms that are finite, where they are known without a pass over the rows."""
    known = space.matrix.known_norms
    norms = np.zeros(0, np.float32) if known is None else known[np.isfinite(known)]
    if not len(norms):
        return None
    figures = {
        "min": norms.min(),
        "median": np.median(norms),
        "mean": norms.mean(dtype=np.float64),
        "max": norms.max(),
    }
    return {name: float(value) for name, value in figures.items()}


def _json(space: EmbeddingSpace) -> dict[str, object]:
    tokenizer, positions = space.tokenizer, space.positions
    return {
        **output.space_json(space),
        "n_vocab": len(space),
        "d_model": space.d_model,
        "parameters": parameters(space),
        "origin": space.provenance.origin,
        "positions": {"kind": positions.kind, "n_ctx": positions.n_ctx, "note": positions.note},
        "tokenizer": tokenizer and {"name": tokenizer.name, "n_vocab": tokenizer.n_vocab},
        "licence": space.provenance.licence or None,
        "source": space.provenance.source or None,
        "norms": _norms(space),
        "model": model_json(space),
    }


def _print(space: EmbeddingSpace, asked: str) -> None:
    tokenizer, norms = space.tokenizer, _norms(space)
    output.print_heading(space)
    output.print_facts(
        [
            ("n_vocab", f"{len(space):,}"),
            ("d_model", f"{space.d_model:,}"),
            ("parameters", f"{parameters(space):,}{_of_both(space)}"),
            ("positions", _positions(space)),
            ("tokenizer", f"{tokenizer.name}, {tokenizer.n_vocab:,} tokens" if tokenizer else "none"),
            ("norms", ", ".join(f"{name} {score(value)}" for name, value in norms.items()) if norms else ""),
            *model_facts(space, asked),
            ("source", space.provenance.source),
            ("licence", space.provenance.licence),
        ]
    )
    if tensors := tensor_rows(space):
        print("tensors")
        output.print_table(tensors, "llll")
    for note in space.notes:
        output.print_note(note)


def _of_both(space: EmbeddingSpace) -> str:
    return " in W_E and W_P" if space.positions.kind == "learned" else ""


def _positions(space: EmbeddingSpace) -> str:
    kind, n_ctx = space.positions.kind, space.positions.n_ctx
    note = space.positions.note.removeprefix(kind).lstrip(":, ")
    return f"{kind}: " + ", ".join(part for part in (f"{n_ctx:,}" if n_ctx is not None else "", note) if part)
