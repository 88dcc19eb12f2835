"""``tui-embed undertrained``: tokens that a model hardly saw while it was trained."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_k, add_space
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
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
from tui_embed.printable import printable

EXAMPLES = """
tui-embed undertrained --space minilm
tui-embed undertrained --space ./gpt2 -k 100 --indicator norm
tui-embed undertrained --space ./model --unused "<|extra_0|>" --unused "#32000" --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--indicator",
        choices=INDICATORS,
        help="what tokens are ranked by: distance, cosine or centred, to the mean row of unused tokens; "
        "output, the same of output rows; norm of the row; or what the paper takes for such a model",
    )
    parser.add_argument(
        "--unused",
        action="append",
        metavar="TOKEN",
        help="a token to be taken for unused, in place of those that are known by name; repeatable",
    )
    add_k(parser, 50)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.k < 1:
        raise UsageError(f"k is {options.k}", "ask for at least one token")
    space = opened(settings_of(options))
    reference = None if options.unused is None else [space.id(token) for token in options.unused]
    with progress(f"reading {printable(space.name)}") as report:
        found = under_trained(space, options.indicator, reference, progress=report)
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
        "caution": found.caution(space) or None,
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


def _print(space: EmbeddingSpace, found: UnderTrained, lowest: list[Suspect]) -> None:
    output.print_heading(space)
    print(f"lowest {printable(WHAT[found.indicator])} ({PAPER})")
    if len(found.reference):
        n = len(found.reference)
        print(f"unused: {printable(found.because)}; {found.n_found:,} of the {n:,} lowest are theirs")
    if caution := found.caution(space):
        print(f"note: {printable(caution)}")
    rows = [("", "token", "id", str(found.indicator), "norm", "bytes", "")]
    for one in lowest:
        spelled = space.vocabulary.token_bytes(one.id)
        rows.append(
            (
                str(one.rank),
                space.vocabulary[one.id],
                str(one.id),
                score(one.value),
                score(one.norm),
                spelled[:12].hex(" ").upper() + (" …" if len(spelled) > 12 else ""),
                one.family,
            )
        )
    output.print_table(rows, "rlrrrll")
    print(f"searched {len(found.values):,} of {len(space):,}")
