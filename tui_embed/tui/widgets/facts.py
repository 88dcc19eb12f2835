"""Facts about something: a label and what is to be said of it, wrapped and never cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui_embed.printable import printable
from tui_embed.tui.widgets.palette import Palette
from tui_embed.tui.widgets.strip_view import Line, StripView, segment

LABEL = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """``text`` is from outside, unless it is said to be ``printable``: a token's spaces at its ends are only
    seen where it is made so alone. Without a ``label`` it stands under the fact before; ``marked`` facts are
    what a person should notice.
    """

    label: str
    text: str
    marked: bool = False
    printable: bool = False

    @property
    def shown(self) -> str:
        """What is shown of it."""
        return self.text if self.printable else printable(self.text)


class Facts(StripView):
    """A list of facts that scrolls."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts: Sequence[Fact] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Show other facts."""
        if list(facts) == list(self._facts):
            return
        self._facts = facts
        self.rebuild()

    @property
    def text(self) -> str:
        """All of it as plain lines, printable."""
        return "\n".join(f"{fact.label:<{LABEL}}{fact.shown}".strip() for fact in self._facts)

    def build(self, width: int, palette: Palette) -> list[Line]:
        labels = LABEL if any(fact.label for fact in self._facts) else 0
        lines: list[Line] = []
        for fact in self._facts:
            style = palette.accent if fact.marked else palette.text
            label = fact.label
            for text in folded(fact.shown, max(1, width - labels)):
                lines.append(
                    [segment(f"{label[: LABEL - 1]:<{labels}}", palette.faint), segment(text, style)]
                )
                label = ""
        return lines


def folded(shown: str, cells: int) -> list[str]:
    """Printable text in lines of at most ``cells`` cells, broken at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in shown.split(" "):
        if line and cell_len(line) + 1 + cell_len(word) > cells:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while cell_len(line) > cells:
            at = _cells_end(line, cells)
            lines.append(line[:at])
            line = line[at:]
    return [*lines, line]


def _cells_end(text: str, cells: int) -> int:
    """How many characters of ``text`` take at most ``cells`` cells, at least one."""
    at, used = 0, 0
    for character in text:
        used += cell_len(character)
        if used > cells:
            break
        at += 1
    return max(1, at)
