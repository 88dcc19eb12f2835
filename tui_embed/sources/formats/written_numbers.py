"""Numbers that are written out in the fields of a table."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from tui_embed.engine.rows import Floats
from tui_embed.sources.formats.table_columns import Kind
from tui_embed.sources.numbers import MARGIN, parse_numbers

_PLAIN = b"0123456789+-.eE "
"""Of these alone ``float`` reads what is a number everywhere: no 1_000, no digits of other scripts."""

_NUMBER = re.compile(
    r"\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)\s*", re.IGNORECASE | re.ASCII
)
_SHOWN = 30


class NoNumberError(ValueError):
    """A text that is no number; ``place`` says which of those that were given, from 0."""

    def __init__(self, text: str, place: int) -> None:
        said = text.strip()
        shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
        super().__init__(f"“{shown}” is no number" if said else "a number is missing")
        self.place = place


def floats(fields: Sequence[str]) -> list[float]:
    """Each field as ``float`` reads it. NoNumberError for the first that is not written as a number."""
    written = "".join(fields)
    if not written.isascii() or written.encode().translate(None, _PLAIN):
        _check_each(fields)
    try:
        return list(map(float, fields))
    except ValueError:
        _check_each(fields)
        raise


def listed_floats(text: str) -> list[float]:
    """The numbers that ``text`` lists: ``[0.1, 0.2]``, ``0.1,0.2``, ``0.1 0.2`` or ``[0.1 0.2]``.

    NoNumberError for anything else.
    """
    inner = text.strip()
    if inner[:1] == "[":
        if inner[-1:] != "]" or len(inner) < 2:
            raise NoNumberError(text, 0)
        inner = inner[1:-1]
    if "," in inner:
        return floats(inner.split(","))
    return floats(inner.split())


def as_rows(numbers: list[float], n_rows: int) -> Floats:
    """Numbers of ``n_rows`` rows, one after another, as ``(n_rows, d_model) float32``."""
    with np.errstate(over="ignore"):  # beyond float32 a number is infinite, which a builder notes
        return np.array(numbers, dtype=np.float64).reshape(n_rows, -1).astype(np.float32)


def listed_rows(texts: Sequence[str], d_model: int) -> Floats | None:
    """As :func:`plain_rows`, for texts that :func:`listed_floats` reads."""
    inner = [text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text for text in texts]
    return plain_rows(inner, d_model, "," if inner and "," in inner[0] else " ")


def plain_rows(rows: Sequence[str], d_model: int, separator: str) -> Floats | None:
    """The numbers of all ``rows`` at once, ``(m, d_model) float32``, each as ``float`` rounded to float32.

    None where one of them is not ``d_model`` numbers with a ``separator``, and maybe a blank after it,
    between one and the next: whoever reads them one by one finds which.
    """
    written = "\n".join(rows).encode("utf-8", "surrogatepass")
    text = np.zeros(len(written) + MARGIN, dtype=np.uint8)
    text[: len(written)] = np.frombuffer(written, dtype=np.uint8)
    newline = text[: len(written)] == ord("\n")
    bounds = np.flatnonzero(newline | (text[: len(written)] == ord(separator)))
    regular = len(bounds) + 1 == len(rows) * d_model and newline[bounds[d_model - 1 :: d_model]].all()
    if not regular or np.count_nonzero(newline) != len(rows) - 1:
        return None
    starts, ends = np.append(0, bounds + 1), np.append(bounds, len(written))
    if separator != " ":
        starts += text[starts] == ord(" ")
    if not (starts < ends).all():
        return None
    numbers, wrong = parse_numbers(text, starts, ends)
    return None if wrong is not None else numbers.reshape(len(rows), d_model)


def is_number(field: str) -> bool:
    """Whether a field is written as a number."""
    return bool(_NUMBER.fullmatch(field))


def is_listed(text: str) -> bool:
    """Whether a text lists numbers, in brackets or at least two of them."""
    try:
        return len(listed_floats(text)) > (0 if text.strip()[:1] == "[" else 1)
    except NoNumberError:
        return False


def kind_of_texts(texts: Iterable[str]) -> Kind:
    """What a column of ``texts`` holds; where half of those that say something agree, one that is damaged is
    told apart later, and is told with its place.
    """
    said = [text for text in texts if text]
    numbers = sum(map(is_number, said))
    if numbers and numbers == len(said):
        return Kind.NUMBER
    if numbers and 2 * numbers >= len(said):
        return Kind.MOSTLY_NUMBER
    listed = sum(map(is_listed, said))
    return Kind.WRITTEN_NUMBERS if listed and 2 * listed >= len(said) else Kind.TEXT


def _check_each(fields: Sequence[str]) -> None:
    for place, field in enumerate(fields):
        if not _NUMBER.fullmatch(field):
            raise NoNumberError(field, place)
