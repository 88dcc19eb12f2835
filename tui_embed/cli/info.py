"""``tui-embed info``: what a space is and where it comes from."""

from argparse import ArgumentParser, Namespace

import numpy as np

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed info
tui-embed info gpt2-init --seed 7
tui-embed info glove --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="SPACE", help="the space; without it that of --space")
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.name is not None and options.space is not None:
        raise UsageError("SPACE and --space are both given", "give one of them")
    space = opened(settings_of(options), options.name)
    if options.json:
        output.print_json(_json(space))
    else:
        _print(space)


def parameters(space: EmbeddingSpace) -> int:
    """How many numbers the token and learned position matrices hold together."""
    rows = len(space) + (space.positions.n_ctx or 0 if space.positions.kind == "learned" else 0)
    return rows * space.d_model


def _norms(space: EmbeddingSpace) -> dict[str, float] | None:
    """Figures of all norms, where they are known without a pass over the rows."""
    norms = space.matrix.known_norms
    if norms is None or not len(norms):
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
    }


def _print(space: EmbeddingSpace) -> None:
    tokenizer, positions, norms = space.tokenizer, space.positions, _norms(space)
    output.print_heading(space)
    count = f"{positions.n_ctx:,}, " if positions.n_ctx is not None else ""
    output.print_facts(
        [
            ("n_vocab", f"{len(space):,}"),
            ("d_model", f"{space.d_model:,}"),
            ("parameters", f"{parameters(space):,}"),
            ("positions", f"{positions.kind}: {count}{positions.note.removeprefix(f'{positions.kind}: ')}"),
            ("tokenizer", f"{tokenizer.name}, {tokenizer.n_vocab:,} tokens" if tokenizer else "none"),
            ("norms", ", ".join(f"{name} {score(value)}" for name, value in norms.items()) if norms else ""),
            ("source", space.provenance.source),
            ("licence", space.provenance.licence),
        ]
    )
    for note in space.notes:
        print(f"note: {printable(note)}")
