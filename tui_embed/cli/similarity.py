"""``tui-embed similarity``: how alike two tokens are, and how near each is to the other among all."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.neighbors import METRICS, closeness, rank_of, similarity
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import score

EXAMPLES = """
tui-embed similarity cat dog
tui-embed similarity happy sad --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("a", metavar="A", help="a token; after -- one that begins with -")
    parser.add_argument("b", metavar="B", help="another")
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    space = opened(settings_of(options))
    a, b = space.id(options.a), space.id(options.b)
    values: dict[str, float] = {metric: similarity(space, a, b, metric) for metric in METRICS}
    b_from_a, a_from_b = _rank(space, a, b), _rank(space, b, a)
    if options.json:
        found = {
            **output.space_json(space),
            "a": output.token_json(space, a),
            "b": output.token_json(space, b),
            **{metric: output.finite(value) for metric, value in values.items()},
            "rank_of_b_from_a": b_from_a,
            "rank_of_a_from_b": a_from_b,
            "searched": len(space),
            "n_vocab": len(space),
        }
        output.print_json(found)
        return
    output.print_heading(space)
    first, second = space.vocabulary[a], space.vocabulary[b]
    output.print_facts(
        [
            *((metric, score(value)) for metric, value in values.items()),
            ("ranks", f"by cosine “{second}” is number {b_from_a:,} from “{first}”"),
            ("", f"and “{first}” number {a_from_b:,} from “{second}”"),
        ]
    )
    print(f"searched {len(space):,} of {len(space):,}")


def _rank(space: EmbeddingSpace, token_id: int, other: int) -> int:
    """The place of ``other`` among the neighbours of ``token_id`` by cosine."""
    with progress("searching") as report:
        scores = closeness(space, space.matrix.row(token_id), "cosine", progress=report)
    return rank_of(space, scores, other, (token_id,))
