"""``tui-embed spaces``: the spaces that can be opened by name."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from tui_embed.cli import output
from tui_embed.cli.parser import add_json
from tui_embed.figures import size
from tui_embed.sources.catalog import space_entries

EXAMPLES = """
tui-embed spaces
tui-embed spaces --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    add_json(parser)


def run(options: Namespace) -> None:
    entries = space_entries()
    if options.json:
        output.print_json({"spaces": [asdict(entry) for entry in entries]})
        return
    rows = [("space", "n_vocab", "d_model", "what")]
    for entry in entries:
        state = "" if entry.here else f"to fetch, {size(entry.size)}: "
        what = f"{entry.what}, {entry.licence}" if entry.licence else entry.what
        rows.append((entry.name, f"{entry.n_vocab:,}", f"{entry.d_model:,}", f"{state}{what}"))
    output.print_list(rows, "lrr")
