"""Where things lie: bundled data, and the user's own folders."""

from functools import cache
from pathlib import Path

from tui_embed.errors import TuiEmbedError, UsageError


@cache
def asset_folder() -> Path:
    """The folder of bundled data: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_assets", package.parent / "assets"):
        if folder.is_dir():
            return folder
    raise TuiEmbedError("the bundled data is missing from this installation", "install tui-embed again")


def asset(*parts: str) -> Path:
    """The path of a bundled file or folder. TuiEmbedError where this installation lacks it."""
    path = asset_folder().joinpath(*parts)
    if not path.exists():
        raise TuiEmbedError(f"the bundled file {'/'.join(parts)} is missing", "install tui-embed again")
    return path


def at_home(path: str) -> Path:
    """``path``, whose ``~`` or ``~user`` is that one's home. UsageError where there is none."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        who = path.partition("/")[0]
        raise UsageError(f"{path}: there is no home for {who}", "write the whole path") from None


def config_folder() -> Path:
    """Where the user's settings lie."""
    import platformdirs

    return platformdirs.user_config_path("tui-embed")


def state_folder() -> Path:
    """Where the app keeps what it remembers between runs."""
    import platformdirs

    return platformdirs.user_state_path("tui-embed")


def data_folder() -> Path:
    """Where the app keeps what was fetched: it costs a download to have it again, so no cleaning of caches
    may take it.
    """
    import platformdirs

    return platformdirs.user_data_path("tui-embed")


def cache_folder() -> Path:
    """Where the app keeps what it can make again: the store of spaces that were read."""
    import platformdirs

    return platformdirs.user_cache_path("tui-embed")


def pictures_folder() -> Path:
    """Where pictures of the screen go: the user's pictures folder if there is one, else the current one."""
    import platformdirs

    pictures = platformdirs.user_pictures_path()
    return pictures if pictures.is_dir() else Path.cwd()
