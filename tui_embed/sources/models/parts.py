"""Which tensors of a checkpoint its input and output layers are made of, by name."""

from tui_embed.engine.models.model import Part
from tui_embed.engine.positions import LearnedPositions
from tui_embed.sources.models.input import Input
from tui_embed.sources.models.tensors import StoredTensor, TensorRows
from tui_embed.sources.models.weights import Weights


def parts_of(weights: Weights, found: Input) -> tuple[Part, ...]:
    """The tensors that are used of an input layer, and the output rows where those are its own."""
    architecture, positions, output = found.architecture, found.positions, found.output
    parts: list[tuple[str, StoredTensor | None]] = [("W_E", found.tensor)]
    if isinstance(positions, LearnedPositions) and isinstance(positions.rows, TensorRows):
        parts.append(("W_P", positions.rows.tensor))
    if found.layer.token_type is not None:
        parts.append(("token type", weights.of((architecture.token_types,))))
    if found.layer.norm is not None:
        names = [f"{name}.{end}" for name in architecture.norm for end in ("weight", "gamma")]
        parts.append((found.layer.norm_name, weights.of(names)))
    if output.kind == "separate" and isinstance(output.rows, TensorRows):
        parts.append(("output", output.rows.tensor))
    return tuple(_part(role, tensor) for role, tensor in parts if tensor is not None)


def _part(role: str, tensor: StoredTensor) -> Part:
    numbers = tensor.type_name if tensor.encoding is None else tensor.encoding.name
    return Part(role, tensor.name, tensor.shape, numbers)
