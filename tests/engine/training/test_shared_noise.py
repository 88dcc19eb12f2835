"""Noise words are drawn as often as they should be, and those that rows share are scored as if one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training.noise import Noise
from tui_embed.engine.training.shared_noise import SharedNoise


def test_noise_is_drawn_by_counts_to_the_power_of_three_quarters() -> None:
    counts = np.array([1000, 100, 10, 1])
    drawn = Noise(counts).draw(np.random.default_rng(1), (100, 2000))
    assert drawn.shape == (100, 2000)
    found = np.bincount(drawn.reshape(-1), minlength=4) / drawn.size
    expected = counts**0.75 / (counts**0.75).sum()
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(expected / drawn.size).max())


def test_a_word_without_a_count_is_no_noise() -> None:
    drawn = Noise(np.array([0, 3, 0, 2, 0])).draw(np.random.default_rng(1), 1000)
    assert set(drawn.tolist()) == {1, 3}


@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 9))
def test_rows_are_scored_against_the_noise_of_their_group(n_groups: int, k: int, n: int) -> None:
    rng = np.random.default_rng(n)
    noise = SharedNoise.of(rng.integers(0, 5, (n_groups, k)), negatives=3)
    rows, noise_rows, on_scores = (
        rng.normal(size=(n, 2)),
        rng.normal(size=(n_groups, k, 2)),
        rng.random((n, k)),
    )
    squares, noise_squares = rng.random(n), rng.random((n_groups, k))
    scores = noise.scores(rows, noise_rows)
    on_rows, on_noise = noise.gradients(on_scores, rows, noise_rows)
    expected_on_noise, row_sums = np.zeros_like(noise_rows), np.zeros((n_groups, k))
    for row in range(n):
        group = row % n_groups
        np.testing.assert_allclose(scores[row], noise_rows[group] @ rows[row])
        np.testing.assert_allclose(on_rows[row], on_scores[row] @ noise_rows[group])
        expected_on_noise[group] += on_scores[row][:, None] * rows[row]
        row_sums[group] += 3 / k * squares[row]
        expected = 3 / k * noise_squares[group].sum()
        assert noise.sums_of_noise(noise_squares, n)[row] == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(on_noise, expected_on_noise, atol=1e-12)
    np.testing.assert_allclose(noise.sums_of_rows(squares), row_sums, rtol=1e-6)


def test_noise_that_is_drawn_twice_is_one_word_whose_gradients_add_up() -> None:
    noise = SharedNoise.of(np.array([[4, 2], [4, 9]]), negatives=3)
    assert noise.weight == 1.5
    found = noise.by_word(np.arange(8.0).reshape(2, 2, 2), np.array([[1.0, 2.0], [3.0, 4.0]]))
    by_word = dict(zip(found.ids.tolist(), found.gradients.tolist(), strict=True))
    assert by_word == {2: [2, 3], 4: [4, 6], 9: [6, 7]}
    assert dict(zip(found.ids.tolist(), found.sums.tolist(), strict=True)) == {2: 2, 4: 4, 9: 4}
