"""What verbs print: one JSON object, or lines and tables for a person."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len

from tui_embed.cli.parser import terminal_width
from tui_embed.engine.neighbors import Answer
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import score
from tui_embed.printable import fit, pad, printable

WIDEST_CELL = 60
_SURROGATE = re.compile("[\ud800-\udfff]")


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


def space_json(space: EmbeddingSpace) -> dict[str, object]:
    """The keys that every answer from a space begins with."""
    drawn = () if space.provenance.trained else (space.provenance.origin,)
    return {"space": space.name, "trained": space.provenance.trained, "notes": [*drawn, *space.notes]}


def token_json(space: EmbeddingSpace, token_id: int) -> dict[str, object]:
    """A token by spelling and id, and by its bytes where those are no UTF-8 and cannot be spelled."""
    token = space.vocabulary[token_id]
    exact = {"bytes": space.vocabulary.token_bytes(token_id).hex()} if _SURROGATE.search(token) else {}
    return {"token": token, "id": token_id, **exact}


def neighbors_json(space: EmbeddingSpace, answer: Answer) -> list[dict[str, object]]:
    """Rank, token, id and score of each answer."""
    return [
        {"rank": near.rank, **token_json(space, near.id), "score": finite(near.score)}
        for near in answer.neighbors
    ]


def print_heading(space: EmbeddingSpace) -> None:
    """Which numbers these are, and whether they were ever trained."""
    origin = printable(space.provenance.origin)
    print(f"{printable(space.name)} · {len(space):,} × {space.d_model:,} · {origin}")


def print_neighbors(answer: Answer) -> None:
    """Rank, score, token and id of each answer."""
    rows = [(str(near.rank), score(near.score), near.token, f"id {near.id}") for near in answer.neighbors]
    print_table(rows, "rrll")


def print_searched(answer: Answer) -> None:
    """The promise of an exact answer."""
    print(f"searched {answer.searched:,} of {answer.n_vocab:,}")


def print_table(rows: Sequence[Sequence[str]], align: str) -> None:
    """Columns as wide as they need, "l"eft or "r"ight; cells may be outside text."""
    shown = [[fit(cell, WIDEST_CELL) for cell in column] for column in zip(*rows, strict=True)]
    widths = [max(map(cell_len, column)) for column in shown]
    for row in rows:
        cells = [
            pad(cell, width, "right" if side == "r" else "left")
            for cell, width, side in zip(row, widths, align, strict=True)
        ]
        print(f"  {'  '.join(cells)}".rstrip())


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
        print(f"  {name:<{width}}  {printable(value)}")
