"""``tui-embed row``: a token's row of W_E, the position row that is added to it, and their sum."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space, add_token, integer
from tui_embed.cli.space import chosen_token, opened, settings_of
from tui_embed.engine.positions import NoPositions, Positions, SinusoidalPositions, input_embedding
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
from tui_embed.engine.summary import RowSummary, share_below, summarize
from tui_embed.errors import UsageError
from tui_embed.figures import component, percent, score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed row king
tui-embed row --id 42 --top 10 --json
tui-embed row " king" --space gpt2-init --position 7
tui-embed row king --position 3 --positions sinusoidal
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A token's row in figures, and what stands at the position asked for, if one was."""

    chosen: Chosen
    row: Floats
    summary: RowSummary
    share_below: float | None
    positions: Positions
    index: int | None
    position_row: Floats | None


def add_arguments(parser: ArgumentParser) -> None:
    add_token(parser)
    parser.add_argument("--position", type=integer, metavar="P", help="also the row of this position, from 0")
    parser.add_argument(
        "--positions",
        choices=("learned", "sinusoidal", "none"),
        help="which position rows; without it the space's own",
    )
    parser.add_argument(
        "--top", type=integer, default=5, metavar="N", help="how many of the largest dimensions"
    )
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.top < 0:
        raise UsageError(f"--top is {options.top}", "0 or more")
    space = opened(settings_of(options))
    found = _found(space, options)
    if options.json:
        output.print_json(_json(space, found))
    else:
        _print(space, found)


def _found(space: EmbeddingSpace, options: Namespace) -> Found:
    chosen = chosen_token(space, options)
    positions = _positions(space, options.positions)
    index = 0 if options.position is None and options.positions is not None else options.position
    row = space.vector(chosen)
    return Found(
        chosen,
        row,
        summarize(row, options.top),
        _share_below(space, chosen),
        positions,
        index,
        None if index is None else positions.row(index),
    )


def _positions(space: EmbeddingSpace, kind: str | None) -> Positions:
    if kind is None or kind == space.positions.kind:
        return space.positions
    if kind == "sinusoidal":
        return SinusoidalPositions(space.d_model)
    if kind == "none":
        return NoPositions("left out on request")
    raise UsageError(f"{space.name} has no learned position rows", space.positions.note)


def _share_below(space: EmbeddingSpace, chosen: Chosen) -> float | None:
    """None where the other norms would have to be drawn first, and for a vector that is none of the rows."""
    if not isinstance(chosen, int):
        return None
    known = space.matrix.known_norms is not None or space.matrix.has_array
    return share_below(space.matrix.norms(), chosen) if known else None


def _json(space: EmbeddingSpace, found: Found) -> dict[str, object]:
    position: dict[str, object] | None = None
    if found.position_row is not None:
        position = {
            "index": found.index,
            "kind": found.positions.kind,
            "vector": output.numbers(found.position_row),
            "note": found.positions.note,
        }
    return {
        **output.space_json(space),
        **output.token_json(space, found.chosen),
        "d_model": space.d_model,
        "vector": output.numbers(found.row),
        "norm": output.finite(found.summary.norm),
        "norm_share_below": found.share_below,
        "mean": output.finite(found.summary.mean),
        "std": output.finite(found.summary.std),
        "largest": [
            {"dimension": dimension, "value": output.finite(value)}
            for dimension, value in found.summary.largest
        ],
        "position": position,
        "positions_note": found.positions.note,
        "sum": output.numbers(input_embedding(found.row, found.position_row)),
        "input_layer": space.input_layer.said,
        "input_embedding": output.numbers(space.input_layer.embed(found.row, found.position_row)),
    }


def _print(space: EmbeddingSpace, found: Found) -> None:
    summary = found.summary
    output.print_heading(space)
    below = "" if found.share_below is None else f", longer than {percent(found.share_below)} of all rows"
    largest = ", ".join(f"{dimension}: {component(value)}" for dimension, value in summary.largest)
    output.print_facts(
        [
            ("token", space.spelled(found.chosen)),
            ("id", f"{found.chosen}" if isinstance(found.chosen, int) else ""),
            ("norm", f"{score(summary.norm)}{below}"),
            ("mean", component(summary.mean)),
            ("std", score(summary.std)),
            ("largest", largest),
        ]
    )
    output.print_composed([found.chosen])
    _print_vector(f"W_E[{found.chosen}]" if isinstance(found.chosen, int) else "composed", found.row)
    layer = space.input_layer
    if found.index is None:
        return
    if found.position_row is None:
        alone = "; the input embedding is the token row alone" if layer.is_plain else ""
        print(f"no position row: {printable(found.positions.note)}{alone}")
    else:
        _print_vector(f"W_P[{found.index}], {printable(found.positions.note)}", found.position_row)
    if not layer.is_plain:
        made = f"input embedding: {layer.said}"
        _print_vector(made, layer.embed(found.row, found.position_row))
    elif found.position_row is not None:
        _print_vector("input embedding, their sum", layer.embed(found.row, found.position_row))


def _print_vector(title: str, row: Floats) -> None:
    print(f"{title}, {len(row):,} numbers")
    output.print_wrapped(component(value) for value in row.tolist())
