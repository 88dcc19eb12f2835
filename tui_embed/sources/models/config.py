"""The small JSON files beside a checkpoint, which are as hostile as any other file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tui_embed.errors import SourceError
from tui_embed.json_values import MOST_VALUES, count_values
from tui_embed.sources.file import SourceFile

MOST_CONFIG = 32 << 20
MOST_NUMBER = 1 << 40
"""What a model counts is less."""

TEXT_PARTS = ("text_config", "language_config", "llm_config", "thinker_config")
"""Where a model of several senses keeps what is said of its language model."""

ROPE_PARTS = ("rope_scaling", "rope_parameters")


def read_content(path: Path, most: int) -> bytes:
    """All of a regular file of at most ``most`` bytes. SourceError for anything else: nothing waits for a
    pipe, and no device fills the memory.
    """
    with SourceFile(path, "") as file:
        if file.size > most:
            raise file.error(f"{file.size:,} bytes, over {most // 10**6} MB, are no such file")
        content = np.empty(file.size, dtype=np.uint8)
        file.read_at(0, content)
    return content.tobytes()


def read_object(path: Path, most: int = MOST_CONFIG) -> dict[str, Any]:
    """The JSON object in a file, as :func:`read_content`. SourceError for anything else."""
    text = read_content(path, most)
    if count_values(text) > MOST_VALUES:
        raise SourceError(path, f"over {MOST_VALUES:,} values, more than any such file has")
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SourceError(path, f"it is no JSON: {str(error)[:80]}") from None
    if not isinstance(found, dict):
        raise SourceError(path, "it is no JSON object")
    return found


def text_map(path: Path, value: Any, what: str) -> dict[str, str]:
    """``value`` as a map of texts to texts. SourceError where it is none."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise SourceError(path, f"its {what} is no object of texts")
    return value


@dataclass(frozen=True, slots=True)
class Config:
    """What a ``config.json`` says; empty where there is none. A value of a wrong kind is as if not said."""

    values: Mapping[str, Any]

    @property
    def model_type(self) -> str:
        return self.text("model_type") or ""

    def text(self, *names: str) -> str | None:
        """The first of ``names`` that is a text."""
        found = (self.values.get(name) for name in names)
        return next((value for value in found if isinstance(value, str)), None)

    def count(self, *names: str) -> int | None:
        """The first of ``names`` that is a number of things, at least one."""
        found = (self.values.get(name) for name in names)
        return next((value for value in found if type(value) is int and 0 < value < MOST_NUMBER), None)

    def number(self, *names: str) -> float | None:
        """The first of ``names`` that is a finite number."""
        found = (self.values.get(name) for name in names)
        for value in found:
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST_NUMBER:
                return float(value)
        return None

    def flag(self, name: str) -> bool | None:
        """``name``, where it is true or false."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None


def config_of(values: Mapping[str, Any]) -> Config:
    """The part of a configuration that is about the language model."""
    found = dict(values)
    if "hidden_size" not in values:
        found |= next((part for name in TEXT_PARTS if isinstance(part := values.get(name), dict)), {})
    return Config(found | _rotation(found))


def _rotation(values: Mapping[str, Any]) -> dict[str, Any]:
    """How positions rotate, of the part of a configuration that is about it, which comes before what is said
    beside it; of the part's two names the older one first, as transformers 5 has it.
    """
    parts = [part for name in ROPE_PARTS if isinstance(part := values.get(name), dict)]
    kinds = (part.get(name) for part in (*parts, values) for name in ("rope_type", "type"))
    bases = (part.get("rope_theta") for part in (*parts, values))
    found = {"rope_type": _first_said(kinds), "rope_theta": _first_said(bases)}
    return {name: value for name, value in found.items() if value is not None}


def _first_said(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)
