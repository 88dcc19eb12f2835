"""``tui-embed find``: search a vocabulary by prefix, likeness, regular expression, or metadata."""

from argparse import ArgumentParser, Namespace

import numpy as np

from tui_embed.cli import output
from tui_embed.cli.metadata import add_where, metadata_json, rows_where
from tui_embed.cli.parser import add_json, add_k, add_space
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.lookup import SEARCHES
from tui_embed.engine.rows import Ids
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.printable import printable

EXAMPLES = """
tui-embed find king -k 5
tui-embed find --fuzzy strawbery
tui-embed find --regex "^un.*able$" --json
tui-embed find --where "country = France" --space cities.csv
"""

ORDERS = {
    "prefix": "tokens that begin with {}, most frequent first",
    "fuzzy": "tokens spelled most like {}, nearest first",
    "regex": "tokens that match {}, most frequent first",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "pattern",
        nargs="?",
        metavar="PATTERN",
        help="what tokens begin with; after -- one that begins with -; may be left out with --where",
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
    add_where(parser)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.pattern is None and options.where is None:
        raise UsageError("a PATTERN or --where FILTER is needed")
    space = opened(settings_of(options))
    among = rows_where(space, options)
    # one more than asked for tells whether that was all
    ids = _found(space, options, among)[: options.k + 1].tolist()
    shown, more = ids[: options.k], len(ids) > options.k
    searched = len(space) if among is None else len(among)
    if options.json:
        found = {
            **output.space_json(space),
            "pattern": options.pattern,
            "how": options.how,
            **({} if among is None else {"where": options.where, "searched": searched}),
            "n_vocab": len(space),
            "more": more,
            "tokens": [
                {**output.token_json(space, token_id), **metadata_json(space, token_id)} for token_id in shown
            ],
        }
        output.print_json(found)
        return
    output.print_heading(space)
    which = "tokens whose metadata match, by id"
    if options.pattern is not None:
        which = ORDERS[options.how].format(printable(options.pattern))
    print(f"{'the first ' if more else ''}{len(shown):,} {which}")
    rows = [(space.vocabulary[token_id], f"id {token_id}") for token_id in shown]
    output.print_rows(space, shown, rows, "ll")
    print(f"searched {searched:,} of {len(space):,}")


def _found(space: EmbeddingSpace, options: Namespace, among: Ids | None) -> Ids:
    """The ids that match, in the order of the search; of those that --where keeps, if it is given."""
    if options.pattern is None:
        assert among is not None
        return among
    search = SEARCHES[options.how]
    if among is None:
        return search(space.vocabulary, options.pattern, options.k + 1)
    # any number of the tokens that are found first may be left out
    found = search(space.vocabulary, options.pattern, len(space))
    return found[np.isin(found, among)]
