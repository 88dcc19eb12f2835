"""``tui-embed odd-one-out``: which of some tokens is least like the others."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.neighbors import odd_one_out
from tui_embed.figures import score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed odd-one-out breakfast cereal dinner lunch
tui-embed odd-one-out red green blue seven --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("tokens", nargs="+", metavar="TOKEN", help="three tokens or more")
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    space = opened(settings_of(options))
    odd = odd_one_out(space, [space.id(token) for token in options.tokens])
    if options.json:
        scored = [
            {**output.token_json(space, token_id), "score": output.finite(value)}
            for token_id, value in odd.scores
        ]
        output.print_json(
            {**output.space_json(space), "odd": output.token_json(space, odd.id), "tokens": scored}
        )
        return
    output.print_heading(space)
    print(f"the odd one out: {printable(space.vocabulary[odd.id])}")
    print("cosine to the mean of all")
    ordered = sorted(odd.scores, key=lambda scored: -scored[1])
    output.print_table([(score(value), space.vocabulary[token_id]) for token_id, value in ordered], "rl")
