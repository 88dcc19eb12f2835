"""``tui-embed fetch``: bring a named space to this machine."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from tui_embed.cli import output
from tui_embed.cli.parser import add_json
from tui_embed.cli.progress import Bytes, progress
from tui_embed.errors import UsageError
from tui_embed.figures import size
from tui_embed.printable import printable
from tui_embed.sources.fetch.fetch import Fetched, fetch
from tui_embed.sources.fetch.named import NamedSet
from tui_embed.sources.fetch.opening import entries

EXAMPLES = """
tui-embed fetch --list
tui-embed fetch glove-50d
tui-embed fetch minilm --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="the space, as --list lists them")
    parser.add_argument("--list", action="store_true", help="list what can be fetched, and what is here")
    add_json(parser)


def run(options: Namespace) -> None:
    if (options.name is None) != options.list:
        raise UsageError("a NAME or --list is needed, one of them")
    if options.list:
        _list(options.json)
        return
    with progress(f"fetching {printable(options.name)}", Bytes()) as show:
        fetched = fetch(options.name, progress=show)
    if options.json:
        output.print_json(_json(fetched))
    else:
        _print(fetched)


def _list(as_json: bool) -> None:
    states = entries()
    if as_json:
        sets = [{**_set_json(state.entry), "here": state.here} for state in states]
        output.print_json({"spaces": sets})
        return
    rows = [("space", "n_vocab", "d_model", "size", "", "what")]
    for state in states:
        entry = state.entry
        shape = (f"{entry.n_vocab:,}", f"{entry.d_model:,}")
        here = "here" if state.here else ""
        rows.append((entry.name, *shape, size(entry.size), here, f"{entry.what}, {entry.licence}"))
    output.print_list(rows, "lrrrl")


def _set_json(entry: NamedSet) -> dict[str, object]:
    return {
        "space": entry.name,
        "n_vocab": entry.n_vocab,
        "d_model": entry.d_model,
        "bytes": entry.size,
        "licence": entry.licence,
        "what": entry.what,
        "from": entry.place.site,
        "pin": asdict(entry.place.pin),
    }


def _json(fetched: Fetched) -> dict[str, object]:
    files = [{"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in fetched.kept.files]
    return {
        **_set_json(fetched.entry),
        "already": fetched.already,
        "folder": str(fetched.kept.folder),
        "files": files,
    }


def _print(fetched: Fetched) -> None:
    entry, kept = fetched.entry, fetched.kept
    print(f"{entry.name} {'was here already, and is whole' if fetched.already else 'is here'}")
    output.print_facts(
        [
            ("space", f"{entry.n_vocab:,} × {entry.d_model:,}, {entry.what}"),
            ("licence", entry.licence),
            ("from", entry.place.site),
            ("held to", str(entry.place.pin)),
            ("lies in", f"{kept.folder}, {size(kept.size)}"),
        ]
    )
    print(f"open it: tui-embed --space {entry.name}")
