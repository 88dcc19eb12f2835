"""A file from the web, continued where it broke off."""

from contextlib import closing
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.sources.fetch.http_exchange import (
    LIMITS,
    BrokenOffError,
    Limits,
    Target,
    Version,
    another_file,
    broken_off,
    exchange,
)
from tui_embed.sources.fetch.interruptible import interruptible


def download(
    target: Target, part: Path, cancel: CancelToken, progress: Progress, limits: Limits = LIMITS
) -> None:
    """Bring the file into ``part``, which then has exactly ``target.size`` bytes; whether they are the right
    ones is for a hash to say. What lies there already is continued, unless the server cannot do that or has
    another version by now.

    TuiEmbedError (BrokenOffError where trying again helps), CancelledError; ``part`` stays in both cases.
    """
    for attempt in range(1, limits.tries + 1):
        had = _length(part)
        try:
            _continue(target, part, cancel, progress, limits)
            return
        except BrokenOffError:
            if attempt == limits.tries or _length(part) <= had:
                raise
        cancel.wait(limits.pause)


def forget(part: Path) -> None:
    """Remove what was brought so far."""
    part.unlink(missing_ok=True)
    _validator_file(part).unlink(missing_ok=True)


def _continue(target: Target, part: Path, cancel: CancelToken, progress: Progress, limits: Limits) -> None:
    done = _length(part)
    if done == target.size:
        return
    if done > target.size:
        forget(part)
        done = 0
    wanted = Version(done, _read_text(_validator_file(part)) if done else "")
    with closing(interruptible(exchange(target, wanted, limits), cancel)) as pieces:
        start = next(pieces).version
        with part.open("r+b" if part.exists() else "wb") as file:
            file.truncate(start.at)
            file.seek(start.at)
            _validator_file(part).write_text(start.validator, encoding="latin-1")
            done = start.at
            for piece in pieces:
                done += len(piece.data)
                if done > target.size:
                    raise another_file(target, f"more than {target.size:,} bytes")
                file.write(piece.data)
                progress(done, target.size)
    if done < target.size:
        raise broken_off(target, f"at byte {done:,} of {target.size:,}")


def _validator_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="latin-1")
    except FileNotFoundError:
        return ""


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
