"""Blocks of text hold exactly the pairs of their windows, and their gradients are those of the loss."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.training.blocks import BLOCK, TextBlocks, block_gradients, over_windows
from tui_embed.engine.training.cbow import cbow_gradients, on_word_rows, window_means
from tui_embed.engine.training.shared_noise import SharedNoise
from tui_embed.engine.training.windows import EpochText


def text_of(sentences: list[list[int]]) -> EpochText:
    ids = np.array([word for sentence in sentences for word in sentence], dtype=np.int32)
    numbers = np.repeat(np.arange(len(sentences), dtype=np.int32), [len(s) for s in sentences])
    return EpochText(ids, numbers, np.arange(len(ids), dtype=np.int32))


def pairs_by_hand(text: EpochText, first: int, reaches: list[int]) -> list[tuple[int, int]]:
    """(centre, context) of every pair, one after another."""
    return [
        (int(text.ids[centre]), int(text.ids[other]))
        for centre, reach in enumerate(reaches, first)
        for other in range(max(0, centre - reach), min(len(text.ids), centre + reach + 1))
        if other != centre and text.sentences[other] == text.sentences[centre]
    ]


texts = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=40), min_size=1, max_size=5).map(text_of)


@st.composite
def windows(draw: st.DrawFn) -> tuple[EpochText, int, list[int], int]:
    text = draw(texts)
    window = draw(st.integers(1, 40))
    first = draw(st.integers(0, len(text.ids) - 1))
    n = draw(st.integers(1, len(text.ids) - first))
    return text, first, draw(st.lists(st.integers(1, window), min_size=n, max_size=n)), window


@given(windows())
def test_a_block_has_the_pairs_of_its_windows(given_: tuple[EpochText, int, list[int], int]) -> None:
    text, first, reaches, window = given_
    blocks = TextBlocks.of(text, first, np.array(reaches), window)
    expected = pairs_by_hand(text, first, reaches)
    found = []
    width = blocks.mask.shape[2]
    for block, centre, place in zip(*np.nonzero(blocks.mask), strict=True):
        start = block * (width - 2 * window)
        found.append(
            (
                int(blocks.ids[blocks.of_place[start + window + centre]]),
                int(blocks.ids[blocks.of_place[start + place]]),
            )
        )
    assert sorted(found) == sorted(expected)
    assert blocks.n_pairs == len(expected)
    for word, pairs in zip(blocks.ids, blocks.pairs, strict=True):
        assert pairs == sum(centre == word for centre, _ in expected)
    assert set(blocks.ids[blocks.contexts()].tolist()) == {context for _, context in expected}
    ones = np.ones(blocks.counts.size, dtype=np.float32)
    for word, n in zip(blocks.ids, over_windows(blocks, ones), strict=True):
        assert n == sum(context == word for _, context in expected)


@pytest.fixture
def setting():
    """Blocks over two sentences, noise, and rows in float64."""
    rng = np.random.default_rng(3)
    text = text_of([rng.integers(0, 9, 25).tolist(), rng.integers(0, 9, 30).tolist()])
    blocks = TextBlocks.of(text, 4, rng.integers(1, 5, 45), 4)
    noise = SharedNoise.of(rng.integers(0, 9, (2, 7)), 5)
    n_words = len(blocks.ids)
    rows = [rng.normal(size=(*shape, 4)) for shape in ((n_words,), (n_words,), noise.ids.shape)]
    return blocks, noise, rows


def numeric(loss, array: np.ndarray) -> np.ndarray:
    """The gradient of ``loss()`` on ``array`` by central differences."""
    found, step = np.empty_like(array), 1e-6
    for at in np.ndindex(array.shape):
        kept = array[at]
        array[at] = kept + step
        above = loss()
        array[at] = kept - step
        found[at] = (above - loss()) / (2 * step)
        array[at] = kept
    return found


def test_skipgram_gradients_are_those_of_the_loss(setting) -> None:
    blocks, noise, (vectors, output, noise_rows) = setting

    def loss() -> float:
        found = block_gradients(blocks, noise, vectors, output, noise_rows, measure=True)
        return found.loss

    found = block_gradients(blocks, noise, vectors, output, noise_rows, measure=True)
    for gradient, array in ((found.vectors, vectors), (found.output, output), (found.noise, noise_rows)):
        np.testing.assert_allclose(gradient, numeric(loss, array), rtol=1e-5, atol=1e-6)


def test_the_loss_is_that_of_pairs_and_noise(setting) -> None:
    blocks, noise, (vectors, output, noise_rows) = setting
    text_pairs = [
        (blocks.of_place[block * BLOCK + 4 + centre], blocks.of_place[block * BLOCK + place])
        for block, centre, place in zip(*np.nonzero(blocks.mask), strict=True)
    ]
    expected = 0.0
    for centre, context in text_pairs:
        expected += np.log1p(np.exp(-vectors[centre] @ output[context]))
        own_noise = noise_rows[centre % len(noise_rows)]
        expected += float(noise.weight * np.log1p(np.exp(own_noise @ vectors[centre])).sum())
    found = block_gradients(blocks, noise, vectors, output, noise_rows, measure=True)
    assert found.loss == pytest.approx(expected)
    assert float(noise.weight * noise.ids.shape[1]) == pytest.approx(5)


def test_curvatures_bound_those_of_the_loss(setting) -> None:
    blocks, noise, (vectors, output, noise_rows) = setting

    def along(gradients, row: tuple[int, ...], direction: np.ndarray, array: np.ndarray) -> float:
        """How the slope along a direction changes with a step."""
        step = 1e-5
        array[row] += step * direction
        above = gradients() @ direction
        array[row] -= 2 * step * direction
        below = gradients() @ direction
        array[row] += step * direction
        return float(above - below) / (2 * step)

    found = block_gradients(blocks, noise, vectors, output, noise_rows, measure=False)
    rng = np.random.default_rng(1)
    parts = (
        ("vectors", vectors, found.vector_curvatures),
        ("output", output, found.output_curvatures),
        ("noise", noise_rows, found.noise_curvatures),
    )
    for name, array, bounds in parts:
        for row in np.ndindex(array.shape[:-1]):
            direction = rng.normal(size=4)
            direction /= np.linalg.norm(direction)

            def gradients(name=name, row=row) -> np.ndarray:
                again = block_gradients(blocks, noise, vectors, output, noise_rows, measure=False)
                return getattr(again, name)[row]

            # the bound is half of ¼ as curved as a row may be
            assert along(gradients, row, direction, array) <= 2 * bounds[row] + 1e-6


def test_cbow_gradients_are_those_of_the_loss(setting) -> None:
    blocks, noise, (vectors, output, noise_rows) = setting
    hidden = window_means(blocks, vectors)

    def loss() -> float:
        return cbow_gradients(blocks, noise, hidden, output, noise_rows, measure=True).loss

    found = cbow_gradients(blocks, noise, hidden, output, noise_rows, measure=True)
    np.testing.assert_allclose(found.hidden, numeric(loss, hidden), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.noise, numeric(loss, noise_rows), rtol=1e-5, atol=1e-6)
    _, on_output = on_word_rows(blocks, found.hidden, found.wanted)
    np.testing.assert_allclose(on_output, numeric(loss, output), rtol=1e-5, atol=1e-6)


def test_cbow_means_are_those_of_the_windows_and_rows_move_by_the_whole_gradient(setting) -> None:
    blocks, _, (vectors, *_) = setting
    means = window_means(blocks, vectors)
    on_hidden = np.random.default_rng(0).normal(size=means.shape)
    expected = np.zeros_like(vectors)
    for block in range(len(blocks.mask)):
        for centre in range(BLOCK):
            near = blocks.of_place[block * BLOCK + np.flatnonzero(blocks.mask[block, centre])]
            mean = vectors[near].mean(axis=0) if len(near) else np.zeros(4)
            np.testing.assert_allclose(means[block * BLOCK + centre], mean, rtol=1e-6, atol=1e-9)
            np.add.at(expected, near, on_hidden[block * BLOCK + centre])
    on_rows, _ = on_word_rows(blocks, on_hidden, np.zeros_like(on_hidden))
    np.testing.assert_allclose(on_rows, expected, rtol=1e-6, atol=1e-9)
