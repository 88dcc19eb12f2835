"""What holds for every test."""

from pathlib import Path

import pytest
from hypothesis import settings

# how long an example takes says more about the machine than about the code
settings.register_profile("tui-embed", deadline=None)
settings.load_profile("tui-embed")


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders for settings, caches, data and state that nobody else's files lie in; the one above them."""
    folder = tmp_path_factory.mktemp("home")
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))
    # spaces that another test has trained are not listed
    monkeypatch.setattr("tui_embed.sources.made_here._SPACES", {})
    return folder
