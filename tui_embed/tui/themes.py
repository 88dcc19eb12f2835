"""Three themes: dark, light, and one of high contrast. Hex throughout, so that 256 and 16 colours map alike.

``scale-*`` are the ends and the middle of the scale of signed values: blue and orange differ for the usual
kinds of colour blindness. ``chip-*`` are the backgrounds of tokens.
"""

from textual.theme import Theme

CHIPS = 5

DARK = Theme(
    name="tui-embed-dark",
    primary="#7aa2d6",
    secondary="#8a93a6",
    accent="#f2b155",
    foreground="#d8dce4",
    background="#14171c",
    surface="#181c22",
    panel="#232932",
    success="#7dbb8a",
    warning="#f2b155",
    error="#f0776c",
    dark=True,
    variables={
        "faint": "#8b93a3",
        "line": "#3b4454",
        "scale-low": "#5aa2ff",
        "scale-mid": "#7d8491",
        "scale-high": "#ff9a3d",
        "chip-1": "#1f3a5c",
        "chip-2": "#4a2f4f",
        "chip-3": "#20473d",
        "chip-4": "#4d3a1c",
        "chip-5": "#37376b",
        "chip-text": "#eef1f6",
        "on-accent": "#14171c",
        "block-cursor-foreground": "#14171c",
        "block-cursor-background": "#f2b155",
        "input-selection-background": "#f2b155 35%",
        "footer-key-foreground": "#f2b155",
        "footer-background": "#14171c",
        "footer-description-foreground": "#b4bac6",
    },
)

LIGHT = Theme(
    name="tui-embed-light",
    primary="#1f5fa8",
    secondary="#5a6474",
    accent="#9a4a00",
    foreground="#1b1f26",
    background="#fbfbf9",
    surface="#ffffff",
    panel="#e9eaec",
    success="#1d6b34",
    warning="#8a4b00",
    error="#b3261e",
    dark=False,
    variables={
        "faint": "#5d6673",
        "line": "#aab1bc",
        "scale-low": "#0b5fc0",
        "scale-mid": "#8b919b",
        "scale-high": "#c25400",
        "chip-1": "#cfe2f7",
        "chip-2": "#ecd7ee",
        "chip-3": "#cfeade",
        "chip-4": "#f5e3c0",
        "chip-5": "#dcdcf7",
        "chip-text": "#12151a",
        "on-accent": "#ffffff",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#9a4a00",
        "input-selection-background": "#9a4a00 25%",
        "footer-key-foreground": "#9a4a00",
        "footer-background": "#fbfbf9",
        "footer-description-foreground": "#3c434e",
    },
)

HIGH_CONTRAST = Theme(
    name="tui-embed-contrast",
    primary="#00d7ff",
    secondary="#ffffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    success="#00ff87",
    warning="#ffff00",
    error="#ff8787",
    dark=True,
    variables={
        "faint": "#d0d0d0",
        "line": "#ffffff",
        "scale-low": "#00afff",
        "scale-mid": "#c6c6c6",
        "scale-high": "#ffaf00",
        "chip-1": "#00005f",
        "chip-2": "#5f005f",
        "chip-3": "#005f00",
        "chip-4": "#5f3700",
        "chip-5": "#3a3a3a",
        "chip-text": "#ffffff",
        "on-accent": "#000000",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffff00",
        "input-selection-background": "#ffff00 40%",
        "footer-key-foreground": "#ffff00",
        "footer-background": "#000000",
        "footer-description-foreground": "#ffffff",
    },
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
