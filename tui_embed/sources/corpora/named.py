"""The texts that are known by name: two grammars of our own, and texts that come with gensim."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from tui_embed.engine.training.grammar import GRAMMARS, N_SENTENCES
from tui_embed.engine.training.settings import Objective, TrainingSettings
from tui_embed.errors import TuiEmbedError

GENSIM_TEXTS = {
    "lee": ("lee_background.cor", "300 news reports (Lee et al. 2005), 59,000 words"),
    "crime-and-punishment": (
        "crime-and-punishment.txt",
        "the beginning of Dostoevsky's novel in Russian, 400 words",
    ),
}
"""The file under gensim's test data, and what it is."""


@dataclass(frozen=True, slots=True)
class CorpusEntry:
    """A line of the list of texts. One that is not ``here`` comes with ``needs``."""

    name: str
    what: str
    here: bool = True
    needs: str = ""


def corpus_entries() -> list[CorpusEntry]:
    """All texts that are known by name."""
    grammars = [CorpusEntry(name, f"{grammar.title}") for name, grammar in GRAMMARS.items()]
    here = gensim_folder() is not None
    texts = [
        CorpusEntry(name, what, here, "" if here else "pip install 'tui-embed[gensim]'")
        for name, (_, what) in GENSIM_TEXTS.items()
    ]
    return [*grammars, *texts]


def recommended(name: str, objective: str) -> TrainingSettings:
    """Settings that suit a text, by name, and an objective; the defaults where nothing better is known."""
    settings = replace(TrainingSettings(), objective=cast(Objective, objective))
    if name in GRAMMARS:
        settings = replace(settings, min_count=1, subsample=0.0, epochs=3, d_model=32)
        return replace(settings, **_FOR_GRAMMARS[settings.objective])
    if name in GENSIM_TEXTS or objective == "lm":
        return replace(settings, min_count=2, epochs=10, d_model=64)
    return settings


_FOR_GRAMMARS: dict[Objective, dict[str, Any]] = {
    "skipgram": {"learning_rate": 0.05},
    "cbow": {"learning_rate": 0.05},
    "glove": {"epochs": 100, "learning_rate": 0.1, "x_max": 60.0},
    "lm": {},
}


def grammar_sentences(name: str) -> Iterable[list[str]]:
    """The sentences of one of our grammars."""
    return GRAMMARS[name].sentences(N_SENTENCES)


def gensim_text(name: str) -> Path:
    """The file of a text that comes with gensim. TuiEmbedError where gensim is not installed."""
    folder = gensim_folder()
    if folder is None:
        raise TuiEmbedError(
            f"the text {name} comes with gensim, which is not installed", "pip install 'tui-embed[gensim]'"
        )
    return folder / GENSIM_TEXTS[name][0]


def gensim_folder() -> Path | None:
    """Where gensim's texts lie; it is not imported for this."""
    found = find_spec("gensim")
    for place in _places(found.submodule_search_locations if found is not None else None):
        folder = place / "test" / "test_data"
        if folder.is_dir():
            return folder
    return None


def _places(locations: Iterable[str] | None) -> Iterator[Path]:
    return (Path(location) for location in locations or ())
