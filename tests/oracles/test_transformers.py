"""Layers and layouts against transformers and torch: random weights in the shapes of real architectures,
saved by the library itself, and MiniLM and SmolLM2 as they are published.
"""

import numpy as np
import pytest
from checkpoints import byte_level, n_tokens
from real import fetched

import tui_embed
from tui_embed.engine.models.forward import forward, next_tokens, sentence_vector
from tui_embed.engine.neighbors import cosine

pytestmark = pytest.mark.torch

TEXTS = ["the king sat on the bank of a river.", " money and 猫"]
SENTENCES = [
    "He sat on the bank of the river.",
    "She took her money to the bank.",
    "A cat sleeps on the mat.",
    "国王 and 苹果, 1984!",
    "x" * 300,
    "Strawberry fields for ever " * 40,
]
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}


def models():
    """Each architecture with its class and configuration."""
    import transformers as t

    n = n_tokens(byte_level())
    small = {**SMALL, "vocab_size": n, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0}
    gpt2 = {
        "n_embd": 32,
        "n_layer": 3,
        "n_head": 4,
        "n_positions": 64,
        "vocab_size": n,
        "bos_token_id": 1,
        "eos_token_id": 1,
    }
    return {
        "gpt2": (t.GPT2LMHeadModel, t.GPT2Config(**gpt2)),
        "bert": (t.BertModel, t.BertConfig(**small)),
        "roberta": (t.RobertaModel, t.RobertaConfig(**small, max_position_embeddings=66, type_vocab_size=1)),
        "electra": (t.ElectraModel, t.ElectraConfig(**small, embedding_size=32)),
        "distilbert": (
            t.DistilBertModel,
            t.DistilBertConfig(vocab_size=n, dim=32, hidden_dim=64, n_layers=3, n_heads=4),
        ),
        "llama": (t.LlamaForCausalLM, t.LlamaConfig(**small)),
        "llama-grouped": (t.LlamaForCausalLM, t.LlamaConfig(**small, num_key_value_heads=2, rope_theta=5e5)),
        "mistral": (t.MistralForCausalLM, t.MistralConfig(**small, num_key_value_heads=2)),
        "qwen2": (
            t.Qwen2ForCausalLM,
            t.Qwen2Config(**small, num_key_value_heads=2, tie_word_embeddings=True),
        ),
    }


def inputs_only():
    """Architectures of which only the input layer is read."""
    import transformers as t

    n = n_tokens(byte_level())
    small = {**SMALL, "vocab_size": n, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0}
    return {
        "gemma": (t.GemmaForCausalLM, t.GemmaConfig(**small, num_key_value_heads=4, head_dim=8)),
        "phi3": (t.Phi3ForCausalLM, t.Phi3Config(**small)),
        "gpt_neox": (t.GPTNeoXForCausalLM, t.GPTNeoXConfig(**small)),
        "modernbert": (
            t.ModernBertModel,
            t.ModernBertConfig(**small, cls_token_id=1, sep_token_id=1),
        ),
    }


def saved(folder, model, shard="1GB"):
    import json

    model.eval()
    model.save_pretrained(folder, max_shard_size=shard)
    (folder / "tokenizer.json").write_text(json.dumps(byte_level()), encoding="utf-8")
    return tui_embed.load(folder)


def reference(model, ids):
    import torch

    with torch.no_grad():
        return model(torch.tensor([list(ids)]), output_hidden_states=True, output_attentions=True)


@pytest.mark.parametrize("shard", ["1GB", "20KB"])
@pytest.mark.parametrize(
    "name", ["gpt2", "bert", "roberta", "electra", "distilbert", "llama", "llama-grouped", "mistral", "qwen2"]
)
def test_every_layer_is_the_references(tmp_path, name, shard):
    import torch

    torch.manual_seed(3)
    kind, config = models()[name]
    config._attn_implementation = "eager"
    model = kind(config)
    with torch.no_grad():
        for parameter in model.parameters():
            # the usual start is so small that a wrong layer would hardly be seen
            parameter.add_(torch.randn_like(parameter) * 0.1)
    space = saved(tmp_path / name, model, shard)
    assert space.model.n_params == sum(p.numel() for p in {id(p): p for p in model.parameters()}.values())
    for text in TEXTS:
        run = forward(space, text)
        found = reference(model, run.ids)
        hidden = [state[0].numpy() for state in found.hidden_states]
        last = run.body.finish(run.trace.states[-1])
        for ours, theirs in zip([*run.trace.states[:-1], last], hidden, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5)
        for ours, theirs in zip(run.trace.attention, found.attentions, strict=True):
            np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-5)
        if run.body.is_causal:
            expected = torch.softmax(found.logits[0, -1], -1).numpy()
            np.testing.assert_allclose(
                next_tokens(run, len(run.ids) - 1).probabilities, expected, rtol=1e-3, atol=1e-6
            )


@pytest.mark.parametrize("name", ["gemma", "phi3", "gpt_neox", "modernbert"])
def test_the_input_embedding_is_the_references(tmp_path, name):
    import torch

    torch.manual_seed(3)
    kind, config = inputs_only()[name]
    model = kind(config)
    space = saved(tmp_path / name, model)
    run = forward(space, TEXTS[0])
    assert run.trace is None
    hidden = reference(model, run.ids).hidden_states[0][0].numpy()
    np.testing.assert_allclose(run.inputs, hidden, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def minilm():
    return tui_embed.load(fetched("minilm").kept.folder)


def test_minilm_is_the_references_to_the_fourth_nine(minilm):
    import torch
    import transformers

    model = transformers.BertModel.from_pretrained(fetched("minilm").kept.folder, attn_implementation="eager")
    model.eval()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(fetched("minilm").kept.folder / "tokenizer.json")
    )
    tokens, sentences = [], []
    for text in SENTENCES:
        run = forward(minilm, text)
        ids = tokenizer(text, truncation=True, max_length=len(run.ids))["input_ids"]
        assert list(run.ids) == ids
        with torch.no_grad():
            found = model(torch.tensor([ids])).last_hidden_state[0].numpy()
        tokens += [cosine(a, b) for a, b in zip(run.trace.states[-1], found, strict=True)]
        sentences.append(cosine(sentence_vector(run), found.mean(axis=0)))
    assert min(tokens) > 0.99999
    assert min(sentences) > 0.99999


def test_smollm2_says_what_the_reference_says():
    import torch
    import transformers

    folder = fetched("smollm2").kept.folder
    space = tui_embed.load(folder)
    (file,) = folder.glob("*.gguf")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=file.name)
    model.eval()
    for text in ("The capital of France is", "def add(a, b):\n    return"):
        run = forward(space, text)
        with torch.no_grad():
            scores = model(torch.tensor([list(run.ids)])).logits[0, -1]
        expected = torch.softmax(scores.float(), -1).numpy()
        found = next_tokens(run, len(run.ids) - 1)
        np.testing.assert_allclose(found.probabilities, expected, atol=2e-4)
        assert found.best[0][0] == int(expected.argmax())
