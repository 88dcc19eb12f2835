"""A row's score depends on nothing but the row and the query."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import small_space

from tui_embed.engine import parallel
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import row_norms, unit
from tui_embed.engine.neighbors import closeness
from tui_embed.engine.rows import Floats
from tui_embed.engine.scan import BLAS_WIDTH, METRICS, Metric, scan, score_rows
from tui_embed.errors import CancelledError

widths = st.integers(1, 70) | st.sampled_from([BLAS_WIDTH - 1, BLAS_WIDTH, BLAS_WIDTH + 1, 300, 1000])


def row_scores(rows: Floats, norms: Floats, query: Floats, metric: Metric) -> Floats:
    scores = np.empty(len(rows), np.float32)
    score_rows(rows, norms, query, metric, scores)
    return scores


@given(st.integers(0, 2**32), widths, st.sampled_from(METRICS), st.data())
def test_a_score_is_the_same_to_the_bit_among_any_rows(
    seed: int, width: int, metric: Metric, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(40, width)).astype(np.float32)
    norms, query = row_norms(rows), unit(rng.normal(size=width).astype(np.float32))
    whole = row_scores(rows, norms, query, metric)
    ids = data.draw(st.lists(st.integers(0, 39), max_size=9))
    np.testing.assert_array_equal(row_scores(rows[ids], norms[ids], query, metric), whole[ids])
    start = data.draw(st.integers(0, 40))
    np.testing.assert_array_equal(row_scores(rows[start:], norms[start:], query, metric), whole[start:])
    np.testing.assert_array_equal(row_norms(rows[ids]), norms[ids])


@pytest.mark.parametrize("width", [10, 100])
@pytest.mark.parametrize("metric", METRICS)
def test_scores_are_the_same_on_any_number_of_threads(
    metric: Metric, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=((18 << 20) // (4 * width) + 17, width)).astype(np.float32)
    found = []
    for n_threads in (1, 2, 5):
        monkeypatch.setattr(parallel, "threads", lambda _parts, n=n_threads: n)
        found.append(closeness(small_space(rows), rows[3], metric))
    np.testing.assert_array_equal(
        found[0], row_scores(rows, row_norms(rows), _query(rows[3], metric), metric)
    )
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def _query(row: np.ndarray, metric: Metric) -> np.ndarray:
    return unit(row) if metric == "cosine" else row


def test_norms_that_a_scan_finds_are_kept() -> None:
    space = small_space(np.arange(12).reshape(6, 2))
    assert space.matrix.known_norms is None
    seen = scan(space, lambda _rows, norms, out: np.add(norms, 1, out=out))
    np.testing.assert_array_equal(space.matrix.known_norms, row_norms(space.vectors))
    np.testing.assert_array_equal(seen, row_norms(space.vectors) + 1)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_scan_of_an_array_says_how_far_it_is(n_threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "threads", lambda _parts: n_threads)
    rows = np.ones((1 << 18, 100), np.float32)
    done: list[int] = []

    def watch(step: int, total: int) -> None:
        assert total == len(rows)
        done.append(step)

    closeness(small_space(rows), rows[0], "dot", progress=watch)
    assert done == sorted(done)
    assert done[-1] == len(rows)
    assert len(done) > 1


def test_a_scan_of_an_array_stops_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "threads", lambda _parts: 1)
    rows = np.ones((1 << 18, 100), np.float32)
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        closeness(small_space(rows), rows[0], "dot", cancel, lambda _step, _total: cancel.cancel())
