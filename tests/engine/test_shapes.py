"""The table of models against counting their parameters from the published configurations."""

import pytest

from tui_embed.engine.shapes import MODEL_SHAPES

GPT2_LAYERS = {"gpt2": 12, "gpt2-medium": 24, "gpt2-large": 36, "gpt2-xl": 48}
# layers, feed-forward width
BERT = {"bert-base": (12, 3072), "minilm": (6, 1536)}
# layers, feed-forward width, width of queries, width of keys and of values, biases of those
ROPE = {
    "llama2-7b": (32, 11008, 4096, 4096, 0),
    "mistral-7b": (32, 14336, 4096, 1024, 0),
    "llama3-8b": (32, 14336, 4096, 1024, 0),
    "qwen2.5-7b": (28, 18944, 3584, 512, 3584 + 2 * 512),
    "gemma-2b": (18, 16384, 2048, 256, 0),
}


@pytest.mark.parametrize("name", GPT2_LAYERS)
def test_gpt2s_count(name: str) -> None:
    shape, d = MODEL_SHAPES[name], MODEL_SHAPES[name].d_model
    assert shape.n_params == shape.embedding_params + GPT2_LAYERS[name] * (12 * d * d + 13 * d) + 2 * d


@pytest.mark.parametrize("name", BERT)
def test_berts_count(name: str) -> None:
    shape, d = MODEL_SHAPES[name], MODEL_SHAPES[name].d_model
    layers, wide = BERT[name]
    layer = 4 * (d * d + d) + 2 * d * wide + wide + d + 4 * d
    token_types_and_norm, pooler = 2 * d + 2 * d, d * d + d
    assert shape.n_params == shape.embedding_params + token_types_and_norm + layers * layer + pooler


@pytest.mark.parametrize("name", ROPE)
def test_models_with_rope_count(name: str) -> None:
    shape, d = MODEL_SHAPES[name], MODEL_SHAPES[name].d_model
    layers, wide, queries, keys, biases = ROPE[name]
    layer = 2 * d * queries + 2 * d * keys + biases + 3 * d * wide + 2 * d
    assert shape.n_params == shape.token_params * (1 if shape.tied else 2) + layers * layer + d
    assert (shape.positions, shape.position_params) == ("none", 0)


def test_gpt3s_count_is_the_published_one() -> None:
    shape = MODEL_SHAPES["gpt3"]
    assert (shape.token_params, shape.position_params) == (617_558_016, 25_165_824)
    assert shape.embedding_params == 642_723_840
    assert f"{shape.share:.4%}" == "0.3673%"


def test_shares_are_those_of_the_reference() -> None:
    assert MODEL_SHAPES["gpt2"].token_params == 38_597_376
    assert f"{MODEL_SHAPES['gpt2'].share:.2%}" == "31.65%"
    assert f"{MODEL_SHAPES['minilm'].token_params / MODEL_SHAPES['minilm'].n_params:.2%}" == "51.60%"
    assert MODEL_SHAPES["transformer-base"].position_params == 0


def test_names_are_those_of_the_shapes() -> None:
    assert all(name == shape.name for name, shape in MODEL_SHAPES.items())
