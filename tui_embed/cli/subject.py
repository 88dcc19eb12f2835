"""Which tokens a map or a heat map is of."""

import sys
from argparse import ArgumentParser, Namespace

from tui_embed.cli.parser import integer
from tui_embed.cli.progress import progress
from tui_embed.engine.maps import subject as subjects
from tui_embed.engine.maps.arrows import Arrow, is_pair, of_analogy, read_pairs
from tui_embed.engine.maps.subject import Subject, find_word
from tui_embed.engine.scan import Metric
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.sources.word_list import LARGEST, read_words, words_of_lines

NEAR, ANSWERS, FILTERED = 200, 30, 2000
"""How many tokens, where nobody says."""

WAYS = ("file", "top", "near", "expression", "where", "pairs")


def add_subject(parser: ArgumentParser, arrows: bool) -> None:
    """The ways to choose tokens; :func:`subject_of` reads them."""
    parser.add_argument(
        "tokens",
        nargs="*",
        metavar="TOKEN",
        help="the tokens; after -- those that begin with -" + ("; man>king is an arrow" if arrows else ""),
    )
    parser.add_argument("--file", metavar="LIST", help="the words of a file, one a line; - is standard input")
    parser.add_argument("--top", type=integer, metavar="N", help="the N most frequent tokens")
    parser.add_argument("--near", metavar="TOKEN", help="a token and its neighbours")
    parser.add_argument(
        "--expression", metavar="E", help="the terms and answers of an expression such as king - man + woman"
    )
    parser.add_argument("--where", metavar="FILTER", help="the rows whose metadata match")
    parser.add_argument("-k", type=integer, metavar="N", help="how many neighbours, answers or rows")
    if arrows:
        parser.add_argument(
            "--pairs",
            metavar="LIST",
            help="a file of pairs such as france>paris, one a line, drawn as arrows",
        )


def subject_of(space: EmbeddingSpace, options: Namespace, metric: Metric) -> tuple[Subject, list[Arrow]]:
    """The tokens that the options choose, and the arrows between them. UsageError where they choose none, or
    in two ways; words that are not there are among the subject's ``missing``.
    """
    given = [way for way in WAYS if getattr(options, way, None) is not None]
    given += ["TOKEN"] if options.tokens else []
    if len(given) != 1:
        ways = ", ".join(f"--{way}" for way in WAYS if hasattr(options, way))
        raise UsageError(f"tokens are chosen in {len(given)} ways", f"name TOKENs, or give one of {ways}")
    if options.k is not None and options.k < 1:
        raise UsageError(f"k is {options.k}", "ask for at least one")
    if options.tokens and hasattr(options, "pairs"):
        pairs = [token for token in options.tokens if is_pair(token) and find_word(space, token) is None]
        if pairs:
            return read_pairs(space, pairs, [token for token in options.tokens if token not in pairs])
    if options.tokens or options.file is not None:
        words = options.tokens or _words(options.file)
        title = "a list of words" if options.file in (None, "-") else options.file
        return subjects.listed(space, words, title), []
    if getattr(options, "pairs", None) is not None:
        return read_pairs(space, _words(options.pairs))
    return _searched(space, options, metric)


def _searched(space: EmbeddingSpace, options: Namespace, metric: Metric) -> tuple[Subject, list[Arrow]]:
    with progress("searching") as report:
        if options.near is not None:
            k = options.k or NEAR
            return subjects.neighbourhood(space, space.id(options.near), k, metric, progress=report), []
        if options.expression is not None:
            found = subjects.words_of(space, options.expression, options.k or ANSWERS, progress=report)
            return found, of_analogy(space, options.expression)
    if options.where is not None:
        return subjects.where(space, options.where, options.k or FILTERED), []
    return subjects.most_frequent(space, options.top), []


def _words(path: str) -> list[str]:
    if path != "-":
        return read_words(path)
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return words_of_lines(sys.stdin.buffer.read(LARGEST))
