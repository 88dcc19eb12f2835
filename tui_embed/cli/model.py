"""What verbs say of the language model that a space belongs to."""

import shlex

from tui_embed.engine.positions import LearnedPositions
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import counted, percent

OUTPUTS = {
    "tied": "tied: W_E itself scores the next token",
    "separate": "separate: rows of its own score the next token",
    "none": "none: no scores of a next token",
    "unknown": "not known: not all files of the model were opened",
}


def share_of_model(space: EmbeddingSpace) -> float | None:
    """How much of all parameters the token matrix is, where those are counted."""
    model = space.model
    if model is None or not model.n_params:
        return None
    return len(space) * space.d_model / model.n_params


def why_no_layers(space: EmbeddingSpace) -> str:
    """Why a text's way ends at the input embeddings; "" where it goes on."""
    if space.model is not None:
        return "" if space.model.load_body is not None else space.model.no_body
    if not space.provenance.trained:
        return "a matrix was drawn here, and no layers with it"
    return "these are static vectors, one a token, and no language model's checkpoint"


def instead_of_layers(space: EmbeddingSpace) -> str:
    """What can be done where there are none."""
    if space.model is None:
        return "for a model with layers: tui-embed fetch minilm, then --space minilm"
    return "row, neighbors, find, calc, statistics and undertrained need none"


def model_json(space: EmbeddingSpace) -> dict[str, object] | None:
    """The model with the tensors of its input and output layers; None for a space of none."""
    model = space.model
    if model is None:
        return None
    return {
        "title": model.title,
        "numbers": model.numbers,
        "quantised": model.is_quantised,
        "n_params": model.n_params,
        "share_of_model": share_of_model(space),
        "n_layers": model.n_layers,
        "n_heads": model.n_heads,
        "input_layer": space.input_layer.said or "W_E",
        "output": model.output_kind,
        "why_no_layers": why_no_layers(space) or None,
        "tensors": [
            {"part": part.role, "name": part.name, "shape": list(part.shape), "numbers": part.numbers}
            for part in model.parts
        ],
    }


def model_facts(space: EmbeddingSpace, asked: str) -> list[tuple[str, str]]:
    """The same in lines for a person, who called it ``asked``; nothing for a space of no model."""
    model, share = space.model, share_of_model(space)
    if model is None:
        return []
    depth = [
        counted(count, what) for count, what in ((model.n_layers, "layer"), (model.n_heads, "head")) if count
    ]
    n_numbers = f"{len(space) * space.d_model:,} numbers, {model.numbers}"
    reason = why_no_layers(space) or (
        "" if space.tokenizer is not None else "nothing here splits texts for it"
    )
    if reason:
        forward = reason if reason.startswith("no ") else f"no: {reason}"
    else:
        forward = f"yes: tui-embed forward TEXT --space {shlex.quote(asked)}"
    of_all = "" if share is None else f": {percent(share)} of the model's {model.n_params:,}"
    return [
        ("model", ", ".join([model.title, *depth])),
        ("W_E", n_numbers + of_all),
        ("input", _input_said(space)),
        ("output", OUTPUTS[model.output_kind]),
        ("forward", forward),
    ]


def _input_said(space: EmbeddingSpace) -> str:
    """What becomes of a token's row on its way into the first layer; "" for nothing."""
    said = space.input_layer.said
    if not isinstance(space.positions, LearnedPositions):
        return said
    rows, comma, then = (said or "W_E").partition(", ")
    return f"{rows} + W_P{comma}{then}"


def tensor_rows(space: EmbeddingSpace) -> list[tuple[str, ...]]:
    """A table of the tensors of the input and output layers, by the names that the checkpoint has."""
    parts = () if space.model is None else space.model.parts
    return [
        (part.role, " × ".join(f"{count:,}" for count in part.shape), part.numbers, part.name)
        for part in parts
    ]
