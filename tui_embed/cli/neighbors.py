"""``tui-embed neighbors``: the tokens whose rows lie nearest to a token's."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from tui_embed.cli import output
from tui_embed.cli.metadata import add_where, check_among, rows_where
from tui_embed.cli.parser import add_json, add_k, add_space, add_token
from tui_embed.cli.progress import progress
from tui_embed.cli.space import chosen_token, opened, settings_of
from tui_embed.engine.neighbors import Answer, checked_metric, closeness, nearest, rank_of, ranked
from tui_embed.engine.rows import Ids
from tui_embed.engine.scan import METRICS, Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Chosen
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed neighbors king -k 5
tui-embed neighbors king --metric dot --rank-of throne
tui-embed neighbors cat --closer-than dog --json
tui-embed neighbors paris --space cities.csv --where "country = France"
tui-embed neighbors " king" --space gpt2-init
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token that was asked about stands among the others."""

    id: int
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """All that is told; ``closer`` are the tokens before that of ``closer_than``."""

    query: Chosen
    metric: Metric
    answer: Answer
    rank_of: Place | None
    closer_than: Place | None
    closer: Answer | None


def add_arguments(parser: ArgumentParser) -> None:
    add_token(parser)
    add_k(parser)
    parser.add_argument(
        "--metric", choices=METRICS, help="cosine and dot: more is nearer; euclidean: less is"
    )
    parser.add_argument("--rank-of", metavar="WORD", help="also the place of this token among all others")
    parser.add_argument("--closer-than", metavar="WORD", help="also the tokens that lie nearer than this one")
    add_where(parser)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    settings = settings_of(options)
    metric = checked_metric(settings.metric)
    space = opened(settings)
    found = _search(space, chosen_token(space, options), metric, settings.k, options)
    if options.json:
        output.print_json(_json(space, found))
    else:
        _print(space, found)


def _search(space: EmbeddingSpace, query: Chosen, metric: Metric, k: int, options: Namespace) -> Found:
    """One pass over the rows answers everything that is asked."""
    among = rows_where(space, options)
    asked = [_other(space, query, word, among) for word in (options.rank_of, options.closer_than)]
    itself = (query,) if isinstance(query, int) else ()
    with progress("searching") as report:
        if asked == [None, None]:
            answer = nearest(space, space.vector(query), k, metric, itself, among, progress=report)
            return Found(query, metric, answer, None, None, None)
        scores = closeness(space, space.vector(query), metric, progress=report)
    sign = -1.0 if metric == "euclidean" else 1.0
    first, closer_than = (
        None
        if other is None
        else Place(other, rank_of(space, scores, other, itself, among), sign * float(scores[other]))
        for other in asked
    )
    answer = ranked(space, scores, k, itself, metric, among)
    closer = None
    if closer_than is not None:
        # both orders are the same: by score, ties by id
        closer = Answer(answer.neighbors[: closer_than.rank - 1], answer.searched, answer.n_vocab)
    return Found(query, metric, answer, first, closer_than, closer)


def _other(space: EmbeddingSpace, query: Chosen, word: str | None, among: Ids | None) -> int | None:
    if word is None:
        return None
    other = space.id(word)
    if other == query:
        raise UsageError(f"“{word}” is the query itself", "name another token")
    return check_among(space, other, among)


def _json(space: EmbeddingSpace, found: Found) -> dict[str, object]:
    query = output.token_json(space, found.query)
    answer: dict[str, object] = {
        **output.space_json(space),
        "query": query.pop("token"),
        **query,
        "metric": found.metric,
        "searched": found.answer.searched,
        "n_vocab": found.answer.n_vocab,
        "neighbors": output.neighbors_json(space, found.answer),
    }
    for name, place in (("rank_of", found.rank_of), ("closer_than", found.closer_than)):
        if place is not None:
            token = output.token_json(space, place.id)
            answer[name] = {**token, "rank": place.rank, "score": output.finite(place.score)}
    if found.closer is not None:
        answer["closer"] = output.neighbors_json(space, found.closer)
    return answer


def _print(space: EmbeddingSpace, found: Found) -> None:
    output.print_heading(space)
    place = f" (id {found.query})" if isinstance(found.query, int) else ""
    print(f"neighbours of {printable(space.spelled(found.query))}{place}, {found.metric}")
    output.print_composed([found.query])
    output.print_neighbors(space, found.answer)
    for other in (found.rank_of, found.closer_than):
        if other is not None:
            print(
                f"{printable(space.vocabulary[other.id])} is number {other.rank:,} with {score(other.score)}"
            )
    if found.closer is not None and found.closer_than is not None:
        count, shown = found.closer_than.rank - 1, len(found.closer.neighbors)
        some = f", the nearest {shown:,} of them" if shown < count else ""
        print(f"closer than {printable(space.vocabulary[found.closer_than.id])}: {count:,}{some}")
        output.print_neighbors(space, found.closer)
    output.print_searched(found.answer)
