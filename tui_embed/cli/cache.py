"""``tui-embed cache``: what was kept of files that were opened, and its removal."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from tui_embed import figures
from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space, integer
from tui_embed.errors import UsageError
from tui_embed.printable import printable
from tui_embed.sources.store.folder import store_folder
from tui_embed.sources.store.inventory import Entry, entries, of_no_use, remove

EXAMPLES = """
tui-embed cache
tui-embed cache prune
tui-embed cache prune --unused-for 30
tui-embed cache prune --all --json
tui-embed cache keep --space ./Llama-3.2-1B
"""

ACTIONS = ("list", "prune", "keep")
WIDEST_SOURCE = 40


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="list",
        help="list what is kept, or prune it: remove what is of no use, since its source is gone or has "
        "changed, it is damaged, or of an older version; or keep the rows of a checkpoint (--space), so that "
        "searches in it are fast",
    )
    parser.add_argument("--all", action="store_true", help="prune: remove everything")
    parser.add_argument(
        "--unused-for", type=integer, metavar="DAYS", help="prune: remove also what was not used for so long"
    )
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if (options.action == "keep") != (options.space is not None):
        raise UsageError("'cache keep' takes a --space, and nothing else does")
    if options.action == "keep":
        _keep(options)
        return
    if options.action == "list" and (options.all or options.unused_for is not None):
        raise UsageError("--all and --unused-for are for 'cache prune'")
    if options.all and options.unused_for is not None:
        raise UsageError("--all removes everything: it takes no --unused-for")
    if options.unused_for is not None and options.unused_for < 0:
        raise UsageError(f"--unused-for is {options.unused_for}", "days are 0 or more")
    found = entries()
    if options.action == "list":
        _list(found, options.json)
    else:
        _prune(found, found if options.all else of_no_use(found, options.unused_for), options.json)


def _keep(options: Namespace) -> None:
    """Put the rows of a checkpoint into the store."""
    from tui_embed.cli.progress import Bytes, progress
    from tui_embed.cli.space import opened, settings_of
    from tui_embed.sources.models.keeping import keep_rows

    space = opened(settings_of(options))
    with progress(f"reading {printable(space.name)}", Bytes()) as report:
        content = keep_rows(space, progress=report)
    n_vocab, d_model = content.rows.shape
    n_bytes = 4 * n_vocab * d_model
    if options.json:
        kept = {"space": space.name, "n_vocab": n_vocab, "d_model": d_model, "bytes": n_bytes}
        output.print_json({**kept, "folder": str(store_folder()), "notes": list(content.notes)})
        return
    shape = f"{n_vocab:,} × {d_model:,}, {figures.size(n_bytes)}"
    print(f"the rows of {printable(space.name)} are in the store: {shape}")
    for note in content.notes:
        print(f"note: {printable(note)}")


def _list(found: Sequence[Entry], as_json: bool) -> None:
    n_bytes = sum(entry.size for entry in found)
    if as_json:
        listed = [_json(entry) for entry in found]
        output.print_json({"folder": str(store_folder()), "bytes": n_bytes, "entries": listed})
        return
    if found:
        _print(found)
    output.print_facts([("folder", str(store_folder())), ("together", figures.size(n_bytes))])


def _prune(found: Sequence[Entry], chosen: list[Entry], as_json: bool) -> None:
    removed = remove(chosen)
    freed, kept = sum(entry.size for entry in removed), len(found) - len(removed)
    if as_json:
        listed = [_json(entry) for entry in removed]
        output.print_json({"folder": str(store_folder()), "freed": freed, "kept": kept, "removed": listed})
        return
    if removed:
        _print(removed)
    output.print_facts([("removed", f"{len(removed):,}, {figures.size(freed)}"), ("kept", f"{kept:,}")])


def _print(found: Sequence[Entry]) -> None:
    rows = [("source", "what", "shape", "size", "last used", "state")]
    rows += [
        (
            _ending(entry.source or entry.name),
            entry.kind,
            _shape(entry),
            figures.size(entry.size),
            _day(entry),
            entry.state,
        )
        for entry in found
    ]
    output.print_table(rows, "llrrrl")


def _ending(source: str) -> str:
    """The end of a path, which tells more than its beginning."""
    return source if len(source) <= WIDEST_SOURCE else f"…{source[1 - WIDEST_SOURCE :]}"


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
