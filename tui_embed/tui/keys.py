"""The keys that work everywhere."""

from textual.binding import Binding, BindingType

EVERYWHERE: list[BindingType] = [
    Binding("f1", "help_pane", "Help", key_display="F1", tooltip="Help for the pane that has the focus"),
    Binding("question_mark", "keys", "Keys", key_display="?", show=False, tooltip="Every key"),
    Binding(
        "left_square_bracket", "position(-1)", "Position", key_display="[ ]", tooltip="One position less"
    ),
    Binding(
        "right_square_bracket",
        "position(1)",
        "Position up",
        key_display="]",
        show=False,
        tooltip="One position more",
    ),
    Binding("slash", "find", "Find", key_display="/", tooltip="Look a token up (Ctrl+F while typing)"),
    # Priority: a line of input has a use of its own for this key.
    Binding("ctrl+f", "find", "Find", key_display="^f", priority=True),
    Binding(
        "backspace,alt+left",
        "history_back",
        "Back",
        key_display="⌫",
        tooltip="The selection before this one",
    ),
    Binding(
        "shift+backspace,alt+right",
        "history_forward",
        "Forward",
        show=False,
        tooltip="The selection after this one",
    ),
    Binding(
        "ctrl+o",
        "open",
        "Open",
        key_display="^o",
        priority=True,
        tooltip="Open a file or another space",
    ),
    Binding(
        "ctrl+e",
        "encodings",
        "Encodings",
        key_display="^e",
        priority=True,
        tooltip="Choose the encodings that are compared",
    ),
    Binding(
        "ctrl+t",
        "next_mode",
        "Map",
        key_display="^t",
        priority=True,
        tooltip="Explore a space, see it as a map, train one, or follow a text through its model",
    ),
    Binding(
        "f10,ctrl+g",
        "about",
        "About this space",
        show=False,
        tooltip="About this space: source, sizes, columns, notes",
    ),
    Binding("f8", "picture", "Picture", show=False, tooltip="Save a picture of the screen (SVG)"),
    Binding("f9", "next_theme", "Theme", show=False, tooltip="Dark, light or high contrast"),
    Binding("escape", "stop", "Stop", show=False, tooltip="Stop what runs"),
    Binding("ctrl+q", "quit", "Quit", key_display="^q", priority=True, tooltip="Leave"),
]

ONLY_IN_EXPLORE = frozenset(("position", "encodings"))
"""Actions on the selected token in its text."""

OF_THE_SPACE = frozenset(("find", "history_back", "history_forward", "about"))
"""Actions on the open space, wherever that is looked at."""

BEHIND_DIALOGS = ONLY_IN_EXPLORE | OF_THE_SPACE | {"help_pane", "keys", "open", "next_mode", "mode"}
"""Actions that wait until a dialog is closed."""
