"""``--out`` of the verbs that write pictures."""

from argparse import ArgumentParser, Namespace

from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.pictures.files import files_of


def add_out(parser: ArgumentParser, ends: str) -> None:
    """``--out``, whose end is one of ``ends``, and ``--force``."""
    parser.add_argument("--out", metavar="FILE", help=ends)
    parser.add_argument("--force", action="store_true", help="replace what is there")


def check_out(options: Namespace, ends: tuple[str, ...]) -> None:
    """Refuse, before anything is computed, a file whose end says no format, that is there already, or that
    lies in no folder.
    """
    if options.out is None:
        return
    files = files_of(options.out, ends)
    there = [file for file in files if file.exists()]
    if there and not options.force:
        raise UsageError(f"{there[0]} is there already", "--force replaces it")
    # the folder of an export is made
    if len(files) == 1 and not files[0].absolute().parent.is_dir():
        raise TuiEmbedError(f"{files[0]}: there is no such folder")
