"""Where rows live: arrays, and rows drawn on demand."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tui_embed.engine.rows import (
    BLOCK_BYTES,
    DRAW_KINDS,
    ArrayRows,
    Distribution,
    DrawKind,
    DrawnRows,
    Rows,
    rows_per_block,
)
from tui_embed.engine.shapes import MODEL_SHAPES
from tui_embed.errors import UsageError

NORMAL = Distribution("normal", 0.02)
GPT3 = MODEL_SHAPES["gpt3"]


def both(n: int, d: int) -> list[Rows]:
    drawn = DrawnRows((n, d), NORMAL, seed=1)
    return [drawn, ArrayRows(drawn.take(np.arange(n)))]


@pytest.mark.parametrize(
    ("n", "d"), [(0, 4), (1, 1), (70, 4), (20, 50_000), (21, 50_000), (41, 50_000), (3, 1_100_000)]
)
def test_blocks_are_all_rows_in_order(n: int, d: int) -> None:
    for rows in both(n, d):
        blocks = list(rows.blocks())
        assert [start for start, _ in blocks] == list(range(0, n, rows_per_block(d)))
        joined = np.concatenate([np.empty((0, d), np.float32), *(block for _, block in blocks)])
        np.testing.assert_array_equal(joined, rows.take(np.arange(n)))
        assert not any(block.flags.writeable for _, block in blocks)


def test_taken_rows_are_the_callers_own() -> None:
    for rows in both(5, 3):
        taken = rows.take(np.array([4, 4, 0]))
        taken[:] = 9
        assert rows.take(np.array([4])).max() < 1


@pytest.mark.parametrize("ids", [[-1], [0, 5], [1 << 40]])
def test_ids_outside_are_index_errors(ids: list[int]) -> None:
    for rows in both(5, 3):
        with pytest.raises(IndexError, match=r"0 … 4"):
            rows.take(np.array(ids))


@pytest.mark.parametrize("array", [np.zeros(3, np.float32), np.zeros((2, 2)), np.zeros((2, 2), np.float16)])
def test_an_array_of_another_kind_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="float32"):
        ArrayRows(array)


def test_the_callers_array_stays_writable_and_ours_is_not() -> None:
    array = np.zeros((2, 2), np.float32)
    assert not ArrayRows(array).array.flags.writeable
    assert array.flags.writeable


@pytest.mark.parametrize("kind", DRAW_KINDS)
def test_a_drawn_row_is_the_same_whoever_asks(kind: DrawKind) -> None:
    rows = DrawnRows((500, 33), Distribution(kind, 0.02), seed=3)
    whole = np.concatenate([block for _, block in rows.blocks()])
    ids = np.random.default_rng(0).permutation(500)
    np.testing.assert_array_equal(rows.take(ids), whole[ids])
    for i in (0, 250, 499):
        np.testing.assert_array_equal(rows.take(np.array([i]))[0], whole[i])
    wider = DrawnRows((50_000, 33), Distribution(kind, 0.02), seed=3)
    np.testing.assert_array_equal(wider.take(np.arange(500)), whole)


@pytest.mark.parametrize(
    ("kind", "golden"),
    [
        ("normal", [[0.0011982206, 0.00031119268, -0.02328877], [0.022782469, -0.022073792, -0.01614777]]),
        ("uniform", [[-0.032234028, -0.033841036, 0.0077561382], [0.011908064, 0.0050194487, 0.022033801]]),
    ],
)
def test_seed_0_draws_these_numbers_for_ever(kind: DrawKind, golden: list[list[float]]) -> None:
    rows = DrawnRows((GPT3.n_vocab, GPT3.d_model), Distribution(kind, 0.02), seed=0)
    drawn = rows.take(np.array([0, GPT3.n_vocab - 1]))[:, :3]
    np.testing.assert_allclose(drawn, golden, rtol=1e-6)


@pytest.mark.parametrize("kind", DRAW_KINDS)
def test_drawn_numbers_have_the_mean_deviation_and_shape_they_say(kind: DrawKind) -> None:
    values = (
        DrawnRows((1000, 1000), Distribution(kind, 0.02), seed=11).take(np.arange(1000)).astype(float) / 0.02
    )
    n = values.size
    fourth = 3.0 if kind == "normal" else 1.8
    assert abs(values.mean()) < 5 / n**0.5
    assert abs(values.var() - 1) < 5 * ((fourth - 1) / n) ** 0.5
    assert abs((values**4).mean() - fourth) < 0.05
    assert (np.abs(values).max() <= 3**0.5 * 1.000001) == (kind == "uniform")
    # rows, and the same column of neighbouring rows, are independent
    correlation = np.corrcoef(values[:50])[np.triu_indices(50, 1)]
    assert np.abs(correlation).max() < 6 / 1000**0.5
    assert abs((values[1:] * values[:-1]).mean()) < 5 / n**0.5


def test_seeds_streams_and_rows_draw_apart() -> None:
    drawn = [
        DrawnRows((9, 8), NORMAL, seed, stream).take(np.arange(9)).ravel()
        for seed in (0, 1, 2**32, 2**64 - 1)
        for stream in (0, 1)
    ]
    values = np.concatenate(drawn)
    assert len(np.unique(values)) == len(values)


@pytest.mark.parametrize("seed", [-1, 1 << 64])
def test_a_seed_outside_is_a_usage_error(seed: int) -> None:
    with pytest.raises(UsageError, match="2\\^64"):
        DrawnRows((1, 1), NORMAL, seed)


def test_an_unknown_distribution_is_a_usage_error() -> None:
    kind: DrawKind = "gaussian"  # type: ignore[assignment]
    with pytest.raises(UsageError, match="normal, uniform"):
        Distribution(kind, 1)


def test_distributions_say_what_they_are() -> None:
    assert (str(NORMAL), str(Distribution("uniform", 0.02))) == ("N(0, 0.02²)", "U(±0.03464)")


def test_gpt3s_matrix_is_never_held() -> None:
    rows = DrawnRows((GPT3.n_vocab, GPT3.d_model), NORMAL, seed=0)
    tracemalloc.start()
    try:
        for _, (start, block) in zip(range(4), rows.blocks(), strict=False):
            assert block.shape == (rows_per_block(GPT3.d_model), GPT3.d_model)
            assert start % len(block) == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * BLOCK_BYTES < 4 * GPT3.token_params / 100


def test_threads_that_ask_at_once_get_the_rows_they_asked_for() -> None:
    for rows in both(300, 500):
        ids = [np.random.default_rng(seed).integers(0, 300, 40) for seed in range(16)]
        expected = [rows.take(wanted) for wanted in ids]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(rows.take, ids * 4))
        for got, want in zip(found, expected * 4, strict=True):
            np.testing.assert_array_equal(got, want)
