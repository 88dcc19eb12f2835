"""What the app can be looked at as: one screen of panes each."""

from collections.abc import Mapping
from typing import Literal, get_args

Mode = Literal["explore", "map", "train", "model"]
MODES: tuple[Mode, ...] = get_args(Mode)
WHAT: Mapping[Mode, str] = {
    "explore": "Look at a space: text, rows, neighbours, arithmetic",
    "map": "See a space: a neighbourhood, a list, the whole vocabulary on a plane",
    "train": "Train a matrix, and watch meaning appear",
    "model": "Follow a text through a model; its matrix in figures, its under-trained tokens",
}
