"""``tui-embed find``: search a vocabulary by prefix, likeness or regular expression."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_k, add_space
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.lookup import SEARCHES
from tui_embed.printable import printable

EXAMPLES = """
tui-embed find king -k 5
tui-embed find --fuzzy strawbery
tui-embed find --regex "^un.*able$" --json
"""

ORDERS = {
    "prefix": "tokens that begin with {}, most frequent first",
    "fuzzy": "tokens spelled most like {}, nearest first",
    "regex": "tokens that match {}, most frequent first",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "pattern", metavar="PATTERN", help="what tokens begin with; after -- one that begins with -"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--regex", dest="how", action="store_const", const="regex", help="find a regular expression"
    )
    how.add_argument(
        "--fuzzy", dest="how", action="store_const", const="fuzzy", help="find the nearest spellings"
    )
    parser.set_defaults(how="prefix")
    add_k(parser, 50)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    space = opened(settings_of(options))
    # one more than asked for tells whether that was all
    ids = SEARCHES[options.how](space.vocabulary, options.pattern, options.k + 1).tolist()
    shown, more = ids[: options.k], len(ids) > options.k
    if options.json:
        found = {
            **output.space_json(space),
            "pattern": options.pattern,
            "how": options.how,
            "n_vocab": len(space),
            "more": more,
            "tokens": [output.token_json(space, token_id) for token_id in shown],
        }
        output.print_json(found)
        return
    output.print_heading(space)
    which = ORDERS[options.how].format(printable(options.pattern))
    print(f"{'the first ' if more else ''}{len(shown):,} {which}")
    output.print_table([(space.vocabulary[token_id], f"id {token_id}") for token_id in shown], "ll")
    print(f"searched {len(space):,} of {len(space):,}")
