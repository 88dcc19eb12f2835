"""``tui-embed undertrained``: tokens that a model hardly saw while it was trained."""

from argparse import ArgumentParser, Namespace

from rich.cells import cell_len

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_k, terminal_width
from tui_embed.cli.progress import progress
from tui_embed.cli.space import add_named_space, opened_as_named
from tui_embed.cli.waiting import waited
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.undertrained import (
    INDICATORS,
    PAPER,
    WHAT,
    Suspect,
    UnderTrained,
    under_trained,
)
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.printable import fit, printable

EXAMPLES = """
tui-embed undertrained minilm
tui-embed undertrained ./gpt2 -k 100 --indicator norm
tui-embed undertrained ./model --unused "<|extra_0|>" --unused "#32000" --json
"""

WIDEST_TOKEN = 28
LEAST_BYTES = 8
"""Cells, of which fewer are not worth a column."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--indicator",
        choices=INDICATORS,
        metavar="NAME",
        help="what tokens are ranked by, lowest first: the distance (Euclidean) or cosine (distance) of the "
        "row to the mean row of unused tokens; centred, the cosine less the mean of all rows; output, that "
        "of output rows; norm, the length of the row (default: the paper's choice: norm where output rows "
        "are its own or no unused token is known, else cosine)",
    )
    parser.add_argument(
        "--unused",
        action="append",
        metavar="TOKEN",
        help="a token to be taken for unused, by name or #id; repeatable (default: rows without a token, and "
        "placeholders known by their names)",
    )
    add_k(parser, 50)
    add_named_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.k < 1:
        raise UsageError(f"k is {options.k}", "ask for at least one token")
    space, _ = opened_as_named(options)
    reference = None if options.unused is None else [space.id(token) for token in options.unused]
    with progress(f"reading rows of {printable(space.name)}") as report:
        found = waited(lambda: under_trained(space, options.indicator, reference, progress=report))
    lowest = found.lowest(space, options.k)
    if options.json:
        output.print_json(_json(space, found, lowest))
    else:
        _print(space, found, lowest)


def _json(space: EmbeddingSpace, found: UnderTrained, lowest: list[Suspect]) -> dict[str, object]:
    return {
        **output.space_json(space),
        "indicator": found.indicator,
        "what": WHAT[found.indicator],
        "paper": PAPER,
        "caution": _caution(space, found) or None,
        "searched": len(found.values),
        "n_vocab": len(space),
        "reference": {
            "count": len(found.reference),
            "what": found.because or None,
            "among_lowest": found.n_found,
        },
        "tokens": [
            {
                "rank": one.rank,
                **output.token_json(space, one.id),
                "bytes": space.vocabulary.token_bytes(one.id).hex(),
                "value": output.finite(one.value),
                "norm": output.finite(one.norm),
                "family": one.family or None,
            }
            for one in lowest
        ],
    }


def _caution(space: EmbeddingSpace, found: UnderTrained) -> str:
    drawn = (
        "" if space.provenance.trained else "its rows are random numbers, which tell nothing of its tokens"
    )
    return "; ".join(reason for reason in (drawn, found.caution(space)) if reason)


def _print(space: EmbeddingSpace, found: UnderTrained, lowest: list[Suspect]) -> None:
    output.print_heading(space)
    n_unused = len(found.reference)
    theirs = f"; {found.n_found:,} of the {n_unused:,} lowest are theirs"
    explained = sum(bool(one.family) for one in lowest)
    output.print_facts(
        [
            ("lowest", WHAT[found.indicator]),
            ("after", PAPER),
            ("unused", f"{found.because}{theirs}" if n_unused else "none known by name; --unused names some"),
            ("explained", f"{explained:,} of these {len(lowest):,}, by what the token is"),
        ]
    )
    if caution := _caution(space, found):
        output.print_note(caution)
    _print_table(space, found, lowest)
    print(f"searched {len(found.values):,} of {len(space):,}")


def _print_table(space: EmbeddingSpace, found: UnderTrained, lowest: list[Suspect]) -> None:
    """Rank, token, id, indicator, length, and what explains the token; its bytes, where what is shown of it
    leaves them open, as far as there is room.
    """
    has_norm = found.indicator != "norm"
    rows = [["", "token", "id", str(found.indicator), *(["norm"] if has_norm else []), "what it is", "bytes"]]
    for one in lowest:
        norm = [score(one.norm)] if has_norm else []
        token = space.vocabulary[one.id]
        rows.append(
            [str(one.rank), token, str(one.id), score(one.value), *norm, one.family, _bytes(space, one.id)]
        )
    align = "rlrr" + "r" * has_norm + "ll"
    widest = [WIDEST_TOKEN] * len(align)
    used = sum(max(cell_len(fit(row[at], WIDEST_TOKEN)) + 2 for row in rows) for at in range(len(align) - 1))
    widest[-1] = terminal_width() - used - 4
    if widest[-1] < LEAST_BYTES or not any(row[-1] for row in rows[1:]):
        rows, align = [row[:-1] for row in rows], align[:-1]
    output.print_table(rows, align, widest)


def _bytes(space: EmbeddingSpace, token_id: int) -> str:
    """The bytes of a token that does not show what they are; "" for one that does."""
    spelled, token = space.vocabulary.token_bytes(token_id), space.vocabulary[token_id]
    is_plain = spelled == token.encode("utf-8", "surrogatepass") and printable(token) == token.replace(
        " ", "␣"
    )
    return "" if is_plain else spelled.hex(" ").upper()
