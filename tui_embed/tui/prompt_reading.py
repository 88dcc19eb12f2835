"""What a prompt reads of a trained language model, and the proof that it changes nothing."""

import zlib
from dataclasses import dataclass

import numpy as np

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.inference import Prediction, next_tokens
from tui_embed.engine.training.model import Model, model_of
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.vocabulary import decode_token
from tui_embed.tokenizers.splitting import WORDS
from tui_embed.tokenizers.trained import trained_tokenizer
from tui_embed.tui.widgets.line_input import clean


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """A prediction after a prompt of ``n_known`` tokens and those ``left_out``, which have no row.
    ``checksums`` are of all numbers of the model, before and after.
    """

    space: EmbeddingSpace
    settings: TrainingSettings
    prediction: Prediction
    n_known: int
    left_out: tuple[str, ...]
    checksums: tuple[int, int]

    def draw(self, generator: np.random.Generator) -> int:
        """The id of a next token, drawn by the probabilities: the best one where the temperature is 0."""
        shares = self.prediction.probabilities.astype(np.float64)
        return int(generator.choice(len(shares), p=shares / shares.sum()))


def read_prompt(space: EmbeddingSpace, text: str, temperature: float) -> Reading:
    """Read ``text`` with the model that ``space`` is. UsageError where it is no language model."""
    model = model_of(space)
    settings = model.settings
    tokens = trained_tokenizer(settings.tokens, space.vocabulary, model.unk).encode(text)
    known = [token.id for token in tokens if token.id is not None]
    before = checksum(model)
    prediction = next_tokens(model, known, temperature)
    left_out = dict.fromkeys(decode_token(token.bytes) for token in tokens if token.id is None)
    return Reading(space, settings, prediction, len(known), tuple(left_out), (before, checksum(model)))


def checksum(model: Model) -> int:
    """CRC-32 of every number of the model."""
    found = 0
    for name in sorted(model.parameters):
        found = zlib.crc32(np.ascontiguousarray(model.parameters[name]).data, found)
    return found


def continued(text: str, token_id: int, reading: Reading) -> str | None:
    """``text`` with a token after it; None where no text is read as that, as of a part of a character."""
    token = reading.space.vocabulary[token_id]
    longer = f"{text.rstrip()} {token}".lstrip() if reading.settings.tokens == WORDS else text + token
    if clean(longer) != longer:
        return None
    unk = model_of(reading.space).unk
    read = trained_tokenizer(reading.settings.tokens, reading.space.vocabulary, unk).encode(longer)
    return longer if read and read[-1].id == token_id else None
