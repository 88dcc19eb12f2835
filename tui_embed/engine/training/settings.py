"""What a training is told to do; everything that decides its result, with a default for each."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from tui_embed.errors import UsageError

Objective = Literal["skipgram", "cbow", "glove", "lm"]
Schedule = Literal["linear", "cosine", "constant"]
StartKind = Literal["normal", "uniform", "space"]
Freeze = Literal["nothing", "everything", "pretrained", "tokens"]
RareWords = Literal["keep", "regularise", "fallback"]
Body = Literal["mlp", "attention"]
Engine = Literal["numpy", "gensim"]

OBJECTIVES: tuple[Objective, ...] = get_args(Objective)

DEFAULT_RATES: Mapping[Objective, float] = {"skipgram": 0.025, "cbow": 0.05, "glove": 0.05, "lm": 0.003}
"""Learning rates to begin with: word2vec.c's for skip-gram and CBOW, GloVe's for its AdaGrad."""

LAST_RATE = 1e-4
"""A schedule ends at this learning rate, or at a hundredth of the first where that is less."""

MOST_WIDTH, MOST_WINDOW, MOST_NEGATIVES, MOST_EPOCHS, MOST_CONTEXT = 4096, 100, 1000, 100_000, 1024


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Settings of one training. UsageError for values that make no sense.

    - ``negatives`` noise words a prediction (skip-gram, CBOW); 0 is the full softmax over the vocabulary
    - ``window`` words on each side (skip-gram, CBOW, GloVe); with ``dynamic_window`` each word draws its own
      from 1 … window, as word2vec does
    - ``min_count``: words seen fewer times have no row; with ``unk`` they share the row of ``<unk>``, without
      they are left out of the text
    - ``subsample``: frequent words are left out with the probability of Mikolov et al. 2013 for this
      threshold; 0 is never
    - ``learning_rate`` None is the objective's own; ``schedule`` says how it falls
    - ``ngrams``: skip-gram builds a word from its own row and those of its n-grams of so many characters
      (Bojanowski et al. 2017), hashed into ``buckets`` rows
    - ``start``: rows from N(0, ``start_std``²), from the uniform distribution on ±start_std·√3, or from a
      ``space`` that is open; ``start_std`` None is 0.5 / d_model / √3 (word2vec's), 0.02 for ``lm``
    - ``freeze``: which token rows the training leaves as they are; ``frozen_tokens`` names them for "tokens"
    - ``rare``: what is done about words seen fewer than ``rare_count`` times: nothing; their rows are drawn
      to the mean row; or at the end they get the vector of their n-grams, of ``<unk>``, or the mean row
    - ``x_max`` and ``alpha`` weigh GloVe's pairs (Pennington et al. 2014)
    - ``n_ctx``, ``body``, ``d_hidden``, ``tied``, ``batch``: the language model's context, block, width of
      the hidden layer, whether it scores by its own token rows, and examples a step
    - ``heldout``: the share of sentences that is not trained on, to measure on
    """

    objective: Objective = "skipgram"
    d_model: int = 100
    window: int = 5
    negatives: int = 5
    epochs: int = 5
    min_count: int = 5
    unk: bool = False
    subsample: float = 1e-3
    dynamic_window: bool = True
    learning_rate: float | None = None
    schedule: Schedule = "linear"
    seed: int = 1
    ngrams: tuple[int, int] | None = None
    buckets: int = 200_000
    start: StartKind = "uniform"
    start_std: float | None = None
    freeze: Freeze = "nothing"
    frozen_tokens: tuple[str, ...] = ()
    rare: RareWords = "keep"
    rare_count: int = 10
    x_max: float = 100.0
    alpha: float = 0.75
    n_ctx: int = 8
    body: Body = "mlp"
    d_hidden: int = 128
    tied: bool = True
    batch: int = 128
    heldout: float = 0.05
    tokens: str = "words"
    """How the corpus was split: ``words``, ``characters``, or the name of an encoding."""
    engine: Engine = "numpy"
    threads: int = 1
    """Workers of gensim; threads of matrix products of our own engine."""

    def __post_init__(self) -> None:
        for name, kinds in _CHOICES.items():
            if getattr(self, name) not in kinds:
                raise UsageError(
                    f"{name} is {getattr(self, name)!r}", f"it is one of {', '.join(map(str, kinds))}"
                )
        for name, (least, most) in _BOUNDS.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"{name} is {value:,}", f"it is {least:,} … {most:,}")
        for name in ("learning_rate", "start_std"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise UsageError(f"{name} is {value}", "it is a number, 0 or more")
        self._check_ngrams()
        if self.freeze == "tokens" and not self.frozen_tokens:
            raise UsageError("no token to freeze is named", "name them, or freeze nothing")
        if self.freeze == "pretrained" and self.start != "space":
            raise UsageError("there are no pretrained rows to freeze", "start from a space")
        if self.engine == "gensim" and self.objective not in ("skipgram", "cbow"):
            raise UsageError(f"gensim does not train {self.objective}", "it trains skipgram and cbow")

    def _check_ngrams(self) -> None:
        if self.ngrams is None:
            return
        if self.objective != "skipgram" or self.negatives == 0:
            raise UsageError(
                "n-grams are an option of skip-gram with negative sampling", "leave them out, or choose it"
            )
        minn, maxn = self.ngrams
        if not 1 <= minn <= maxn <= 16:
            raise UsageError(f"n-grams of {minn} … {maxn} characters", "give 1 ≤ least ≤ most ≤ 16")

    @property
    def first_rate(self) -> float:
        """The learning rate of the first step."""
        return DEFAULT_RATES[self.objective] if self.learning_rate is None else self.learning_rate

    def rate_at(self, share: float) -> float:
        """The learning rate when ``share`` (0 … 1) of the training is over."""
        first = self.first_rate
        last = min(LAST_RATE, first / 100)
        if self.schedule == "constant":
            return first
        if self.schedule == "cosine":
            return last + (first - last) * (1 + math.cos(math.pi * min(1.0, share))) / 2
        return first + (last - first) * min(1.0, share)

    @property
    def drawn_std(self) -> float:
        """The standard deviation of rows that are drawn."""
        if self.start_std is not None:
            return self.start_std
        return 0.02 if self.objective == "lm" else 0.5 / self.d_model / math.sqrt(3)

    def as_json(self) -> dict[str, Any]:
        """All settings as JSON holds them."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "TrainingSettings":
        """The settings that :meth:`as_json` gave. TypeError, ValueError or UsageError for anything else."""
        values = dict(found)
        for field in fields(cls):
            if field.name not in values:
                continue
            value = values[field.name]
            if field.name in ("ngrams", "frozen_tokens") and value is not None:
                values[field.name] = tuple(value)
            elif field.name in _BOUNDS and not isinstance(value, int | float):
                raise TypeError(f"{field.name} is {type(value).__name__}")
        return cls(**values)


_CHOICES: Mapping[str, tuple[object, ...]] = {
    "objective": OBJECTIVES,
    "schedule": get_args(Schedule),
    "start": get_args(StartKind),
    "freeze": get_args(Freeze),
    "rare": get_args(RareWords),
    "body": get_args(Body),
    "engine": get_args(Engine),
}
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "d_model": (1, MOST_WIDTH),
    "window": (1, MOST_WINDOW),
    "negatives": (0, MOST_NEGATIVES),
    "epochs": (1, MOST_EPOCHS),
    "min_count": (1, 1_000_000_000),
    "subsample": (0, 1),
    "seed": (0, 2**63 - 1),
    "buckets": (1, 1 << 26),
    "rare_count": (1, 1_000_000_000),
    "x_max": (1e-9, 1e12),
    "alpha": (0, 10),
    "n_ctx": (1, MOST_CONTEXT),
    "d_hidden": (1, MOST_WIDTH),
    "batch": (1, 65_536),
    "heldout": (0, 0.9),
    "threads": (1, 256),
}
