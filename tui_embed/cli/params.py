"""``tui-embed params``: what the embedding matrices of known models hold."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json
from tui_embed.engine.shapes import MODEL_SHAPES, ModelShape
from tui_embed.errors import UsageError

EXAMPLES = """
tui-embed params
tui-embed params gpt3
tui-embed params --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", metavar="MODEL", help="a model of the table, in more detail")
    add_json(parser)


def run(options: Namespace) -> None:
    shapes = list(MODEL_SHAPES.values()) if options.model is None else [_shape(options.model)]
    if options.json:
        output.print_json({"models": [_json(shape) for shape in shapes]})
    elif options.model is None:
        _print_all(shapes)
    else:
        _print_one(shapes[0])


def _shape(name: str) -> ModelShape:
    found = MODEL_SHAPES.get(name.removesuffix("-init"))
    if found is None:
        raise UsageError(f"there is no model named “{name}”", f"models are {', '.join(MODEL_SHAPES)}")
    return found


def _json(shape: ModelShape) -> dict[str, object]:
    return {
        "name": shape.name,
        "title": shape.title,
        "n_vocab": shape.n_vocab,
        "d_model": shape.d_model,
        "n_ctx": shape.n_ctx,
        "positions": shape.positions,
        "tied": shape.tied,
        "token_params": shape.token_params,
        "position_params": shape.position_params,
        "embedding_params": shape.embedding_params,
        "n_params": shape.n_params,
        "share": shape.share,
        "encoding": shape.encoding,
        "paper": shape.paper,
    }


def _print_all(shapes: list[ModelShape]) -> None:
    rows = [("model", "n_vocab", "d_model", "n_ctx", "positions", "W_E + W_P", "share of all")]
    rows += [
        (
            shape.name,
            f"{shape.n_vocab:,}",
            f"{shape.d_model:,}",
            "" if shape.n_ctx is None else f"{shape.n_ctx:,}",
            shape.positions,
            f"{shape.embedding_params:,}",
            _percent(shape.share),
        )
        for shape in shapes
    ]
    output.print_table(rows, "lrrrlrr")


def _print_one(shape: ModelShape) -> None:
    print(f"{shape.title}, {shape.paper}")
    positions = f"{shape.positions}: no parameters"
    if shape.position_params:
        positions = f"{shape.n_ctx:,} × {shape.d_model:,} = {shape.position_params:,}"
    output.print_facts(
        [
            ("W_E", f"{shape.n_vocab:,} × {shape.d_model:,} = {shape.token_params:,}"),
            ("W_P", positions),
            ("together", f"{shape.embedding_params:,}"),
            ("all parameters", f"{shape.n_params:,}"),
            ("share", _shares(shape)),
            (
                "output layer",
                "the token matrix again (tied)" if shape.tied else "a matrix of its own, not counted",
            ),
            ("tokenizer", shape.encoding or "does not come with this program"),
            ("untrained space", f"{shape.name}-init"),
        ]
    )


def _shares(shape: ModelShape) -> str:
    if not shape.position_params:
        return _percent(shape.share)
    return f"{_percent(shape.share)}, W_E alone {_percent(shape.token_params / shape.n_params)}"


def _percent(share: float) -> str:
    """With four digits: the table is there to compare."""
    return f"{100 * share:#.4g} %"
