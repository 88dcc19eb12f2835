"""``tui-embed calc``: where an expression such as king - man + woman leads."""

from argparse import Namespace
from dataclasses import dataclass

from tui_embed.cli import output
from tui_embed.cli.metadata import add_where, check_among, rows_where
from tui_embed.cli.parser import VerbParser, add_json, add_k, add_space
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.arithmetic import (
    METHOD_TITLES,
    METHODS,
    Combination,
    Method,
    Parallelogram,
    parallelogram,
    read_expression,
    scores_of,
    term_similarities,
)
from tui_embed.engine.neighbors import Answer, rank_of, ranked
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
from tui_embed.figures import score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed calc king - man + woman
tui-embed calc "paris - france + italy" -k 3 --method 3cosmul
tui-embed calc "0.5*king + queen" --keep-inputs --json
tui-embed calc 'king - "man" + woman' --rank-of throne
"""


@dataclass(frozen=True, slots=True)
class Found:
    """All that is told; ``place`` is (id, rank, score) of the token asked about."""

    query: str
    combination: Combination
    method: Method
    excluded: tuple[int, ...]
    answer: Answer
    similarities: list[float]
    shape: Parallelogram | None
    place: tuple[int, int, float] | None


def add_arguments(parser: VerbParser) -> None:
    parser.minus_is_text = True
    parser.add_argument(
        "expression",
        nargs="+",
        metavar="EXPRESSION",
        help="tokens with + and - between them; weights as 0.5*token",
    )
    add_k(parser)
    parser.add_argument(
        "--method", choices=METHODS, default=METHODS[0], help="how the terms are put together"
    )
    parser.add_argument(
        "--keep-inputs", action="store_true", help="do not leave the inputs out of the answer"
    )
    parser.add_argument("--rank-of", metavar="WORD", help="also the place of this token in the answer")
    add_where(parser)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    settings = settings_of(options)
    space = opened(settings)
    query = " ".join(part.strip() for part in options.expression)
    found = _solve(space, query, settings.k, options)
    if options.json:
        output.print_json(_json(space, found))
    else:
        _print(space, found)


def _solve(space: EmbeddingSpace, query: str, k: int, options: Namespace) -> Found:
    combination = read_expression(space, query)
    among = rows_where(space, options)
    wanted = None if options.rank_of is None else check_among(space, space.id(options.rank_of), among)
    excluded = () if options.keep_inputs else tuple(dict.fromkeys(combination.ids))
    with progress("searching") as report:
        scores = scores_of(space, combination, options.method, progress=report)
    answer = ranked(space, scores, k, excluded, among=among)
    best = answer.neighbors[0].id if answer.neighbors else None
    return Found(
        query,
        combination,
        options.method,
        excluded,
        answer,
        [] if best is None else term_similarities(space, combination, best),
        None if best is None else parallelogram(space, combination, best),
        None
        if wanted is None
        else (wanted, rank_of(space, scores, wanted, excluded, among), float(scores[wanted])),
    )


def _json(space: EmbeddingSpace, found: Found) -> dict[str, object]:
    similarities = [*found.similarities, *[None] * (len(found.combination.inputs) - len(found.similarities))]
    shape = found.shape
    answer: dict[str, object] = {
        **output.space_json(space),
        "query": found.query,
        "metric": "cosine",
        "method": found.method,
        "searched": found.answer.searched,
        "n_vocab": found.answer.n_vocab,
        "terms": [
            {"weight": weight, **output.token_json(space, chosen), "similarity": similarity}
            for (weight, chosen), similarity in zip(found.combination.terms, similarities, strict=True)
        ],
        "excluded": [output.token_json(space, token_id) for token_id in found.excluded],
        "neighbors": output.neighbors_json(space, found.answer),
        "parallelogram": shape
        and {
            **{corner: output.token_json(space, getattr(shape, corner)) for corner in "abcd"},
            "cosine": output.finite(shape.cosine),
        },
    }
    if found.place is not None:
        token_id, rank, value = found.place
        answer["rank_of"] = {
            **output.token_json(space, token_id),
            "rank": rank,
            "score": output.finite(value),
            "is_input": token_id in found.combination.ids,
        }
    return answer


def _print(space: EmbeddingSpace, found: Found) -> None:
    def name(chosen: Chosen) -> str:
        return printable(space.spelled(chosen))

    output.print_heading(space)
    print(f"{printable(found.query)}, {METHOD_TITLES[found.method]}")
    output.print_composed(found.combination.inputs)
    output.print_neighbors(space, found.answer)
    if found.place is not None:
        token_id, rank, value = found.place
        # an input that was left out has a score but competes with nobody
        left_out = ", had it not been left out" if token_id in found.excluded else ""
        print(f"{name(token_id)} is number {rank:,} with {score(value)}{left_out}")
    if found.answer.neighbors:
        print(f"each term's own cosine to {name(found.answer.neighbors[0].id)}")
        terms = zip(found.combination.terms, found.similarities, strict=True)
        rows = [(f"{weight:+g}", space.spelled(chosen), score(own)) for (weight, chosen), own in terms]
        output.print_table(rows, "rlr")
    if found.shape is not None:
        a, b, c, d = (name(i) for i in (found.shape.a, found.shape.b, found.shape.c, found.shape.d))
        print(f"parallelogram: cosine of {a} → {b} and {c} → {d} is {score(found.shape.cosine)}")
    if found.excluded:
        print(f"inputs left out: {', '.join(map(name, found.excluded))}")
    else:
        print("inputs kept")
    output.print_searched(found.answer)
