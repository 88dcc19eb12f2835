"""Arrays that are worked out from the rows of a store, kept in a store beside it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray

from tui_embed.engine.rows import Rows
from tui_embed.sources.store.folder import NotKeptError, PrivateFolder
from tui_embed.sources.store.layout import OlderError
from tui_embed.sources.store.mapped import MappedStore, open_store
from tui_embed.sources.store.pages import DamagedError
from tui_embed.sources.store.parts import Home, StoredRows
from tui_embed.sources.store.writer import StoreWriter, reading_back

Arrays = Mapping[str, NDArray[Any]]


def derived(rows: Rows, kind: str, build: Callable[[], Arrays]) -> Arrays:
    """What ``build`` makes of ``rows``: arrays by name, of whole numbers or floats.

    Of rows that come from the store they are kept beside it under ``kind``, a word of the letters a to z, and
    mapped: another time nothing is built, but the arrays are read once, to check them. Whatever cannot be
    kept is what ``build`` returned.
    """
    if not isinstance(rows, StoredRows):
        return build()
    home = rows.home
    with suppress(NotKeptError), PrivateFolder() as folder:
        found = _find(folder, home, kind)
        if found is not None:
            return found
    arrays = build()
    with suppress(NotKeptError), PrivateFolder() as folder:
        return _keep(folder, home, kind, arrays)
    return arrays


def derived_name(store: str, kind: str) -> str:
    """The name of what is kept beside ``store``."""
    return f"{store.removesuffix('.store')}.{kind}.store"


def _find(folder: PrivateFolder, home: Home, kind: str) -> Arrays | None:
    name = derived_name(home.name, kind)
    try:
        store = open_store(folder, name)
        if store is None or store.facts.get("of") != home.digest:
            return None
        arrays = _arrays(store)
    except (OlderError, DamagedError, OSError):
        return None
    folder.touch(name)
    return arrays


def _keep(folder: PrivateFolder, home: Home, kind: str, arrays: Arrays) -> Arrays:
    folder.sweep()
    with StoreWriter(folder, derived_name(home.name, kind)) as writer:
        for name, array in arrays.items():
            writer.add(name, array)
        facts = {"derived": kind, "of": home.digest, "path": home.path, "part": home.part}
        writer.publish(facts, [])
        with reading_back():
            return _arrays(writer.written())


def _arrays(store: MappedStore) -> Arrays:
    return {name: store.array(name) for name in store.names}
