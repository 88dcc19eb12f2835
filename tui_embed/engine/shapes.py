"""The shapes of known language models, and what share of their parameters the embedding matrices hold.

Figures are those of the published configurations; ``n_params`` counts every parameter once (tied output
weights are the token matrix itself). GPT-3's total is the published round figure.
"""

from dataclasses import dataclass

from tui_embed.engine.positions import PositionKind


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The sizes that decide a model's embedding matrices.

    ``positions`` is the kind of position rows, and ``"none"`` for models that rotate queries and keys
    instead (RoPE). ``tied``: the output layer is the token matrix itself. ``encoding``: the tokenizer,
    where it is one that comes with this program.
    """

    name: str
    title: str
    n_vocab: int
    d_model: int
    n_ctx: int | None
    positions: PositionKind
    tied: bool
    n_params: int
    encoding: str | None
    paper: str

    @property
    def token_params(self) -> int:
        return self.n_vocab * self.d_model

    @property
    def position_params(self) -> int:
        return self.n_ctx * self.d_model if self.n_ctx and self.positions == "learned" else 0

    @property
    def embedding_params(self) -> int:
        return self.token_params + self.position_params

    @property
    def share(self) -> float:
        """The part of all parameters that the token and position matrices hold, 0 … 1."""
        return self.embedding_params / self.n_params


_GPT2 = "Radford et al. 2019"
_GPT3 = "Brown et al. 2020"

# fmt: off
MODEL_SHAPES: dict[str, ModelShape] = {
    shape.name: shape
    for shape in (
        ModelShape("gpt2", "GPT-2 small", 50257, 768, 1024, "learned", True, 124_439_808, "r50k_base", _GPT2),
        ModelShape("gpt2-medium", "GPT-2 medium", 50257, 1024, 1024, "learned", True, 354_823_168, "r50k_base", _GPT2),
        ModelShape("gpt2-large", "GPT-2 large", 50257, 1280, 1024, "learned", True, 774_030_080, "r50k_base", _GPT2),
        ModelShape("gpt2-xl", "GPT-2 XL", 50257, 1600, 1024, "learned", True, 1_557_611_200, "r50k_base", _GPT2),
        ModelShape("gpt3", "GPT-3 175B", 50257, 12288, 2048, "learned", True, 175_000_000_000, "r50k_base", _GPT3),
        ModelShape("transformer-base", "Transformer base", 37000, 512, None, "sinusoidal", True, 65_000_000, None, "Vaswani et al. 2017"),
        ModelShape("bert-base", "BERT base", 30522, 768, 512, "learned", True, 109_482_240, None, "Devlin et al. 2019"),
        ModelShape("minilm", "all-MiniLM-L6-v2", 30522, 384, 512, "learned", True, 22_713_216, None, "Wang et al. 2020"),
        ModelShape("llama2-7b", "Llama 2 7B", 32000, 4096, 4096, "none", False, 6_738_415_616, None, "Touvron et al. 2023"),
        ModelShape("mistral-7b", "Mistral 7B", 32000, 4096, 32768, "none", False, 7_241_732_096, None, "Jiang et al. 2023"),
        ModelShape("llama3-8b", "Llama 3 8B", 128256, 4096, 8192, "none", False, 8_030_261_248, None, "Grattafiori et al. 2024"),
        ModelShape("qwen2.5-7b", "Qwen2.5 7B", 152064, 3584, 131072, "none", False, 7_615_616_512, None, "Yang et al. 2024"),
        ModelShape("gemma-2b", "Gemma 2B", 256000, 2048, 8192, "none", True, 2_506_172_416, None, "Gemma team 2024"),
    )
}
# fmt: on
