"""What the app can be looked at as: one screen of panes each."""

from collections.abc import Mapping
from typing import Literal, get_args

Mode = Literal["explore", "train"]
MODES: tuple[Mode, ...] = get_args(Mode)
WHAT: Mapping[Mode, str] = {
    "explore": "Look at a space: text, rows, neighbours, arithmetic",
    "train": "Train a matrix, and watch meaning appear",
}
