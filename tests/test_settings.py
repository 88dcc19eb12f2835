"""Flag, environment, file, default: the first that says something wins."""

from pathlib import Path
from typing import Any

import pytest

from tui_embed.errors import UsageError
from tui_embed.settings import Settings, load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_without_anything_the_defaults_hold(file: Path) -> None:
    assert load_settings({}, {}, file) == Settings()
    assert load_settings({"k": None}, {"OTHER": "1"}, file / "below-no-folder") == Settings()


@pytest.mark.parametrize(
    ("flags", "environment", "text", "k"),
    [
        ({}, {}, "k = 3", 3),
        ({}, {"TUI_EMBED_K": "4"}, "k = 3", 4),
        ({"k": 5}, {"TUI_EMBED_K": "4"}, "k = 3", 5),
        ({"k": None}, {"TUI_EMBED_K": "4"}, "k = 3", 4),
    ],
)
def test_who_wins(file: Path, flags: dict[str, Any], environment: dict[str, str], text: str, k: int) -> None:
    file.write_text(text)
    assert load_settings(flags, environment, file) == Settings(k=k)


def test_every_setting_can_come_from_everywhere(file: Path) -> None:
    expected = Settings("gpt2-init", "nord", ("o200k_base", "words"), 7, "dot", 9, "uniform")
    values = {
        "space": "gpt2-init",
        "theme": "nord",
        "encodings": ["o200k_base", "words"],
        "k": 7,
        "metric": "dot",
        "seed": 9,
        "init": "uniform",
    }
    assert load_settings(values, {}, file) == expected
    environment = {
        f"TUI_EMBED_{name.upper()}": ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in values.items()
    }
    assert load_settings({}, environment, file) == expected
    file.write_text("\n".join(f"{name} = {value!r}" for name, value in values.items()), encoding="utf-8")
    assert load_settings({}, {}, file) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("k = 'ten'", "k is a whole number, not 'ten'"),
        ("k = true", "k is a whole number"),
        ("k = 1.0", "k is a whole number"),
        ("k = 0", "k is 0"),
        ("seed = -1", "seed is -1"),
        ("theme = 3", "theme is text, not 3"),
        ("encodings = 'r50k_base'", "encodings is a list"),
        ("encodings = []", "encodings is a list"),
        ("encodings = [1]", "encodings is a list"),
        ("colour = 'red'", "there is no setting 'colour'"),
        ("k = ", "Invalid value"),
        ("k = " + "1" * 5000, "digits"),
    ],
)
def test_a_wrong_file_names_itself_and_the_setting(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        load_settings({}, {}, file)
    assert str(file) in caught.value.message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TUI_EMBED_K", "ten", "whole number, not 'ten'"),
        ("TUI_EMBED_K", "", "whole number, not ''"),
        ("TUI_EMBED_K", "-3", "k is -3"),
        ("TUI_EMBED_SEED", "1" * 5000, "whole number"),
        ("TUI_EMBED_ENCODINGS", " , ", "encodings is a list"),
    ],
)
def test_a_wrong_variable_is_named(file: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{name}: .*{message}"):
        load_settings({}, {name: value}, file)


def test_a_wrong_flag_is_said_to_be_one(file: Path) -> None:
    with pytest.raises(UsageError, match="the command line: k is 0"):
        load_settings({"k": 0}, {}, file)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    with pytest.raises(UsageError, match="directory"):
        load_settings({}, {}, file.parent)
    file.write_bytes(b"theme = '\xff'")
    with pytest.raises(UsageError, match="utf-8"):
        load_settings({}, {}, file)
