"""``tui-embed neighbors``: the tokens whose rows lie nearest to a token's."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_k, add_space, add_token
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of, token_id
from tui_embed.engine.neighbors import METRICS, Answer, Metric, checked_metric, closeness, rank_of, ranked
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed neighbors king -k 5
tui-embed neighbors king --metric dot --rank-of throne
tui-embed neighbors cat --closer-than dog --json
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

    query: int
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
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    settings = settings_of(options)
    metric = checked_metric(settings.metric)
    space = opened(settings)
    found = _search(space, token_id(space, options), metric, settings.k, options)
    if options.json:
        output.print_json(_json(space, found))
    else:
        _print(space, found)


def _search(space: EmbeddingSpace, query: int, metric: Metric, k: int, options: Namespace) -> Found:
    """One pass over the rows answers everything that is asked."""
    asked = [_other(space, query, word) for word in (options.rank_of, options.closer_than)]
    with progress("searching") as report:
        scores = closeness(space, space.matrix.row(query), metric, progress=report)
    sign = -1.0 if metric == "euclidean" else 1.0
    first, closer_than = (
        None
        if other is None
        else Place(other, rank_of(space, scores, other, (query,)), sign * float(scores[other]))
        for other in asked
    )
    answer = ranked(space, scores, k, (query,), metric)
    closer = None
    if closer_than is not None:
        # both orders are the same: by score, ties by id
        closer = Answer(answer.neighbors[: closer_than.rank - 1], answer.searched, answer.n_vocab)
    return Found(query, metric, answer, first, closer_than, closer)


def _other(space: EmbeddingSpace, query: int, word: str | None) -> int | None:
    if word is None:
        return None
    other = space.id(word)
    if other == query:
        raise UsageError(f"“{word}” is the query itself", "name another token")
    return other


def _json(space: EmbeddingSpace, found: Found) -> dict[str, object]:
    answer: dict[str, object] = {
        **output.space_json(space),
        "query": space.vocabulary[found.query],
        "id": found.query,
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
    print(f"neighbours of {printable(space.vocabulary[found.query])} (id {found.query}), {found.metric}")
    output.print_neighbors(found.answer)
    for place in (found.rank_of, found.closer_than):
        if place is not None:
            print(
                f"{printable(space.vocabulary[place.id])} is number {place.rank:,} with {score(place.score)}"
            )
    if found.closer is not None and found.closer_than is not None:
        count, shown = found.closer_than.rank - 1, len(found.closer.neighbors)
        some = f", the nearest {shown:,} of them" if shown < count else ""
        print(f"closer than {printable(space.vocabulary[found.closer_than.id])}: {count:,}{some}")
        output.print_neighbors(found.closer)
    output.print_searched(found.answer)
