"""The argument parser: errors on one line, a verb's module imported when the verb is asked for."""

import argparse
import os
import re
import textwrap
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from tui_embed.errors import UsageError

INITS = ("normal", "uniform")
"""``engine.rows.DRAW_KINDS``, which help must not import numpy for."""

SEED = "untrained rows are drawn from it (default: the setting seed, else 0)"
EXIT_STATUSES = "exit status: 0 done; 1 failed; 2 wrong usage or a token that is not there"
WIDEST = 120
_LARGEST_INTEGER = (1 << 63) - 1


class Parser(argparse.ArgumentParser):
    """Its errors are a UsageError of one line that names where help is; options are never abbreviated."""

    def __init__(self, **given: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_help_formatter, **given)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see '{self.prog} --help'")


class VerbParser(Parser):
    """The parser of one verb. ``module`` has EXAMPLES, ``add_arguments(parser)`` and ``run(options)``.

    ``minus_is_text``: an argument such as ``-man`` is text, not an option, unless it is one exactly.
    """

    minus_is_text = False

    def __init__(self, *, module: str, **given: Any) -> None:
        super().__init__(**given)
        self._module = module

    def load(self) -> None:
        """Import the verb and take its arguments."""
        verb = import_module(self._module)
        verb.add_arguments(self)
        self.epilog = f"examples:\n{textwrap.indent(verb.EXAMPLES.strip(), '  ')}\n\n{EXIT_STATUSES}"
        self.set_defaults(run=verb.run)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it, but what is left over is an error of this verb, not of the whole command."""
        self.load()
        given: Sequence[str] = args
        if self.minus_is_text:
            given = [f" {text}" if self._is_text(text) else text for text in given]
        options, left = super().parse_known_args(given, namespace)
        if left:
            self.error(f"not understood: {' '.join(left)}")
        return options, left

    def _is_text(self, argument: str) -> bool:
        if not re.match(r"-[^-]", argument):
            return False
        attached = argument[2:]
        return argument[:2] not in self._option_string_actions or not re.fullmatch(r"\d*", attached)


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``, which every verb has."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def add_space(parser: argparse.ArgumentParser, seed: str = SEED) -> None:
    """``--space`` and how it is opened; none is set unless given: it may stand before the verb. ``seed`` says
    what the seed is for, and what it is where none is given.
    """
    unset = argparse.SUPPRESS
    parser.add_argument(
        "--space",
        metavar="S",
        default=unset,
        help="a name that 'tui-embed spaces' lists, a file (FILE#PART), or a checkpoint's folder (default: "
        "the setting space, else glove)",
    )
    parser.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        default=unset,
        help="read a file anew, and keep nothing of it",
    )
    parser.add_argument("--seed", type=integer, metavar="N", default=unset, help=seed)
    parser.add_argument(
        "--init",
        choices=INITS,
        default=unset,
        help="how untrained rows are drawn (default: the setting init, else normal)",
    )


def add_token(parser: argparse.ArgumentParser) -> None:
    """A token, or ``--id``: :func:`tui_embed.cli.space.token_id` reads it."""
    parser.add_argument(
        "token", nargs="?", metavar="TOKEN", help="the token; after -- one that begins with -"
    )
    parser.add_argument("--id", type=integer, metavar="N", help="the token by its id")


def add_k(parser: argparse.ArgumentParser, default: int | None = None) -> None:
    """``-k``; where there is no ``default`` the settings have it."""
    said = "the setting k, else 10" if default is None else default
    parser.add_argument(
        "-k", type=integer, metavar="N", default=default, help=f"how many answers (default: {said})"
    )


def integer(text: str) -> int:
    """A whole number of at most 64 bits, for argparse."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number") from None
    if abs(value) > _LARGEST_INTEGER:
        raise argparse.ArgumentTypeError(f"{text[:40]} is too large")
    return value


def terminal_width() -> int:
    """Columns to write in: $COLUMNS, else the terminal's, else 80; at most WIDEST."""
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given[:9]) > 0:
        return min(WIDEST, int(given[:9]))
    try:
        return min(WIDEST, os.get_terminal_size(1).columns or 80)
    except OSError:
        return 80


def _help_formatter(prog: str) -> argparse.HelpFormatter:
    # argparse makes a formatter for every argument; with a width given it need not import shutil for that
    return argparse.RawDescriptionHelpFormatter(prog, width=max(40, terminal_width() - 2))
