"""What verbs print: one JSON object, or lines and tables for a person."""

import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from rich.cells import cell_len

from tui_embed.cli.metadata import columns_beside, metadata_json
from tui_embed.cli.parser import terminal_width
from tui_embed.cli.streams import is_terminal
from tui_embed.engine.neighbors import Answer
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen, Composed
from tui_embed.figures import score
from tui_embed.printable import fit, pad, printable

WIDEST_CELL = 60
NGRAMS = 8
"""How many n-grams of a word are named."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Shown(str):
    """Text that is safe to show already; made so twice, the signs for what is not seen would be spelled."""

    __slots__ = ()


def print_json(answer: Mapping[str, object]) -> None:
    """One object on one line, in UTF-8 whatever a text holds: what has no such form is U+FFFD."""
    import json

    print(_SURROGATE.sub("\ufffd", json.dumps(answer, ensure_ascii=False, allow_nan=False)))


def finite(value: float) -> float | None:
    """``value``, or None for what JSON has no number for."""
    return value if math.isfinite(value) else None


def numbers(row: Floats) -> list[float | None]:
    """A row as the shortest decimals that give the same float32."""
    return [finite(float(str(value))) for value in row]


def space_json(space: EmbeddingSpace, more: Iterable[str] = ()) -> dict[str, object]:
    """The keys that every answer from a space begins with; ``more`` notes are of the answer itself."""
    drawn = () if space.provenance.trained else (space.provenance.origin,)
    return {"space": space.name, "trained": space.provenance.trained, "notes": [*drawn, *space.notes, *more]}


def token_json(space: EmbeddingSpace, chosen: Chosen) -> dict[str, object]:
    """A token by spelling and id, and by its bytes where those are no UTF-8 and cannot be spelled; a word
    without an id by the n-grams that its vector is composed from.
    """
    if isinstance(chosen, Composed):
        return {"token": chosen.word, "id": None, "composed_from": list(chosen.ngrams)}
    token = space.vocabulary[chosen]
    exact = {"bytes": space.vocabulary.token_bytes(chosen).hex()} if _SURROGATE.search(token) else {}
    return {"token": token, "id": chosen, **exact}


def neighbors_json(space: EmbeddingSpace, answer: Answer) -> list[dict[str, object]]:
    """Rank, token, id and score of each answer, and its metadata where the space has any."""
    return [
        {
            "rank": near.rank,
            **token_json(space, near.id),
            "score": finite(near.score),
            **metadata_json(space, near.id),
        }
        for near in answer.neighbors
    ]


def print_heading(space: EmbeddingSpace) -> None:
    """Which numbers these are, and whether they were ever trained."""
    origin = printable(space.provenance.origin)
    print(f"{printable(space.name)} · {len(space):,} × {space.d_model:,} · {origin}")


def print_composed(inputs: Iterable[Chosen]) -> None:
    """Which words have no row, and what their vectors are composed from; nothing for tokens."""
    for word in (chosen for chosen in inputs if isinstance(chosen, Composed)):
        ngrams = ", ".join(word.ngrams[:NGRAMS]) + (", …" if len(word.ngrams) > NGRAMS else "")
        print(f"{printable(word.word)} is not in the vocabulary: composed from {printable(ngrams)}")


def print_neighbors(space: EmbeddingSpace, answer: Answer) -> None:
    """Rank, score, token and id of each answer, and its metadata where the space has any."""
    rows = [(str(near.rank), score(near.score), near.token, f"id {near.id}") for near in answer.neighbors]
    print_rows(space, [near.id for near in answer.neighbors], rows, "rrll")


def print_rows(space: EmbeddingSpace, ids: Sequence[int], rows: Sequence[Sequence[str]], align: str) -> None:
    """A table of what is said of the rows ``ids``, and their metadata beside it, under its names, as far as
    the terminal is wide enough.
    """
    own = [max(cell_len(fit(cell, WIDEST_CELL)) for cell in column) for column in zip(*rows, strict=True)]
    beside = columns_beside(space, ids, terminal_width() - sum(own) - 2 * len(own)) if rows else []
    if not beside:
        print_table(rows, align)
        return
    names = [name for name, _ in beside]
    told = [[*row, *(space.metadata[name][i] for name in names)] for i, row in zip(ids, rows, strict=True)]
    widest = [*[WIDEST_CELL] * len(own), *(cells for _, cells in beside)]
    print_table([[*[""] * len(own), *names], *told], align + "l" * len(names), widest)


def print_searched(answer: Answer) -> None:
    """The promise of an exact answer."""
    print(f"searched {answer.searched:,} of {answer.n_vocab:,}")


def print_table(rows: Sequence[Sequence[str]], align: str, widest: Sequence[int] | None = None) -> None:
    """Columns as wide as they need, or as ``widest`` allows, "l"eft or "r"ight; cells may be outside text."""
    for line in _lines(rows, align, widest or [WIDEST_CELL] * len(align)):
        print(line.rstrip())


def print_list(rows: Sequence[Sequence[str]], align: str) -> None:
    """A table whose last column, of which ``align`` says nothing, goes on under itself on a terminal that is
    too narrow for it.
    """
    lines = _lines([row[:-1] for row in rows], align, [WIDEST_CELL] * len(align))
    for line, row in zip(lines, rows, strict=True):
        _print_hanging(f"{line}  ", printable(row[-1]))


def _lines(rows: Sequence[Sequence[str]], align: str, widest: Sequence[int]) -> list[str]:
    """The rows with their cells padded, so that columns stand below each other."""
    columns = zip(widest, zip(*rows, strict=True), strict=False)
    widths = [max(cell_len(fit(cell, cells)) for cell in column) for cells, column in columns]
    sides: list[Literal["left", "right"]] = ["right" if side == "r" else "left" for side in align]
    return [
        "".join(f"  {pad(cell, width, side)}" for cell, width, side in zip(row, widths, sides, strict=True))
        for row in rows
    ]


def print_wrapped(pieces: Iterable[str]) -> None:
    """Pieces that are safe to show, in columns of the widest, as many as the terminal takes."""
    shown = list(pieces)
    if not shown:
        return
    width = max(map(cell_len, shown))
    columns = max(1, terminal_width() // (width + 2))
    for start in range(0, len(shown), columns):
        cells = [piece + " " * (width - cell_len(piece)) for piece in shown[start : start + columns]]
        print(f"  {'  '.join(cells)}".rstrip())


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """A name and its value a line; values may be outside text, and what has no value is left out."""
    known = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        _print_hanging(f"  {name:<{width}}  ", value if isinstance(value, Shown) else printable(value))


def print_note(note: str) -> None:
    """What was odd, or should be known; outside text."""
    _print_hanging("note: ", printable(note))


def _print_hanging(head: str, text: str) -> None:
    """``text`` behind ``head``: between words into as many lines as a terminal's width asks for, all of it in
    one for a program.
    """
    room = terminal_width() - len(head)
    lines = [text] if cell_len(text) <= room or not is_terminal(sys.stdout) else [""]
    for word in text.split(" ") if not lines[0] else ():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".removeprefix(" ")
    for number, line in enumerate(lines):
        print(f"{' ' * len(head) if number else head}{line}")
