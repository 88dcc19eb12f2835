"""``tui-embed compare``: two spaces or checkpoints side by side."""

from argparse import ArgumentParser, Namespace

import numpy as np
from rich.cells import cell_len

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_k, terminal_width
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.cli.waiting import waited
from tui_embed.engine.comparison import ALIGNMENTS, Comparison, compare_spaces
from tui_embed.engine.rows import Ids
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import percent, score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed compare minilm glove
tui-embed compare ./base ./fine-tuned -k 50
tui-embed compare ./base ./other --align rotation --json
"""

SAID = {"none": "as they are", "rotation": "after a rotation (orthogonal Procrustes, Schönemann 1966)"}
NAMED = 8
"""Tokens that one of the two has alone, at most."""
LABEL = 14
"""Cells before the value of a fact."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("first", metavar="SPACE", help="a name, a file or a checkpoint's folder")
    parser.add_argument("second", metavar="OTHER", help="what it is compared with")
    parser.add_argument(
        "--align",
        choices=ALIGNMENTS,
        help="none: compare rows as they are; rotation: turn OTHER onto SPACE first (default: none where "
        "most rows are alike as they are, else rotation)",
    )
    add_k(parser, 20)
    parser.set_defaults(space=None)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.k < 1:
        raise UsageError(f"k is {options.k}", "ask for at least one token")
    settings = settings_of(options)
    first, second = opened(settings, options.first), opened(settings, options.second)
    with progress("comparing rows") as report:
        found = waited(lambda: compare_spaces(first, second, options.align, progress=report))
    if options.json:
        output.print_json(_json(found, options.k))
    else:
        _print(found, options.k)


def _json(found: Comparison, k: int) -> dict[str, object]:
    return {
        "spaces": [_space_json(found.first), _space_json(found.second)],
        "alignment": found.alignment,
        "fitted_on": found.n_fitted,
        "shared": len(found.shared),
        "equal": found.n_equal,
        "mean_cosine": found.mean,
        "most_moved": _moved_json(found, found.most_moved(k)),
        "least_moved": _moved_json(found, found.least_moved(k)),
        "only_first": _only_json(found.first, found.only_first, k),
        "only_second": _only_json(found.second, found.only_second, k),
    }


def _space_json(space: EmbeddingSpace) -> dict[str, object]:
    return {"space": space.name, "n_vocab": len(space), "d_model": space.d_model, "notes": list(space.notes)}


def _moved_json(found: Comparison, moved: list[tuple[int, int, float]]) -> list[dict[str, object]]:
    return [
        {**output.token_json(found.first, one), "other_id": other, "cosine": cosine}
        for one, other, cosine in moved
    ]


def _only_json(space: EmbeddingSpace, ids: Ids, k: int) -> dict[str, object]:
    return {"count": len(ids), "tokens": [output.token_json(space, int(token)) for token in ids[:k]]}


def _print(found: Comparison, k: int) -> None:
    for space in (found.first, found.second):
        output.print_heading(space)
    shared = len(found.shared)
    one, two = len(found.first), len(found.second)
    fitted = f", fitted on {found.n_fitted:,}" if found.n_fitted else ""
    spread = ", ".join(
        f"{name} {score(float(np.quantile(found.cosines[np.isfinite(found.cosines)], at)))}"
        for name, at in (("5 %", 0.05), ("median", 0.5), ("95 %", 0.95))
    )
    output.print_facts(
        [
            ("shared", f"{shared:,} tokens, {percent(shared / one)} and {percent(shared / two)} of all"),
            ("compared", f"{SAID[found.alignment]}{fitted}"),
            ("cosine", f"mean {score(found.mean)}; {spread}"),
            ("equal", f"{found.n_equal:,} rows to the bit"),
            ("only here", _named(found.first, found.only_first)),
            ("only there", _named(found.second, found.only_second)),
        ]
    )
    print(f"here is {printable(found.first.name)}, there is {printable(found.second.name)}")
    for title, moved in (("moved most", found.most_moved(k)), ("moved least", found.least_moved(k))):
        print(title)
        rows = [(score(cos), found.first.vocabulary[a], str(a), str(b)) for a, b, cos in moved]
        output.print_table([("cosine", "token", "id here", "id there"), *rows], "rlrr")


def _named(space: EmbeddingSpace, ids: Ids) -> output.Shown:
    """How many, and the first of them, as many as a line has room for."""
    told = f"{len(ids):,}"
    room = terminal_width() - LABEL
    for count, token in enumerate(ids[:NAMED].tolist(), 1):
        longer = f"{told}{', ' if count > 1 else ': '}{printable(space.vocabulary[token])}"
        if cell_len(longer) + len(", …") > room:
            return output.Shown(f"{told}, …" if count > 1 else told)
        told = longer
    return output.Shown(f"{told}, …" if len(ids) > NAMED else told)
