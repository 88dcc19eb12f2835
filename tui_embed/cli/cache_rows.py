"""``tui-embed cache keep`` and ``cache drop``: the rows of one space in the store, and out of it again."""

import shlex
from argparse import Namespace

from tui_embed import figures
from tui_embed.cli import output
from tui_embed.cli.progress import Bytes, progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.printable import printable
from tui_embed.sources.models.keeping import keep_rows
from tui_embed.sources.store.folder import store_folder
from tui_embed.sources.store.inventory import Entry, entries, remove
from tui_embed.sources.store.parts import Home, StoredRows

NOT_KEPT = "not kept in the store: "


def keep(options: Namespace) -> None:
    """Put the rows of a checkpoint into the store; they may lie there already."""
    space = opened(settings_of(options))
    home, already = _home(space), True
    if home is None:
        already = False
        with progress(f"reading {printable(space.name)}", Bytes()) as report:
            content = keep_rows(space, progress=report)
        for note in content.notes:
            if note.startswith(NOT_KEPT):
                raise TuiEmbedError(f"the rows of {space.name} are {note}")
        home = content.rows.home if isinstance(content.rows, StoredRows) else None
    n_vocab, d_model = len(space), space.d_model
    kept = [] if home is None else _entries_of(home)
    if options.json:
        said = {"space": space.name, "n_vocab": n_vocab, "d_model": d_model, "bytes": 4 * n_vocab * d_model}
        files = [entry.name for entry in kept]
        output.print_json({**said, "already": already, "folder": str(store_folder()), "files": files})
        return
    how = "lie in the store already" if already else "are in the store"
    print(f"the rows of {printable(space.name)} {how}: searches in it are fast from now on")
    source = "" if home is None else f"{home.path}#{home.part}" if home.part else home.path
    output.print_facts(
        [
            ("rows", f"{n_vocab:,} × {d_model:,}, float32"),
            ("size", figures.size(sum(entry.size for entry in kept))),
            ("of", source),
            ("lies in", str(store_folder())),
            ("remove", f"tui-embed cache drop {shlex.quote(options.space)}"),
        ]
    )


def drop(options: Namespace) -> None:
    """Take the rows of a space, and what was worked out from them, out of the store."""
    space = opened(settings_of(options))
    home = _home(space)
    if home is None:
        raise UsageError(f"no rows of {space.name} are in the store", "'tui-embed cache' lists what is")
    removed = remove(_entries_of(home))
    freed = sum(entry.size for entry in removed)
    if options.json:
        names = [entry.name for entry in removed]
        output.print_json(
            {"space": space.name, "folder": str(store_folder()), "freed": freed, "removed": names}
        )
        return
    count = figures.counted(len(removed), "file")
    print(f"the rows of {printable(space.name)} are no longer in the store: {count}, {figures.size(freed)}")


def _home(space: EmbeddingSpace) -> Home | None:
    rows = space.matrix.rows
    return rows.home if isinstance(rows, StoredRows) else None


def _entries_of(home: Home) -> list[Entry]:
    """The rows themselves and what was worked out from them: their names begin alike."""
    key = home.name.partition(".")[0]
    return [entry for entry in entries() if entry.name.partition(".")[0] == key]
