"""Analogies and word pairs against definitions written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import small_space, whole_number_matrices

from tui_embed.engine import analogies
from tui_embed.engine.analogies import best_answers
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.evaluation import AnalogySection, evaluate_analogies, evaluate_pairs, spearman
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import Distribution, DrawnRows, Floats
from tui_embed.errors import CancelledError, UsageError

Question = tuple[str, str, str, str]
values = st.integers(-3, 3) | st.floats(-1e6, 1e6)


def mean_ranks(sample: list[float]) -> list[float]:
    """1 + how many are smaller + half of how many others are equal."""
    return [1 + sum(y < x for y in sample) + (sum(y == x for y in sample) - 1) / 2 for x in sample]


@given(st.lists(st.tuples(values, values), min_size=2, max_size=30))
def test_spearman_is_the_correlation_of_mean_ranks(pairs: list[tuple[float, float]]) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    found = spearman(np.array(x, dtype=float), np.array(y, dtype=float))
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(np.corrcoef(mean_ranks(x), mean_ranks(y))[0, 1], abs=1e-12)


def brute_force(rows: Floats, question: list[int], n: int) -> int:
    units = rows.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    a, b, c, _ = question
    scores = units[:n] @ (units[b] - units[a] + units[c])
    scores[[a, b, c]] = scores[~np.isfinite(scores)] = -np.inf
    return int(np.argmax(scores))


def asked(rng: np.random.Generator, n: int, count: int) -> list[Question]:
    return [tuple(f"t{i}" for i in rng.choice(n, 4, replace=False)) for _ in range(count)]  # type: ignore[misc]


@pytest.mark.parametrize(("tile", "terms", "n_threads"), [(1, 4, 1), (64, 20, 3), (4096, 4096, 2)])
@pytest.mark.parametrize("restrict", [None, 4, 57, 300, 1000])
def test_answers_are_those_of_sorting_everything(
    tile: int, terms: int, n_threads: int, restrict: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analogies, "QUESTIONS_PER_BATCH", 8)
    monkeypatch.setattr(analogies, "ROWS_PER_TILE", tile)
    monkeypatch.setattr(analogies, "TERMS_PER_GROUP", terms)
    monkeypatch.setattr(analogies, "threads", lambda _parts: n_threads)
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(300, 3)).astype(np.float32)
    n = min(restrict or 300, 300)
    sections = [
        AnalogySection("first", [*asked(rng, min(n, 60), 30), ("t0", "t1", "nowhere", "t2")]),
        AnalogySection("empty", []),
        AnalogySection("second", [*asked(rng, n, 20), ("t299", "t298", "t297", "t296")]),
    ]
    result = evaluate_analogies(small_space(rows), sections, restrict)
    for section, found in zip(sections, result.sections, strict=True):
        ids = [[int(w[1:]) for w in q] for q in section.questions if "nowhere" not in q]
        ids = [question for question in ids if max(question) < n]
        right = sum(brute_force(rows, question, n) == question[3] for question in ids)
        assert (found.name, found.correct, found.covered, found.total) == (
            section.name,
            right,
            len(ids),
            len(section.questions),
        )
    together = result.together
    assert result.searched == n
    assert together.covered == sum(section.covered for section in result.sections)
    assert together.total == 52
    assert together.accuracy == together.correct / together.covered


def parallelogram_rows() -> Floats:
    """t0 … t3 close exactly, and t3 is the only answer."""
    rows = np.full((3000, 4), -1, np.float32)
    rows[:4] = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0]]
    return rows


def test_rows_that_are_not_finite_do_not_hide_the_answers_beside_them() -> None:
    rows = parallelogram_rows()
    rows[5] = np.nan
    rows[6] = np.inf
    section = AnalogySection("s", [("t0", "t1", "t2", "t3"), ("t0", "t1", "t5", "t3")])
    result = evaluate_analogies(small_space(rows), [section]).together
    assert (result.correct, result.covered) == (1, 2)


@given(whole_number_matrices(), st.integers(1, 3), st.data())
def test_of_equal_scores_the_lowest_id_answers(rows: Floats, n_threads: int, data: st.DataObject) -> None:
    """Unit rows of ±1 in one dimension are exact, so that every score has many equals."""
    rows = rows[:, :1]
    ids = st.integers(0, len(rows) - 1)
    questions = np.array(data.draw(st.lists(st.tuples(ids, ids, ids), min_size=1, max_size=9)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analogies, "ROWS_PER_TILE", 3)
        patch.setattr(analogies, "threads", lambda _parts: n_threads)
        found = best_answers(small_space(rows).matrix, questions, len(rows))
    signs = np.sign(rows[:, 0])
    for (a, b, c), answer in zip(questions.tolist(), found.tolist(), strict=True):
        scores = signs * (signs[b] - signs[a] + signs[c])
        scores[[a, b, c]] = -np.inf
        assert answer == (int(np.argmax(scores)) if np.isfinite(scores).any() else -1)


def test_words_are_looked_up_as_written_then_in_lower_case_among_those_searched() -> None:
    rows = parallelogram_rows()[:6]
    rows[4:] = [[1.41, 0.71, 0.71, 1], [0, 0, 0, -1]]  # from "A" the question leads to "e"
    space = small_space(rows, ["a", "b", "c", "d", "e", "A"])
    section = AnalogySection("s", [("A", "B", "C", "D")])
    assert evaluate_analogies(space, [section]).together.correct == 0
    restricted = evaluate_analogies(space, [section], 4).together
    assert (restricted.correct, restricted.covered) == (1, 1)


def test_nothing_covered_is_nothing_right() -> None:
    together = evaluate_analogies(
        small_space(np.eye(4)), [AnalogySection("s", [("a", "b", "c", "d")])]
    ).together
    assert (together.correct, together.covered, together.total, together.accuracy) == (0, 0, 1, 0.0)
    assert evaluate_analogies(small_space(np.eye(4)), []).together.total == 0


@pytest.mark.parametrize("restrict", [0, -5])
def test_nothing_to_search_is_a_usage_error(restrict: int) -> None:
    with pytest.raises(UsageError, match="nothing to search"):
        evaluate_analogies(small_space(np.eye(4)), [], restrict)


def test_an_evaluation_says_how_far_it_is_and_stops_when_told() -> None:
    space = small_space(EmbeddingMatrix(DrawnRows((9000, 500), Distribution("normal", 1), seed=0)))
    sections = [AnalogySection("s", [("t0", "t1", "t2", "t3")])]
    cancel = CancelToken()
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))

    evaluate_analogies(space, sections, 5000, cancel, watch)
    assert len(seen) > 1
    assert seen == sorted(seen)
    assert seen[-1] == (5000, 5000)
    cancel.cancel()
    with pytest.raises(CancelledError):
        evaluate_analogies(space, sections, cancel=cancel)


def test_pairs_are_correlated_by_their_cosines() -> None:
    rng = np.random.default_rng(9)
    rows = rng.normal(size=(20, 5)).astype(np.float32)
    rows[19] = np.nan
    pairs = [(f"t{a}", f"T{b}", float(rng.integers(0, 5))) for a, b in rng.integers(0, 19, (40, 2)) if a != b]
    extra = [("t0", "nowhere", 1.0), ("t0", "t19", 9.0)]
    result = evaluate_pairs(small_space(rows), pairs + extra)
    wide = rows.astype(np.longdouble)
    ids = [(int(a[1:]), int(b[1:])) for a, b, _ in pairs]
    cosines = [float(wide[a] @ wide[b] / np.sqrt((wide[a] @ wide[a]) * (wide[b] @ wide[b]))) for a, b in ids]
    expected = np.corrcoef(mean_ranks(cosines), mean_ranks([score for _, _, score in pairs]))[0, 1]
    assert result.spearman == pytest.approx(expected, abs=1e-12)
    assert (result.covered, result.total) == (len(pairs), len(pairs) + 2)


def test_fewer_than_two_pairs_are_no_sample() -> None:
    space = small_space(np.array([[1, 0], [0, 1], [np.nan, 0]]))
    with pytest.raises(UsageError, match="both words of 1 of 3 pairs"):
        evaluate_pairs(space, [("t0", "t1", 1), ("t0", "x", 1), ("t0", "t2", 1)])
