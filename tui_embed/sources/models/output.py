"""The rows that score a next token: ``W_E`` itself, a matrix of its own, none that fits, or none that is in
the files that were opened.
"""

from dataclasses import dataclass

from tui_embed.engine.models.model import OutputKind
from tui_embed.engine.rows import Rows
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.models.architectures import Architecture, tied_by_default
from tui_embed.sources.models.config import Config
from tui_embed.sources.models.tensors import StoredTensor, TensorRows
from tui_embed.sources.models.weights import Weights


@dataclass(frozen=True, eq=False, slots=True)
class Output:
    """``rows`` ``(n_vocab, d_model)`` where there are any. ``n_copied`` numbers of the checkpoint are those
    of ``W_E`` once more: parameters that are no others.
    """

    kind: OutputKind
    rows: Rows | None = None
    n_copied: int = 0
    notes: tuple[str, ...] = ()


def find_output(weights: Weights, config: Config, architecture: Architecture, tokens: StoredTensor) -> Output:
    """What scores tokens, by what the configuration says, or what is so of this type of model, or else by
    what the checkpoint has.
    """
    tied = config.flag("tie_word_embeddings")
    tied = tied_by_default(config.model_type) if tied is None else tied
    found = weights.of(architecture.outputs) if architecture.outputs else None
    if found is not None and len(found.shape) == 2 and not tied:
        return _separate(found, tokens)
    is_encoder = architecture.body in ("bert", "distilbert")
    if found is None and not weights.is_whole and (is_encoder or not architecture.outputs or not tied):
        # they may well be in another file, and then W_E would give other scores
        where = "in this file" if weights.is_one_of_several else "in the files that are here"
        notes = (f"no output rows are {where}: no probabilities",) if architecture.outputs else ()
        return Output("unknown", notes=notes)
    if is_encoder or not architecture.outputs:
        # an encoder alone scores nothing; its masked-word head would be tied
        return Output("none") if found is None else _tied(found, tokens)
    return Output("none") if tied is False else _tied(found, tokens)


def _tied(found: StoredTensor | None, tokens: StoredTensor) -> Output:
    copied = found.size if found is not None and found.shape == tokens.shape else 0
    return Output("tied", TensorRows(tokens), copied)


def _separate(found: StoredTensor, tokens: StoredTensor) -> Output:
    """The rows of ``found``, as many as tokens have; none where they are too few or too wide for those."""
    n_vocab, d_model = tokens.shape
    n_rows, width = found.shape
    said = f"{found.name[:80]} has {n_rows:,} × {width:,} numbers, W_E {n_vocab:,} × {d_model:,}"
    if width != d_model or n_rows < n_vocab:
        return Output("none", notes=(f"{said}: it does not fit, so no probabilities",))
    try:
        rows = TensorRows(found, n_rows=n_vocab)
    except TuiEmbedError:
        return Output("none")
    notes = (f"{said}: its last {n_rows - n_vocab:,} rows are left out",) if n_rows > n_vocab else ()
    return Output("separate", rows, notes=notes)
