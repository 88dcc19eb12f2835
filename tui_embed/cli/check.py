"""``tui-embed check``: read a whole file as the app would, and say whether it is sound."""

import os
from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json
from tui_embed.cli.progress import Bytes, progress
from tui_embed.errors import SourceError
from tui_embed.printable import printable
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.models.files import folder_around
from tui_embed.sources.open import read

EXAMPLES = """
tui-embed check glove.6B.300d.txt
tui-embed check vectors.npz --json
tui-embed check 'model.safetensors#wte.weight'
"""


WEIGHTS_HINT = "name a file of weights, such as model.safetensors"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="the file; FILE#PART is one of several tensors or members"
    )
    add_json(parser)


def run(options: Namespace) -> None:
    """Exit status 0 for a file that can be opened, whatever is noted of it; 1 with one line for another."""
    # not Path.is_dir, which raises for a name that is too long for any file
    if os.path.isdir(options.file):  # noqa: PTH112
        raise SourceError(options.file, "it is a folder, and check reads a file", hint=WEIGHTS_HINT)
    with progress(f"reading {printable(options.file)}", Bytes()) as report, SourceFile(options.file) as file:
        if file.path.suffix == ".json" and folder_around(file) is not None:
            raise SourceError(options.file, "it describes a model and holds no vectors", hint=WEIGHTS_HINT)
        content = read(SpaceBuilder(file, progress=report))
    n_vocab, d_model = content.rows.shape
    if options.json:
        found = {
            "file": options.file,
            "format": content.format,
            "n_vocab": n_vocab,
            "d_model": d_model,
            "columns": list(content.metadata),
            "notes": list(content.notes),
        }
        output.print_json(found)
        return
    print(f"{printable(options.file)}: sound, {printable(content.format)}")
    print(f"{n_vocab:,} rows of {d_model:,} numbers")
    if content.metadata:
        print(f"columns: {', '.join(map(printable, content.metadata))}")
    for note in content.notes:
        print(f"note: {printable(note)}")
