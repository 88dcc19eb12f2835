"""The input layer of a checkpoint: its token rows, its positions, and what is done to their sum."""

from dataclasses import dataclass
from math import sqrt

from tui_embed.engine.input_layer import InputLayer, LayerNorm
from tui_embed.engine.positions import LearnedPositions, NoPositions, Positions, SinusoidalPositions
from tui_embed.errors import SourceError
from tui_embed.sources.models.architectures import (
    AFTER_PADDING,
    BY_TYPE,
    NAMES_BY_SHAPE,
    SCALE_FLAG,
    Architecture,
    by_marks,
    placing_note,
)
from tui_embed.sources.models.config import Config
from tui_embed.sources.models.output import Output, find_output
from tui_embed.sources.models.tensors import StoredTensor, TensorRows
from tui_embed.sources.models.weights import ONE_OF_SEVERAL, Weights

PADDING, MOST_PADDING = 1, 16
"""The padding token of RoBERTa, and what is a padding token at all."""
LEAST_VOCABULARY = 64
"""Rows that a matrix found by its shape has at least."""
MOST_LISTED = 6
MOST_TITLE = 40
_POSITIONS = "position row"


@dataclass(frozen=True, eq=False, slots=True)
class Input:
    """The parts of an input layer, and what should be said of how they were found."""

    architecture: Architecture
    tensor: StoredTensor
    positions: Positions
    layer: InputLayer
    output: Output
    notes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        n_vocab, d_model = self.tensor.shape
        return n_vocab, d_model


def find_input(
    weights: Weights, config: Config, where: object, architecture: Architecture | None = None
) -> Input:
    """The input layer among ``weights``, of the ``architecture`` that is known or found. SourceError, about
    ``where``, when there is none to be found.
    """
    notes: list[str] = []
    architecture = architecture or _known(weights, config)
    tensor = None if architecture is None else weights.of(architecture.tokens)
    if architecture is None or tensor is None or len(tensor.shape) != 2:
        architecture, tensor = _unknown(weights, config, where, architecture, notes)
    n_vocab, d_model = tensor.shape
    if not n_vocab or not d_model:
        raise tensor.file.error(f"{n_vocab:,} × {d_model:,} numbers are no matrix of tokens", tensor.place)
    positions = _positions(weights, config, architecture, d_model)
    layer = _layer(weights, config, architecture, d_model, notes)
    output = find_output(weights, config, architecture, tensor)
    return Input(architecture, tensor, positions, layer, output, (*notes, *output.notes))


def _known(weights: Weights, config: Config) -> Architecture | None:
    """The line of the table; names of tensors tell only where the configuration does not say what it is: many
    models have BERT's or Llama's names, and do something else.
    """
    return BY_TYPE.get(config.model_type) if config.model_type else by_marks(weights.tensors)


def _unknown(
    weights: Weights, config: Config, where: object, architecture: Architecture | None, notes: list[str]
) -> tuple[Architecture, StoredTensor]:
    """What is left for a model of which no line of the table tells the whole: its token rows."""
    title = (config.model_type or "a model") if architecture is None else architecture.title
    title = title[:MOST_TITLE]
    alike = None if architecture is not None else by_marks(weights.tensors)
    name = None if alike is None else weights.find(alike.tokens)
    how = "name"
    if name is None or len(weights.tensors[name].shape) != 2:
        name, how = _by_shape(weights, config, where), "shape"
    notes.append(f"{title} is not in the table of models: {name[:80]} was found by its {how}")
    notes.append(
        f"what {title} adds to its token rows or makes of them is not known here: "
        "its input embeddings are shown as the token rows alone"
    )
    return Architecture(title, (), (name,), "unknown"), weights.tensors[name]


