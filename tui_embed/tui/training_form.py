"""The fields of the set-up form, and the settings that their values make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tui_embed.engine.training.settings import DEFAULT_RATES, OBJECTIVES, TrainingSettings
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.tokenizers.catalog import encoding_names
from tui_embed.tui.widgets.form import Field

YES, NO = "yes", "no"
_YES_NO = {YES: "yes", NO: "no"}
_TITLES: Mapping[str, str] = {
    "skipgram": "skip-gram",
    "cbow": "CBOW",
    "glove": "GloVe",
    "lm": "next token (language model)",
}
_EVERY: frozenset[str] = frozenset(OBJECTIVES)
_WINDOWED = frozenset(("skipgram", "cbow", "glove"))
_SAMPLED = frozenset(("skipgram", "cbow"))
_SKIPGRAM, _GLOVE, _LM = frozenset(("skipgram",)), frozenset(("glove",)), frozenset(("lm",))


@dataclass(frozen=True, slots=True)
class _Row:
    field: Field
    objectives: frozenset[str] = _EVERY


def _rows(corpora: Mapping[str, str], space: str, rate: str) -> list[_Row]:
    """All fields; ``corpora`` and ``space`` (printable) are what there is at this moment, ``rate`` is the
    objective's own.
    """
    return [
        _Row(
            Field(
                "corpus", "corpus", "← → a text that comes with it, or type a file or folder", corpora, True
            )
        ),
        _Row(
            Field(
                "objective",
                "objective",
                "what is predicted: words around, a word, counts, or the next token",
                dict(_TITLES),
            )
        ),
        _Row(Field("d_model", "d_model", "numbers in a row of W_E", typed=True)),
        _Row(Field("window", "window", "words on each side that count as context", typed=True), _WINDOWED),
        _Row(
            Field("negatives", "negatives", "noise words a prediction; 0 is the full softmax", typed=True),
            _SAMPLED,
        ),
        _Row(Field("n_ctx", "context", "tokens that the model looks back", typed=True), _LM),
        _Row(
            Field(
                "body",
                "body",
                "between the rows and the scores",
                {"mlp": "hidden layer", "attention": "attention block"},
            ),
            _LM,
        ),
        _Row(Field("d_hidden", "d_hidden", "width of the hidden layer", typed=True), _LM),
        _Row(
            Field("tied", "tied output", "score with W_E itself, or with a matrix of its own", _YES_NO), _LM
        ),
        _Row(Field("batch", "batch", "predictions a step", typed=True), _LM),
        _Row(Field("epochs", "epochs", "times through the text", typed=True)),
        _Row(
            Field(
                "learning_rate",
                "learning rate",
                "how far a step goes; it falls to almost nothing",
                {"": f"{rate}, the objective's own"},
                True,
            )
        ),
        _Row(Field("min_count", "min count", "rarer tokens have no row", typed=True)),
        _Row(
            Field(
                "tokens",
                "tokens",
                "how the text is split",
                {"words": "words", "characters": "characters", **{name: name for name in encoding_names()}},
            )
        ),
        _Row(
            Field(
                "start",
                "rows start as",
                "noise, or the rows of the open space where it has the token",
                {"uniform": "uniform noise", "normal": "normal noise", "space": f"rows of {space}"},
            )
        ),
        _Row(
            Field(
                "freeze",
                "frozen",
                "rows that stay as they are: a choice, or tokens with commas between",
                {"nothing": "nothing", "everything": "all of W_E", "pretrained": "pretrained rows"},
                True,
            )
        ),
        _Row(
            Field(
                "ngrams",
                "n-grams",
                "lengths of n-grams that words are built from, as 3-6",
                {"": "none", "3-6": "3-6 (fastText)"},
                True,
            ),
            _SKIPGRAM,
        ),
        _Row(Field("unk", "<unk>", "rare tokens share one row, or are left out", _YES_NO)),
        _Row(
            Field(
                "rare",
                "rare words",
                "rows of words that are seen seldom",
                {
                    "keep": "as they come",
                    "regularise": "drawn to the mean",
                    "fallback": "replaced at the end",
                },
            )
        ),
        _Row(Field("rare_count", "rare below", "seen fewer times than this is rare", typed=True)),
        _Row(
            Field("subsample", "subsampling", "frequent words are left out above this; 0: never", typed=True),
            _SAMPLED,
        ),
        _Row(Field("x_max", "x_max", "pairs seen so often weigh all they can", typed=True), _GLOVE),
        _Row(Field("heldout", "held out", "the share of sentences that is only measured on", typed=True)),
        _Row(Field("seed", "seed", "the same seed gives the same matrix", typed=True)),
        _Row(
            Field(
                "engine",
                "engine",
                "our own, or gensim's for large corpora",
                {"numpy": "NumPy", "gensim": "gensim"},
            ),
            _SAMPLED,
        ),
    ]


def fields_for(objective: str, corpora: Mapping[str, str], space: str) -> list[Field]:
    """The fields that matter for an objective; ``corpora`` (value → how it is shown) and the name of the open
    ``space`` are printable.
    """
    rows = _rows(corpora, space, _own_rate(objective))
    return [row.field for row in rows if objective in row.objectives]


def values_of(settings: TrainingSettings) -> dict[str, str]:
    """Settings as the form holds them."""
    values: dict[str, str] = {}
    for name, value in ((field.name, getattr(settings, field.name)) for field in fields(settings)):
        if value is None:
            values[name] = ""
        elif isinstance(value, bool):
            values[name] = YES if value else NO
        elif name == "ngrams":
            values[name] = f"{value[0]}-{value[1]}"
        elif name != "frozen_tokens":
            values[name] = f"{value:g}" if isinstance(value, float) else str(value)
    if settings.freeze == "tokens":
        values["freeze"] = ",".join(settings.frozen_tokens)
    return values


def settings_of(values: Mapping[str, str]) -> tuple[TrainingSettings | None, dict[str, str]]:
    """The settings that ``values`` make, or None and what is wrong with which field ("" for all of it)."""
    objective = values.get("objective", "")
    wanted = {field.name for field in fields_for(objective, {}, "")} - {"corpus"}
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in wanted:
        try:
            found[name] = _READERS.get(name, str)(values.get(name, "").strip())
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        return None, errors
    freeze = found.get("freeze", "nothing")
    if freeze not in ("nothing", "everything", "pretrained"):
        found["freeze"] = "tokens"
        found["frozen_tokens"] = tuple(token.strip() for token in freeze.split(",") if token.strip())
    try:
        return TrainingSettings(**found), {}
    except UsageError as error:
        name = error.message.partition(" ")[0]
        # beside its field there is room for what to do about it
        return None, {name: error.hint or error.message} if name in wanted else {"": str(error)}


def _own_rate(objective: str) -> str:
    """The learning rate that an objective has of its own."""
    known = next((name for name in OBJECTIVES if name == objective), None)
    return "" if known is None else score(DEFAULT_RATES[known])


def _whole(text: str) -> int:
    try:
        return int(text.replace(",", ""))
    except ValueError:
        raise ValueError("a whole number") from None


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number") from None


def _rate(text: str) -> float | None:
    return _real(text) if text else None


def _lengths(text: str) -> tuple[int, int] | None:
    if text in ("", "none"):
        return None
    least, _, most = text.partition("-")
    try:
        return int(least), int(most)
    except ValueError:
        raise ValueError("as 3-6, or nothing") from None


def _yes(text: str) -> bool:
    return text == YES


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(
        (
            "d_model",
            "window",
            "negatives",
            "n_ctx",
            "d_hidden",
            "batch",
            "epochs",
            "min_count",
            "rare_count",
            "seed",
        ),
        _whole,
    ),
    **dict.fromkeys(("subsample", "x_max", "heldout"), _real),
    **dict.fromkeys(("tied", "unk"), _yes),
    "learning_rate": _rate,
    "ngrams": _lengths,
}


def shown_errors(errors: Mapping[str, str], shown: Sequence[Field]) -> str:
    """The error that belongs to no field in sight."""
    names = {field.name for field in shown}
    return next((text for name, text in errors.items() if name not in names), "")
