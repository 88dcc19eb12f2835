"""Which columns of a table hold the vector, the label, and what is kept as metadata."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tui_embed.errors import SourceError
from tui_embed.sources.file import SourceFile

LABELS = ("token", "word", "label", "name", "title", "text", "id")
"""What a column of labels is called, the best name first."""

OWN_VECTOR = "vector"
"""Where several columns hold vectors, one of this name is meant: it is what our own writers call it."""

NAMED = 8
"""How many columns an error names."""

_NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]{0,5})")
_AXES = (["x", "y"], ["x", "y", "z"], ["x", "y", "z", "w"])


class Kind(Enum):
    """What a column holds."""

    TEXT = auto()
    NUMBER = auto()
    MOSTLY_NUMBER = auto()
    """A number in most rows: of a vector that is damaged somewhere, or texts."""
    NUMBERS = auto()
    """A list of numbers in each row, of which some are no whole numbers or may be none."""
    WHOLE_NUMBERS = auto()
    """A list of whole numbers in each row: rather ids than a vector."""
    WRITTEN_NUMBERS = auto()
    """A text in each row that lists numbers: ``[0.1, 0.2]`` or ``0.1 0.2``."""
    OTHER = auto()
    """What can be written as a text, but is no label and no number."""
    BYTES = auto()
    """What may be no text, a picture for instance: a label where it is called one, never metadata."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of columns (from 0). The vector lies in one column, or, where it is ``spread``, in a column for
    each of its numbers.
    """

    vector: tuple[int, ...]
    spread: bool
    label: int | None
    metadata: tuple[int, ...]
    left_out: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Columns that hold a vector; of a lower ``rank`` is rather meant."""

    name: str
    places: tuple[int, ...]
    spread: bool
    rank: int


def lay_out(columns: Sequence[Column], file: SourceFile) -> Layout:
    """Decide what each column is for; ``file.part`` names the vector's where there are several.

    SourceError, which names columns, where that cannot be decided.
    """
    check_names([column.name for column in columns], file)
    label = _named_label(columns)
    candidates = _candidates(columns, label)
    if not candidates and label is not None and columns[label].kind is Kind.WRITTEN_NUMBERS:
        candidates, label = _candidates(columns, None), None
    vector = _chosen(candidates, columns, file)
    if label is None or label in vector.places:
        label = _any_label(columns, vector)
    rest = [place for place in range(len(columns)) if place != label and place not in set(vector.places)]
    return Layout(
        vector.places,
        vector.spread,
        label,
        tuple(place for place in rest if columns[place].kind is not Kind.BYTES),
        tuple(place for place in rest if columns[place].kind is Kind.BYTES),
    )


def check_names(names: Iterable[str], file: SourceFile) -> None:
    """SourceError where two columns have one name."""
    name, count = max(Counter(names).items(), key=lambda item: item[1], default=("", 0))
    if count > 1:
        raise file.error(f"{count} columns have this name", f"column “{name}”", "give each a name of its own")


def _named_label(columns: Sequence[Column]) -> int | None:
    possible = {Kind.TEXT, Kind.NUMBER, Kind.MOSTLY_NUMBER, Kind.WRITTEN_NUMBERS, Kind.BYTES}
    for name in LABELS:
        for place, column in enumerate(columns):
            if column.kind in possible and column.name.strip().lower() == name:
                return place
    return None


def _any_label(columns: Sequence[Column], vector: _Candidate) -> int | None:
    possible = (Kind.TEXT, Kind.MOSTLY_NUMBER)
    texts = (place for place, column in enumerate(columns) if column.kind in possible)
    return next((place for place in texts if place not in vector.places), None)


def _candidates(columns: Sequence[Column], label: int | None) -> list[_Candidate]:
    ranks = {Kind.NUMBERS: 0, Kind.WRITTEN_NUMBERS: 1, Kind.WHOLE_NUMBERS: 3}
    singles = [
        _Candidate(column.name, (place,), False, ranks[column.kind])
        for place, column in enumerate(columns)
        if column.kind in ranks and place != label
    ]
    numeric = (Kind.NUMBER, Kind.MOSTLY_NUMBER)
    numbers = [place for place, column in enumerate(columns) if column.kind in numeric and place != label]
    return [*singles, *_spread(columns, numbers)]


def _spread(columns: Sequence[Column], numbers: Sequence[int]) -> list[_Candidate]:
    """Columns of numbers that go together: ``0 … 299``, ``v0 …``, ``dim_1 …``, or ``x, y, z``."""
    groups: dict[str, dict[int, int]] = defaultdict(dict)
    axes: dict[str, int] = {}
    for place in numbers:
        name = columns[place].name.strip()
        found = _NUMBERED.fullmatch(name)
        if found:
            groups[found[1]][int(found[2])] = place
        axes[name.lower()] = place
    candidates = []
    for stem, group in groups.items():
        order = sorted(group)
        if len(order) > 1 and order[0] in (0, 1) and order[-1] - order[0] == len(order) - 1:
            places = tuple(group[number] for number in order)
            candidates.append(_Candidate(f"{stem}{order[0]}", places, True, 2))
    for names in _AXES[::-1]:
        if set(names) <= set(axes):
            candidates.append(_Candidate(names[0], tuple(axes[name] for name in names), True, 2))
            break
    return candidates


def _chosen(candidates: list[_Candidate], columns: Sequence[Column], file: SourceFile) -> _Candidate:
    if file.part:
        named = [one for one in candidates if file.part in [columns[place].name for place in one.places]]
        if not named:
            known = any(column.name == file.part for column in columns)
            what = "it holds no vectors" if known else "there is no such column"
            raise file.error(what, f"column “{file.part}”", _choices(candidates, file))
        return named[0]
    if not candidates:
        raise _no_vector(columns, file)
    own = next((candidate for candidate in candidates if candidate.name == OWN_VECTOR), None)
    if own is not None:
        return own
    best = min(candidate.rank for candidate in candidates)
    meant = [candidate for candidate in candidates if candidate.rank == best]
    if len(meant) > 1:
        raise file.error(f"{len(meant)} columns hold vectors", "its columns", _choices(meant, file))
    return meant[0]


def _choices(candidates: Sequence[_Candidate], file: SourceFile) -> str:
    if not candidates:
        return "no column holds vectors"
    return f"open {file.path.name}#COLUMN with one of {_names(one.name for one in candidates)}"


def _no_vector(columns: Sequence[Column], file: SourceFile) -> SourceError:
    return file.error(
        f"none of {_names(column.name for column in columns)} holds a vector",
        "its columns",
        "a vector is a list of numbers, a text such as [0.1, 0.2], or columns named v0, v1, …",
    )


def _names(names: Iterable[str]) -> str:
    known = [name if len(name) <= 20 else f"{name[:20]}…" for name in names]
    return ", ".join(known[:NAMED]) + (", …" if len(known) > NAMED else "")