def _by_shape(weights: Weights, config: Config, where: object) -> str:
    """The matrix that has a row for each token, by what the configuration says and by its name."""
    n_vocab, d_model = config.count("vocab_size", "n_vocab"), config.count("hidden_size", "n_embd", "d_model")
    matrices = {
        name: tensor.shape
        for name, tensor in weights.tensors.items()
        if len(tensor.shape) == 2 and tensor.shape[0] >= LEAST_VOCABULARY
    }
    likely = [
        name
        for name, (rows, width) in matrices.items()
        if (n_vocab is None or rows >= n_vocab) and (d_model is None or width == d_model)
        if any(part in name.lower() for part in NAMES_BY_SHAPE) and "pos" not in name.lower()
    ]
    if not likely and weights.missing:
        missing = f"{weights.missing[0][:80]} is missing"
        what = f"the matrix of the tokens is not in the files that are here: {missing}"
        raise SourceError(where, what, hint="bring all files that its index names")
    if not likely:
        tallest = sorted(matrices, key=lambda name: -matrices[name][0])[:MOST_LISTED]
        listed = ", ".join(f"{name[:40]} {matrices[name][0]:,} × {matrices[name][1]:,}" for name in tallest)
        hint = f"open FILE#NAME with one of {listed}" if listed else ""
        if weights.is_one_of_several:
            hint = f"it is {ONE_OF_SEVERAL}"
        raise SourceError(where, "no matrix in it is known to be that of the tokens", "its tensors", hint)
    return max(likely, key=lambda name: (matrices[name][0], -len(name)))


def _positions(weights: Weights, config: Config, architecture: Architecture, d_model: int) -> Positions:
    if architecture.placing == "sinusoidal":
        return SinusoidalPositions(d_model, config.count("max_position_embeddings"))
    if architecture.placing != "learned":
        # Falcon has either, and its first models had this
        placing = "alibi" if config.flag("alibi") else architecture.placing
        return NoPositions(placing_note(placing, config.number("rope_theta")))
    tensor = weights.of(architecture.positions)
    if tensor is None or len(tensor.shape) != 2 or tensor.shape[1] != d_model:
        return NoPositions(f"this checkpoint has no {_POSITIONS}s of {d_model:,} numbers")
    offset = architecture.offset
    if offset == AFTER_PADDING:
        padding = config.values.get("pad_token_id")
        offset = (padding if type(padding) is int and 0 <= padding < MOST_PADDING else PADDING) + 1
    if tensor.shape[0] <= offset:
        raise tensor.file.error(f"{tensor.shape[0]:,} rows for positions are too few", tensor.place)
    note = "learned, from the checkpoint"
    if offset:
        note += f"; position 0 is row {offset} of it"
    return LearnedPositions(TensorRows(tensor, offset), note)


def _layer(
    weights: Weights, config: Config, architecture: Architecture, d_model: int, notes: list[str]
) -> InputLayer:
    scale = 1.0
    if architecture.scale == "sqrt" or (architecture.scale == SCALE_FLAG and config.flag(SCALE_FLAG)):
        scale = sqrt(d_model)
        notes.append(f"{architecture.title} multiplies its rows by √{d_model:,} = {scale:.4g} before use")
    elif architecture.scale and architecture.scale != SCALE_FLAG:
        scale = config.number(architecture.scale) or 1.0
        if scale != 1:
            notes.append(f"{architecture.title} multiplies its rows by {scale:g} before use")
    types = weights.of((architecture.token_types,)) if architecture.token_types else None
    token_type = None
    if types is not None and len(types.shape) == 2 and types.shape[1] == d_model and types.shape[0]:
        token_type = TensorRows(types).part(0, 1)[0]
    return InputLayer(scale, token_type, _norm(weights, config, architecture, d_model))


def _norm(weights: Weights, config: Config, architecture: Architecture, d_model: int) -> LayerNorm | None:
    for name in architecture.norm:
        # older checkpoints write TensorFlow's names
        weight = weights.of((f"{name}.weight", f"{name}.gamma"))
        bias = weights.of((f"{name}.bias", f"{name}.beta"))
        if weight is not None and weight.shape == (d_model,):
            whole = None if bias is None or bias.shape != (d_model,) else bias.read()
            epsilon = config.number("layer_norm_eps", "layer_norm_epsilon", "norm_eps")
            return LayerNorm(weight.read(), whole, architecture.epsilon if epsilon is None else abs(epsilon))
    return None
