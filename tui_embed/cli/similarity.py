"""``tui-embed similarity``: how alike two tokens are, and how near each is to the other among all."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.neighbors import closeness, rank_of, similarity
from tui_embed.engine.scan import METRICS
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
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
    a, b = space.resolve(options.a), space.resolve(options.b)
    values: dict[str, float] = {metric: similarity(space, a, b, metric) for metric in METRICS}
    b_from_a, a_from_b = _rank(space, a, b), _rank(space, b, a)
    searched = 0 if b_from_a is None and a_from_b is None else len(space)
    if options.json:
        found = {
            **output.space_json(space),
            "a": output.token_json(space, a),
            "b": output.token_json(space, b),
            **{metric: output.finite(value) for metric, value in values.items()},
            "rank_of_b_from_a": b_from_a,
            "rank_of_a_from_b": a_from_b,
            "searched": searched,
            "n_vocab": len(space),
        }
        output.print_json(found)
        return
    output.print_heading(space)
    output.print_composed([a, b])
    output.print_facts(
        [
            *((metric, score(value)) for metric, value in values.items()),
            ("rank", _placed(space, b, b_from_a, a)),
            ("rank", _placed(space, a, a_from_b, b)),
        ]
    )
    print(f"searched {searched:,} of {len(space):,}")


def _rank(space: EmbeddingSpace, chosen: Chosen, other: Chosen) -> int | None:
    """The place of ``other`` among the neighbours of ``chosen`` by cosine; None for a word without a row."""
    if not isinstance(other, int):
        return None
    with progress("searching") as report:
        scores = closeness(space, space.vector(chosen), "cosine", progress=report)
    return rank_of(space, scores, other, (chosen,) if isinstance(chosen, int) else ())


def _placed(space: EmbeddingSpace, other: Chosen, rank: int | None, chosen: Chosen) -> str:
    if rank is None:
        return ""
    return f"by cosine “{space.spelled(other)}” is number {rank:,} from “{space.spelled(chosen)}”"
