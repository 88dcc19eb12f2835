"""What trains, in facts."""

from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.figures import percent, score
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.facts import Fact

UNMATCHED = 8


def training_facts(view: TrainingView) -> list[Fact]:
    """Everything that was settled when it began, and the proof that frozen rows stay."""
    corpus, settings = view.corpus, view.settings
    facts = [
        Fact("corpus", f"{corpus.name}: {corpus.n_tokens:,} tokens in {corpus.n_sentences:,} sentences"),
        Fact("vocabulary", _vocabulary(view)),
        Fact("objective", _objective(settings)),
        Fact("parameters", f"{view.n_parameters:,} · W_E {corpus.n_vocab:,} × {settings.d_model:,}"),
        Fact("text", _text(settings)),
        Fact("schedule", _schedule(settings)),
        Fact("start", _start(view)),
    ]
    unmatched = view.start.unmatched(corpus, UNMATCHED)
    if unmatched:
        facts.append(Fact("not there", ", ".join(unmatched)))
    if view.start.n_frozen:
        facts.append(_frozen(view))
    if settings.rare != "keep":
        how = "drawn to the mean row" if settings.rare == "regularise" else "replaced at the end"
        n_rare = int((corpus.counts < settings.rare_count).sum())
        facts.append(Fact("rare words", f"{n_rare:,} seen fewer than {settings.rare_count:,} times: {how}"))
    facts.append(Fact("engine", f"{settings.engine}, seed {settings.seed}"))
    if view.snapshot is not None and view.snapshot.message:
        facts.append(Fact("ended", view.snapshot.message, marked=True))
    return facts


def _vocabulary(view: TrainingView) -> str:
    corpus = view.corpus
    kind = view.settings.tokens
    said = f"{corpus.n_vocab:,} {kind if kind in ('words', 'characters') else f'tokens of {kind}'}"
    if corpus.n_dropped:
        rest = "share <unk>" if corpus.unk is not None else "were left out"
        said += f"; {corpus.n_dropped:,} rarer ones {rest}"
    return said


def _objective(settings: TrainingSettings) -> str:
    if settings.objective == "lm":
        body = "hidden layer" if settings.body == "mlp" else "attention block"
        output = "tied to W_E" if settings.tied else "a matrix of its own"
        return f"next token: {settings.n_ctx} before, {body} of {settings.d_hidden}, output {output}"
    if settings.objective == "glove":
        return f"GloVe: weighted counts, x_max {settings.x_max:g}"
    name = "skip-gram" if settings.objective == "skipgram" else "CBOW"
    how = f"{settings.negatives} negatives" if settings.negatives else "full softmax"
    ngrams = "" if settings.ngrams is None else f", n-grams {settings.ngrams[0]}–{settings.ngrams[1]}"
    return f"{name}, {how}{ngrams}"


def _text(settings: TrainingSettings) -> str:
    parts = ["once through" if settings.epochs == 1 else f"{settings.epochs:,} epochs"]
    if settings.objective != "lm":
        parts.append(f"window {settings.window}")
    parts += [f"{percent(settings.heldout)} held out"] if settings.heldout else []
    if settings.objective in ("skipgram", "cbow"):
        parts.append(f"subsampling {settings.subsample:g}" if settings.subsample else "no subsampling")
    return " · ".join(parts)


def _schedule(settings: TrainingSettings) -> str:
    if settings.schedule == "constant":
        return f"learning rate {score(settings.first_rate)}"
    return f"learning rate from {score(settings.first_rate)}, {settings.schedule}"


def _start(view: TrainingView) -> str:
    settings, coverage = view.settings, view.start.coverage(view.corpus)
    if coverage is None or view.start.matched is None:
        kind = "uniform" if settings.start == "uniform" else "normal"
        return f"{kind} noise of deviation {settings.drawn_std:.2g}"
    n_matched = int(view.start.matched.sum())
    return f"{view.start.from_space}: {n_matched:,} rows of it, {percent(coverage)} of the text"


def _frozen(view: TrainingView) -> Fact:
    said = f"{view.start.n_frozen:,} rows"
    changed = None if view.snapshot is None else view.snapshot.frozen_changed
    if changed is None:
        return Fact("frozen", said)
    if changed:
        return Fact("frozen", f"{said}: {changed:,} CHANGED", marked=True)
    return Fact("frozen", f"{said}: unchanged, compared bit for bit")
