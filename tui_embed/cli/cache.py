"""``tui-embed cache``: what was kept of files that were opened, and its removal."""

import time
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Sequence

from tui_embed import figures
from tui_embed.cli import output
from tui_embed.cli.parser import add_json, integer
from tui_embed.errors import UsageError
from tui_embed.printable import printable
from tui_embed.sources.store.folder import store_folder
from tui_embed.sources.store.inventory import Entry, entries, of_no_use, remove

EXAMPLES = """
tui-embed cache
tui-embed cache prune --unused-for 30
tui-embed cache prune --all --json
tui-embed cache keep ./Llama-3.2-1B
tui-embed cache drop ./Llama-3.2-1B
"""

ACTIONS = ("list", "prune", "keep", "drop")
OF_ONE = ("keep", "drop")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="list",
        help="list what is kept (default); prune: remove what is of no use, since its source is gone or has "
        "changed, it is damaged, or of an older version; keep: put the rows of a checkpoint there "
        "as float32, so that searches in it are fast; drop: remove those of a space again, and "
        "of a file or a part of it what is kept of that, whether it is still there or not",
    )
    parser.add_argument("name", nargs="?", metavar="SPACE", help="keep, drop: the space whose rows are meant")
    parser.add_argument("--all", action="store_true", help="prune: remove everything")
    parser.add_argument(
        "--unused-for", type=integer, metavar="DAYS", help="prune: remove also what was not used for so long"
    )
    parser.add_argument(
        "--space", metavar="S", default=SUPPRESS, help="the same; it may stand before the verb, as elsewhere"
    )
    add_json(parser)


def run(options: Namespace) -> None:
    if options.name is not None and options.space is not None:
        raise UsageError("SPACE and --space are both given", "give one of them")
    options.space = options.name if options.space is None else options.space
    if (options.action in OF_ONE) != (options.space is not None):
        raise UsageError("'cache keep' and 'cache drop' take a SPACE, and nothing else does")
    if options.action != "prune" and (options.all or options.unused_for is not None):
        raise UsageError("--all and --unused-for are for 'cache prune'")
    if options.action in OF_ONE:
        from tui_embed.cli.cache_rows import drop, keep

        (keep if options.action == "keep" else drop)(options)
        return
    if options.all and options.unused_for is not None:
        raise UsageError("--all removes everything: it takes no --unused-for")
    if options.unused_for is not None and options.unused_for < 0:
        raise UsageError(f"--unused-for is {options.unused_for}", "days are 0 or more")
    found = entries()
    if options.action == "list":
        _list(found, options.json)
    else:
        _prune(found, found if options.all else of_no_use(found, options.unused_for), options.json)


def _list(found: Sequence[Entry], as_json: bool) -> None:
    n_bytes = sum(entry.size for entry in found)
    if as_json:
        listed = [_json(entry) for entry in found]
        output.print_json({"folder": str(store_folder()), "bytes": n_bytes, "entries": listed})
        return
    _print(found)
    count = f" in {figures.counted(len(found), 'file')}" if found else ""
    removal = "tui-embed cache drop SPACE, or cache prune --all"
    output.print_facts(
        [
            ("folder", str(store_folder())),
            ("together", f"{figures.size(n_bytes)}{count}"),
            ("remove", removal if found else ""),
        ]
    )


def _prune(found: Sequence[Entry], chosen: list[Entry], as_json: bool) -> None:
    removed = remove(chosen)
    freed, kept = sum(entry.size for entry in removed), len(found) - len(removed)
    if as_json:
        listed = [_json(entry) for entry in removed]
        output.print_json({"folder": str(store_folder()), "freed": freed, "kept": kept, "removed": listed})
        return
    _print(removed)
    output.print_facts([("removed", f"{len(removed):,}, {figures.size(freed)}"), ("kept", f"{kept:,}")])


def _print(found: Sequence[Entry]) -> None:
    """Two lines an entry: a path is often as long as a line, and its end and its beginning both matter."""
    for entry in found:
        facts = (entry.kind, _shape(entry), figures.size(entry.size), f"used {_day(entry)}", entry.state)
        print(f"  {printable(entry.source or entry.name)}")
        print(f"    {'  '.join(printable(fact) for fact in facts if fact)}")


def _shape(entry: Entry) -> str:
    return "" if entry.n_vocab is None else f"{entry.n_vocab:,} × {entry.d_model:,}"


def _day(entry: Entry) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(entry.used))


def _json(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "source": entry.source or None,
        "kind": entry.kind or None,
        "n_vocab": entry.n_vocab,
        "d_model": entry.d_model,
        "bytes": entry.size,
        "last_used": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.used)),
        "state": entry.state,
    }
