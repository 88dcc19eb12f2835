"""What panes tell the app."""

from typing import TYPE_CHECKING

from textual.message import Message

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.subwords import Composed
from tui_embed.engine.training.explanation import Gap
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.state import Origin

if TYPE_CHECKING:
    from tui_embed.tui.model_look import ModelLook


class TokenPicked(Message):
    """A token of the open space was chosen; the app makes it the selection everywhere.

    ``position`` is where it stands in the text, or None to keep the present one. ``text`` is that text, or
    None for the one that Explore has.
    """

    def __init__(
        self, token_id: int, origin: Origin, position: int | None = None, text: str | None = None
    ) -> None:
        super().__init__()
        self.text = text
        self.token_id = token_id
        self.origin: Origin = origin
        self.position = position


class WordPicked(Message):
    """A word without a row was chosen in the text of ``space``, which composes its vector; ``position`` is
    where it stands.
    """

    def __init__(self, composed: Composed, space: EmbeddingSpace, position: int) -> None:
        super().__init__()
        self.composed = composed
        self.space = space
        self.position = position


class PositionPicked(Message):
    """Another position for the selected token."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


class CopyRequested(Message):
    """Text for the clipboard; ``what`` says in a word or two what it is."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what


class StepAsked(Message):
    """A step on ``gap`` is to be explained; with ``apply`` it is made, and moves the rows of the training."""

    def __init__(self, gap: Gap, apply: bool) -> None:
        super().__init__()
        self.gap = gap
        self.apply = apply


class MapAsked(Message):
    """Something is to be seen on the Map screen."""

    def __init__(self, wanted: MapWanted) -> None:
        super().__init__()
        self.wanted = wanted


class ModelLooked(Message):
    """Another vector of a text in the model is looked at, or none."""

    def __init__(self, look: "ModelLook | None") -> None:
        super().__init__()
        self.look = look

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ModelLooked)
