"""What is to be drawn, chosen before anything is computed."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.tui.map_form import fields_for, values_of, wanted_of
from tui_embed.tui.map_wanted import USUAL_NUMBER, MapWanted
from tui_embed.tui.screens.dialog import Dialog
from tui_embed.tui.widgets.form import Form


class MapSettingsDialog(Dialog[MapWanted]):
    """A form; gives what is wanted."""

    HEADING = "What to draw"
    KEYS = "↑ ↓ field · ← → choice · type to change · Enter draws · Esc closes"

    def __init__(self, wanted: MapWanted, space: EmbeddingSpace, training: bool) -> None:
        super().__init__()
        self._values = values_of(wanted)
        self._space = space
        self._training = training

    def compose_dialog(self) -> ComposeResult:
        yield Form(self._changed, id="map-form")
        yield Static(id="map-help")

    def on_mount(self) -> None:
        form = self.query_one(Form)
        form.values = self._values
        self._refill()
        form.focus()

    def on_form_moved(self) -> None:
        self._say()

    def on_form_submitted(self) -> None:
        wanted, errors = self._wanted()
        if wanted is not None and not errors:
            self.dismiss(wanted)

    def _changed(self, name: str) -> None:
        values = self.query_one(Form).values
        if name == "of":
            values["text"] = ""
            number = next((n for of, n in USUAL_NUMBER.items() if of == values["of"]), None)
            values["n"] = values.get("n", "") if number is None else str(number)
        self._refill()

    def _refill(self) -> None:
        form = self.query_one(Form)
        fields = fields_for(form.values, self._space, self._training)
        choices = next((one.choices for one in fields if one.name == "of"), None)
        if choices is not None and form.values["of"] not in choices:
            # such tokens cannot be drawn so
            form.values["of"] = next(iter(choices))
            fields = fields_for(form.values, self._space, self._training)
        _, errors = wanted_of(form.values, fields)
        form.show(fields, errors)
        form.styles.height = len(fields)
        self._say()

    def _wanted(self) -> tuple[MapWanted | None, dict[str, str]]:
        values = self.query_one(Form).values
        return wanted_of(values, fields_for(values, self._space, self._training))

    def _say(self) -> None:
        current = self.query_one(Form).current
        self.query_one("#map-help", Static).update(Content(current.help if current else ""))
