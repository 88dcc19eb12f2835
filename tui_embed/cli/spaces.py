"""``tui-embed spaces``: the spaces that can be opened by name."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from tui_embed.cli import output
from tui_embed.cli.parser import add_json
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
    rows += [(entry.name, f"{entry.n_vocab:,}", f"{entry.d_model:,}", entry.what) for entry in entries]
    output.print_table(rows, "lrrl")
