"""What is known of the language model that a space's rows belong to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tui_embed.engine.rows import Rows

if TYPE_CHECKING:
    from tui_embed.engine.models.body import Body

OutputKind = Literal["tied", "separate", "none", "unknown"]
"""Whether scores of next tokens come from ``W_E`` itself, from a matrix of its own, or from none here;
unknown where not all files of the model were opened.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor of the input or output layer: what it is for, and how the checkpoint calls and keeps it."""

    role: str
    name: str
    shape: tuple[int, ...]
    numbers: str


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """``title`` names the architecture. ``n_params`` counts every parameter of the checkpoint once, None
    where not all files of it were opened; ``numbers`` is how the rows of ``W_E`` are kept there ("bfloat16",
    "Q4_1").

    ``output`` are the rows that a next token is scored by, ``(n_vocab, d_model)``: those of ``W_E`` where
    they are tied. ``load_body`` gives what a forward pass runs on, None where none is known for it, for the
    reason ``no_body``.
    """

    title: str
    numbers: str
    is_quantised: bool = False
    n_params: int | None = None
    n_layers: int | None = None
    n_heads: int | None = None
    output_kind: OutputKind = "none"
    output: Rows | None = None
    load_body: "Callable[[], Body] | None" = None
    no_body: str = ""
    unused_ids: frozenset[int] = frozenset()
    """Rows without a token: the matrix is taller than the vocabulary."""
    special_ids: frozenset[int] = frozenset()
    """Tokens that stand for no text."""
    parts: tuple[Part, ...] = ()
    """What the input and output layers are made of, ``W_E`` first."""
