"""The settings, the space and the token that a verb's options name."""

from argparse import ArgumentParser, Namespace
from typing import Any

from tui_embed.cli.parser import add_space
from tui_embed.cli.progress import Bytes, progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
from tui_embed.errors import UsageError
from tui_embed.printable import printable
from tui_embed.settings import Settings, load_settings
from tui_embed.sources.catalog import Drawing, open_space


def settings_of(options: Namespace, defaults: Settings | None = None) -> Settings:
    """Settings with the options over them and ``defaults`` below. UsageError for what cannot be read."""
    return load_settings(vars(options), defaults=defaults)


def opened(settings: Settings, name: str | None = None) -> EmbeddingSpace:
    """The space ``name``, or that of the settings, with progress while a file is read. UsageError where it
    cannot be opened as they say.
    """
    kind: Any = settings.init  # text from outside: a space that is drawn checks it
    name = settings.space if name is None else name
    with progress(f"reading {printable(name)}", Bytes()) as report:
        return open_space(name, Drawing(settings.seed, kind), cache=settings.cache, progress=report)


def add_named_space(parser: ArgumentParser) -> None:
    """SPACE as the verb's own argument, or ``--space``; :func:`opened_as_named` reads them."""
    parser.add_argument("name", nargs="?", metavar="SPACE", help="the space; without it that of --space")
    add_space(parser)


def opened_as_named(options: Namespace) -> tuple[EmbeddingSpace, str]:
    """The space, and how it was asked for. UsageError where it is named twice."""
    if options.name is not None and options.space is not None:
        raise UsageError("SPACE and --space are both given", "give one of them")
    settings = settings_of(options)
    return opened(settings, options.name), options.name or settings.space


def chosen_token(space: EmbeddingSpace, options: Namespace) -> Chosen:
    """What TOKEN or --id names. UsageError unless exactly one of them is given."""
    if (options.token is None) == (options.id is None):
        raise UsageError("a TOKEN or --id N is needed, one of them")
    return space.resolve(options.token) if options.id is None else space.checked_id(options.id)
