"""The command in this process, with nobody's settings but its own."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from checkpoints import bert_folder, gpt2_folder

from tui_embed.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What the command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output, read as strictly as other languages read it."""

        def no_constant(name: str) -> None:
            raise AssertionError(f"{name} is no JSON")

        self.out.encode("utf-8")
        assert self.out.count("\n") == 1
        return json.loads(self.out, parse_constant=no_constant)


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder for settings, which is returned; no variable of ours; 80 columns."""
    for name in os.environ:
        if name.startswith("TUI_EMBED_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("tui_embed.settings.config_folder", lambda: tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``tui-embed`` with these arguments."""

    def running(*arguments: str) -> Ran:
        status = main(arguments)
        out, err = capsys.readouterr()
        return Ran(status, out, err)

    return running


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small BERT's folder."""
    return str(bert_folder(tmp_path_factory.mktemp("bert") / "small-bert"))


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small GPT-2's folder."""
    return str(gpt2_folder(tmp_path_factory.mktemp("gpt2") / "small-gpt2"))
