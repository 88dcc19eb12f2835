"""Packages that are not installed by default: import them, or say how to get them."""

import importlib
from types import ModuleType

from tui_embed.errors import TuiEmbedError


def require(module: str, extra: str) -> ModuleType:
    """Import ``module``. Raises TuiEmbedError that names the ``extra`` which installs it if it is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise TuiEmbedError(
            f"this needs the package {package}, which is not installed", f"pip install 'tui-embed[{extra}]'"
        ) from error
