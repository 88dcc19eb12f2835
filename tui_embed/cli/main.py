"""``tui-embed``: a verb answers on standard output, no verb opens the app."""

import gc
import os
import re
import sys
import threading
from argparse import Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

from tui_embed import __version__
from tui_embed.cli import streams
from tui_embed.cli.parser import EXIT_STATUSES, Parser, VerbParser, add_space
from tui_embed.errors import TuiEmbedError, UsageError

VERBS = {
    "tokenize": ("tokenize", "split a text into tokens"),
    "row": ("row", "a token's row of W_E, its position row, and their sum"),
    "neighbors": ("neighbors", "the tokens whose rows lie nearest"),
    "calc": ("calc", "where an expression such as king - man + woman leads"),
    "find": ("find", "search the vocabulary"),
    "odd-one-out": ("odd_one_out", "which token is least like the others"),
    "similarity": ("similarity", "how alike two tokens are"),
    "evaluate": ("evaluate", "accuracy on analogies, or agreement with people on pairs of words"),
    "check": ("check", "read a whole file and say whether it is sound"),
    "convert": ("convert", "write a space in another format"),
    "fetch": ("fetch", "bring a named space to this machine"),
    "cache": ("cache", "what is kept of files that were read, and its removal"),
    "train": ("train", "train a matrix on a text"),
    "map": ("map", "tokens as points on a plane, printed or as a picture"),
    "heatmap": ("heatmap", "cosines of tokens, rows or positions as a matrix of colours"),
    "forward": ("forward", "a text on its way through a model's layers"),
    "statistics": ("statistics", "a whole matrix in figures: norms, effective rank, anisotropy"),
    "undertrained": ("undertrained", "tokens that a model hardly saw while it was trained"),
    "compare": ("compare", "two spaces or checkpoints side by side"),
    "serve": ("serve", "the app in a browser, for this machine alone unless told otherwise"),
    "info": ("info", "what a space is and where it comes from"),
    "spaces": ("spaces", "the spaces that can be opened by name"),
    "params": ("params", "the embedding matrices of known models: sizes and share of all parameters"),
    "completion": ("completion", "print a completion script for a shell"),
}
"""Each verb: the module of ``tui_embed.cli`` that answers it, and what it is for."""

INTERRUPTED = 130
FRAMES_OVER_SSH = "15"
"""A second, at most: a redrawn map takes 15 to 30 kB."""


class _Command(Parser):
    """The whole command: what is no verb is told with the nearest ones, in place of a list of all."""

    def error(self, message: str) -> NoReturn:
        found = re.match(r"argument VERB: invalid choice: '?(.*?)'? \(choose from", message)
        if found is None:
            super().error(message)
        near = get_close_matches(found[1], VERBS, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "'tui-embed --help' lists all"
        raise UsageError(f"there is no verb '{found[1]}'", f"{hint}; --space S opens a space")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; whatever goes wrong is one line on standard error."""
    streams.make_safe()
    try:
        status = _status(sys.argv[1:] if argv is None else argv)
        streams.flush()
    except BrokenPipeError:
        # whoever reads has had enough: that is no failure
        streams.discard_output()
        return 0
    except KeyboardInterrupt:
        streams.say_stopped()
        return INTERRUPTED
    except OSError as error:
        streams.discard_output()
        streams.say_error(f"{error.filename or 'the output cannot be written'}: {error.strerror}")
        return 1
    return status


def build_parser() -> Parser:
    """The whole command's parser; a verb in it is empty until VerbParser.load fills it."""
    parser = _Command(
        prog="tui-embed",
        description="See how text becomes vectors. Without a verb the app opens.",
        epilog=f"'tui-embed VERB --help' has a verb's options and examples\n\n{EXIT_STATUSES}",
    )
    parser.add_argument("--version", action="version", version=f"tui-embed {__version__}")
    parser.set_defaults(space=None, seed=None, init=None, cache=None, run=None)
    add_space(parser)
    parser.add_argument("--text", dest="app_text", metavar="TEXT", help="the text that the app begins with")
    verbs: _SubParsersAction[VerbParser] = parser.add_subparsers(
        title="verbs", metavar="VERB", prog="tui-embed", parser_class=VerbParser
    )
    for name, (module, purpose) in VERBS.items():
        verbs.add_parser(
            name,
            module=f"tui_embed.cli.{module}",
            help=purpose,
            description=f"{purpose[0].upper()}{purpose[1:]}.",
        )
    return parser


def _status(argv: Sequence[str]) -> int:
    try:
        options = _parsed(argv)
        if options.run is None:
            return _open_app(options)
        if options.app_text is not None:
            raise UsageError("--text is for the app, not for a verb")
        options.run(options)
    except SystemExit as end:  # how argparse ends after --help and --version
        return end.code if isinstance(end.code, int) else 0
    except OSError:
        # of the output: main knows what to do
        raise
    except TuiEmbedError as error:
        streams.say_failure(error)
        return error.exit_status
    except Exception as error:
        # the last resort: a fault of ours, still one line, and a report of it; TUI_EMBED_DEBUG shows where
        if os.environ.get("TUI_EMBED_DEBUG"):
            raise
        from tui_embed.bug_reports import fault

        streams.say_failure(fault(error, "this", "a command"))
        return 1
    return 0


def _parsed(argv: Sequence[str]) -> Namespace:
    """The options, with the verb's module imported on the way."""
    with _importing():
        return build_parser().parse_args(argv)


@contextmanager
def _importing() -> Iterator[None]:
    """What is imported stays to the end: looking for garbage among it is a quarter of a verb's whole time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collecting:
            gc.enable()


def _open_app(options: Namespace) -> int:
    from tui_embed.cli.space import settings_of

    without = f"verbs that do without: {', '.join(VERBS)}"
    if not streams.is_terminal(sys.stdin) or not streams.is_terminal(sys.stdout):
        raise UsageError("the app needs a terminal for input and output", without)
    if os.environ.get("TERM") == "dumb":
        raise UsageError("the app needs a terminal that can do more than TERM=dumb", without)
    settings = settings_of(options)
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        # what is drawn crosses a line; the variable is Textual's own, and a person may set it
        os.environ.setdefault("TEXTUAL_FPS", FRAMES_OVER_SSH)
    with _importing():
        # loading NumPy waits for the disk and the linker more than it computes: Textual is imported meanwhile
        threading.Thread(target=import_module, args=("numpy",)).start()
        from tui_embed.tui.app import run_app

    return run_app(settings, options.app_text)
