"""Texts through small models: layers against the formulas in wider precision, and what is read off them."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from checkpoints import HEADS, LAYERS, D, bert_folder, gpt2_folder, llama_folder

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.models.forward import (
    compare,
    forward,
    last_word,
    neighbors_at,
    next_tokens,
    sentence_vector,
    shared_tokens,
)
from tui_embed.engine.models.layers import attention, erf, gelu, gelu_tanh, rms_norm, silu, softmax
from tui_embed.engine.models.lens import lens
from tui_embed.engine.models.llama import Rotation
from tui_embed.errors import CancelledError, UsageError
from tui_embed.sources.models.opening import open_folder

TEXT = "The king sat on the bank."


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return open_folder(bert_folder(tmp_path_factory.mktemp("bert")))


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    return open_folder(gpt2_folder(tmp_path_factory.mktemp("gpt2")))


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    return open_folder(llama_folder(tmp_path_factory.mktemp("llama")))


def wide(array):
    return np.asarray(array, dtype=np.float64)


def test_activations_are_their_formulas():
    from math import erf as exact
    from math import tanh

    x = np.linspace(-6, 6, 401, dtype=np.float32)
    np.testing.assert_allclose(erf(x), [exact(value) for value in x.tolist()], atol=3e-7)
    np.testing.assert_allclose(gelu(x), [v * (1 + exact(v / 2**0.5)) / 2 for v in x.tolist()], atol=2e-6)
    inner = [(2 / np.pi) ** 0.5 * (v + 0.044715 * v**3) for v in x.tolist()]
    np.testing.assert_allclose(
        gelu_tanh(x), [v * (1 + tanh(i)) / 2 for v, i in zip(x, inner, strict=True)], atol=2e-6
    )
    np.testing.assert_allclose(silu(x), wide(x) / (1 + np.exp(-wide(x))), atol=1e-6)
    assert silu(np.array([-200.0], np.float32))[0] == 0
    np.testing.assert_allclose(softmax(np.array([[1e4, 1e4, -np.inf]], np.float32)), [[0.5, 0.5, 0]])


def test_rms_norm_has_mean_square_one():
    rows = np.random.default_rng(0).normal(size=(5, 64)).astype(np.float32) * 7
    normal = rms_norm(rows, np.ones(64, np.float32), 0)
    np.testing.assert_allclose((wide(normal) ** 2).mean(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(("causal", "n_kv_heads"), [(False, None), (True, None), (True, 2)])
def test_attention_is_its_formula(causal, n_kv_heads):
    rng = np.random.default_rng(1)
    n, heads, d_head = 6, 4, 8
    kv = n_kv_heads or heads
    q = rng.normal(size=(n, heads * d_head)).astype(np.float32)
    k, v = (rng.normal(size=(n, kv * d_head)).astype(np.float32) for _ in range(2))
    gathered, looked = attention(q, k, v, heads, causal, n_kv_heads)
    for head in range(heads):
        own = slice(head * d_head, (head + 1) * d_head)
        shared = head * kv // heads
        its = slice(shared * d_head, (shared + 1) * d_head)
        for place in range(n):
            seen = place + 1 if causal else n
            scores = wide(k[:seen, its]) @ wide(q[place, own]) / d_head**0.5
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            np.testing.assert_allclose(looked[head, place, :seen], shares, atol=1e-6)
            assert not looked[head, place, seen:].any()
            np.testing.assert_allclose(gathered[place, own], shares @ wide(v[:seen, its]), atol=1e-5)


@pytest.mark.parametrize("adjacent", [True, False])
def test_rotation_keeps_lengths_and_depends_on_distance_alone(adjacent):
    turn = Rotation(10_000.0, adjacent)
    rng = np.random.default_rng(2)
    one, two = rng.normal(size=(2, 16)).astype(np.float32)
    first = turn(np.repeat(one[None, None], 9, axis=0))[:, 0]
    second = turn(np.repeat(two[None, None], 9, axis=0))[:, 0]
    np.testing.assert_allclose(first[0], one, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), np.linalg.norm(one), rtol=1e-5)
    for gap in (1, 3):
        products = [float(first[at + gap] @ second[at]) for at in range(9 - gap)]
        np.testing.assert_allclose(products, products[0], atol=1e-4)


def test_a_text_goes_through_all_layers(bert):
    run = forward(bert, TEXT)
    assert [token.bytes for token in run.tokens] == [
        *[b"[CLS]", b"The", b"king", b"sat", b"on", b"the", b"bank", b".", b"[SEP]"]
    ]
    assert len(run.trace.states) == LAYERS + 1
    assert run.trace.attention[0].shape == (HEADS, 9, 9)
    np.testing.assert_allclose(run.trace.attention[1].sum(axis=-1), 1, rtol=1e-5)
    rows = bert.matrix.rows.take(np.array(run.ids))
    positions = np.stack([bert.positions.row(place) for place in range(9)])
    np.testing.assert_array_equal(run.inputs, bert.input_layer.embed(rows, positions))
    assert last_word(run) == 7
    # a word is another vector in another sentence
    other = forward(bert, "A queen and the bank of money")
    pairs = shared_tokens(run.ids, other.ids)
    assert [run.ids[a] for a, _ in pairs] == [other.ids[b] for _, b in pairs]
    a, b = next((a, b) for a, b in pairs if run.tokens[a].bytes == b"bank")
    meeting = compare(run, other, a, b)
    assert len(meeting.by_layer) == LAYERS + 1
    assert meeting.by_layer[-1] < 0.9999
    itself = compare(run, run, a, a)
    np.testing.assert_allclose(itself.by_layer, 1)
    assert itself.sentences == pytest.approx(1)


def test_a_sentence_is_the_mean_of_its_tokens(bert):
    run = forward(bert, TEXT)
    np.testing.assert_allclose(sentence_vector(run), wide(run.trace.states[-1]).mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("model", ["gpt2", "llama"])
def test_no_token_of_a_causal_model_sees_what_comes_after(model, request):
    space = request.getfixturevalue(model)
    one, two = forward(space, " the king sat"), forward(space, " the king on")
    same = len(two.ids) - 1
    assert one.ids[:same] == two.ids[:same]
    for layer in range(LAYERS + 1):
        np.testing.assert_allclose(one.trace.states[layer][:same], two.trace.states[layer][:same], atol=1e-5)
    assert not np.allclose(one.trace.states[-1][same], two.trace.states[-1][same])


@pytest.mark.parametrize("model", ["gpt2", "llama"])
def test_probabilities_are_the_softmax_of_all_scores(model, request):
    space = request.getfixturevalue(model)
    run = forward(space, " the king")
    for layer in (0, LAYERS):
        found = next_tokens(run, 1, layer, k=5)
        output = space.model.output.take(np.arange(len(space)))
        scores = wide(output) @ wide(run.finished(layer, 1))
        expected = np.exp(scores - scores.max())
        expected /= expected.sum()
        np.testing.assert_allclose(found.probabilities, expected, rtol=1e-4, atol=1e-7)
        assert [token for token, _ in found.best] == np.argsort(-expected, kind="stable")[:5].tolist()
        assert found.entropy == pytest.approx(-(expected * np.log2(expected)).sum(), rel=1e-4)
        assert found.searched == len(space)


@pytest.mark.parametrize("model", ["bert", "gpt2", "llama"])
def test_the_lens_is_the_best_of_each_vector(model, request, monkeypatch):
    # several blocks, so that the best of one gives way to that of another
    monkeypatch.setattr("tui_embed.engine.rows.BLOCK_BYTES", 4 * D * 7)
    space = request.getfixturevalue(model)
    run = forward(space, " the king sat")
    found = lens(run)
    assert found.best.shape == (LAYERS + 1, len(run.ids))
    assert found.predicts == (model != "bert")
    for layer in range(LAYERS + 1):
        for place in range(len(run.ids)):
            if found.predicts:
                token, share = next_tokens(run, place, layer, k=1).best[0]
            else:
                nearest = neighbors_at(run, layer, place, 1).neighbors[0]
                token, share = nearest.id, nearest.score
            assert found.best[layer, place] == token
            assert found.scores[layer, place] == pytest.approx(share, rel=1e-4)


def test_a_space_without_a_model_ends_at_its_rows():
    from tui_embed.sources.bundled import glove

    run = forward(glove(), "the king")
    assert run.trace is None
    assert run.n_layers == 0
    np.testing.assert_array_equal(run.inputs, run.token_rows)
    assert neighbors_at(run, 0, 1, 2).neighbors[0].token == "king"
    for asked in (lambda: next_tokens(run, 0), lambda: sentence_vector(run)):
        with pytest.raises(UsageError):
            asked()


def test_what_cannot_be_asked(bert, gpt2):
    run = forward(bert, TEXT)
    with pytest.raises(UsageError, match="gives no probabilities"):
        next_tokens(run, 0)
    with_output = copy(bert)
    with_output.model = replace(bert.model, output=bert.matrix.rows)
    with pytest.raises(UsageError, match="reads whole sentences"):
        next_tokens(replace(run, space=with_output), 0)
    with pytest.raises(UsageError, match="no token of the text"):
        forward(gpt2, "")
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        forward(gpt2, " the king", token)


def test_a_long_text_keeps_the_token_at_its_end(bert):
    run = forward(bert, "the king " * 100)
    assert len(run.ids) == 32
    assert [run.tokens[place].bytes for place in (0, -2, -1)] == [b"[CLS]", b"king", b"[SEP]"]
    assert run.left_out == 202 - 32


def test_long_texts_are_cut_and_it_is_said(gpt2):
    run = forward(gpt2, " the" * 100)
    assert len(run.ids) == 32
    assert run.left_out == 68
    assert len(forward(gpt2, " the" * 100, most=5).ids) == 5
