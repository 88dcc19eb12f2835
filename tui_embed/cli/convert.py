"""``tui-embed convert``: write a space in another format."""

import os
from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import size
from tui_embed.printable import printable
from tui_embed.sources.convert import BY_NAME, Target, Written, write_space

EXAMPLES = """
tui-embed convert glove.6B.300d.txt glove.npz
tui-embed convert glove words.vec.gz
tui-embed convert vectors.npz out --format projector
tui-embed convert gpt2-init start.safetensors --seed 7 --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="SRC", help="the space: a name, or a file (FILE#PART)")
    parser.add_argument("target", metavar="DST", help="the file; the end of its name says the format")
    parser.add_argument(
        "--format",
        choices=BY_NAME,
        metavar="F",
        help=f"the format, whatever the name says: {', '.join(BY_NAME)}",
    )
    parser.add_argument("--force", action="store_true", help="replace what is there")
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.space is not None:
        raise UsageError("SRC and --space are both given", "give SRC alone")
    target = Target.of(options.target, options.format)
    there = [path for path in target.files if os.path.lexists(path)]
    if there and not options.force:
        raise UsageError(f"{there[0]} is there already", "--force replaces it")
    space = opened(settings_of(options), options.source)
    with progress(f"writing {printable(str(target.path))}") as show:
        written = write_space(space, options.target, options.format, progress=show)
    if options.json:
        output.print_json(_json(space, written))
    else:
        _print(space, written)


def _print(space: EmbeddingSpace, written: Written) -> None:
    for path in written.files:
        print(f"{printable(str(path))}: {size(path.stat().st_size)}")
    print(f"{len(space):,} rows of {space.d_model:,} numbers, {written.format}")
    for lost in written.left_out:
        print(f"note: {printable(lost)} was left out: {written.format} cannot hold it")


def _json(space: EmbeddingSpace, written: Written) -> dict[str, object]:
    return {
        **output.space_json(space),
        "n_vocab": len(space),
        "d_model": space.d_model,
        "format": written.format,
        "files": [{"path": str(path), "bytes": path.stat().st_size} for path in written.files],
        "left_out": list(written.left_out),
    }
