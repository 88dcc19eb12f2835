"""How large the matrices of the open model are, beside those of known ones."""

from textual.app import ComposeResult
from textual.widget import Widget

from tui_embed.engine.shapes import MODEL_SHAPES
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import percent
from tui_embed.printable import fit
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.params_table import ParamsRow, ParamsTable


class ModelParamsPane(Pane):
    """A table: the open space first, then the shapes that are known."""

    TITLE = "Parameters"

    def compose(self) -> ComposeResult:
        yield ParamsTable(id="params")

    @property
    def main(self) -> Widget:
        return self.query_one(ParamsTable)

    def on_mount(self) -> None:
        super().on_mount()
        self.watch_space(self.space)

    def watch_space(self, space: EmbeddingSpace | None) -> None:
        if self.is_mounted:
            own = [] if space is None else [_own(space)]
            self.query_one(ParamsTable).show([*own, *_KNOWN], len(own))


def _own(space: EmbeddingSpace) -> ParamsRow:
    model, positions = space.model, space.positions
    learned = (positions.n_ctx or 0) * space.d_model if positions.kind == "learned" else 0
    embedding = len(space) * space.d_model + learned
    share = ""
    output = ""
    if model is not None:
        share = percent(embedding / model.n_params) if model.n_params else "?"
        output = {"tied": "tied", "separate": "own", "none": "none", "unknown": "?"}[model.output_kind]
    return ParamsRow(
        fit(space.name, 40),
        len(space),
        space.d_model,
        positions.n_ctx,
        positions.kind,
        embedding,
        share,
        output,
    )


_KNOWN = [
    ParamsRow(
        shape.title,
        shape.n_vocab,
        shape.d_model,
        shape.n_ctx,
        shape.positions,
        shape.embedding_params,
        percent(shape.share),
        "tied" if shape.tied else "own",
    )
    for shape in MODEL_SHAPES.values()
]
