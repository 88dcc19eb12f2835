"""What a person may set: by a flag, else the environment, else ``config.toml``, else the default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from tui_embed.errors import UsageError
from tui_embed.locations import config_folder

ENVIRONMENT_PREFIX = "TUI_EMBED_"
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default; a list is written with commas in the environment."""

    space: str = "glove"
    theme: str = "tui-embed-dark"
    encodings: tuple[str, ...] = ("cl100k_base",)
    k: int = 10
    metric: str = "cosine"
    seed: int = 0
    init: str = "normal"
    cache: bool = True


def load_settings(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
    defaults: Settings | None = None,
) -> Settings:
    """Settings from ``flags`` (None is "not given"), the environment and the TOML file, else ``defaults``.
    UsageError, naming the place, for a value of the wrong kind or a name that does not exist.
    """
    file = config_folder() / "config.toml" if file is None else file
    from_file = _read(file)
    values: dict[str, Any] = {}
    for field in fields(Settings):
        variable = ENVIRONMENT_PREFIX + field.name.upper()
        if flags.get(field.name) is not None:
            values[field.name] = _checked(field.name, flags[field.name], "the command line")
        elif variable in environment:
            values[field.name] = _from_text(field.name, environment[variable], variable)
        elif field.name in from_file:
            values[field.name] = _checked(field.name, from_file[field.name], str(file))
    return replace(Settings() if defaults is None else defaults, **values)


def _read(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    import tomllib

    try:
        found = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:  # not UTF-8, not TOML, or a number of thousands of digits
        raise UsageError(f"{file}: {error}", "mend it or remove it") from None
    known = {field.name for field in fields(Settings)}
    for name in found:
        if name not in known:
            raise UsageError(
                f"{file}: there is no setting {name!r}", f"settings are {', '.join(sorted(known))}"
            )
    return found


def _from_text(name: str, text: str, place: str) -> Any:
    if isinstance(getattr(Settings(), name), tuple):
        return _checked(name, [part.strip() for part in text.split(",") if part.strip()], place)
    if isinstance(getattr(Settings(), name), bool):
        if text.lower() not in _TRUTHS:
            raise UsageError(f"{place}: {name} is true or false, not {text!r}")
        return _checked(name, _TRUTHS[text.lower()], place)
    if isinstance(getattr(Settings(), name), int):
        try:
            return _checked(name, int(text), place)
        except ValueError:
            raise UsageError(f"{place}: {name} is a whole number, not {text!r}") from None
    return _checked(name, text, place)


def _checked(name: str, value: Any, place: str) -> Any:
    default = getattr(Settings(), name)
    if isinstance(default, tuple):
        if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
            return tuple(value)
        raise UsageError(f"{place}: {name} is a list of names")
    if type(value) is not type(default):
        kinds = {bool: "true or false", int: "a whole number"}
        kind = kinds.get(type(default), "text")
        raise UsageError(f"{place}: {name} is {kind}, not {value!r}")
    if isinstance(value, int) and (value < 0 or (name == "k" and value < 1)):
        raise UsageError(f"{place}: {name} is {value}", "ask for one or more" if name == "k" else "0 or more")
    return value
