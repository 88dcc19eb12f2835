"""One step on one gap in a few plain sentences, without a token's spelling: whoever shows them knows it."""

from tui_embed.engine.training.explanation import Gap
from tui_embed.engine.training.model import Model
from tui_embed.engine.training.row_moves import Moves
from tui_embed.engine.training.trainer import NGRAMS, OUTPUT, POSITIONS, TOKENS


def told_of(
    model: Model,
    gap: Gap,
    context: tuple[int, ...],
    negatives: tuple[int, ...] | None,
    moves: Moves,
    learning_rate: float,
) -> str:
    """What moved, and why."""
    sentences = ["No row moves."]
    if moves.n_moved and model.tied and model.frozen.all():
        sentences = [f"Every row that is scored is frozen; {_counted(model, moves)}."]
    elif moves.n_moved:
        scored = f"{_of_target(model, context, moves)}, and {_of_others(negatives)}"
        sentences = [f"{scored}; {_counted(model, moves)}."]
        if negatives is None:
            sentences.append(_why_all(model, moves))
    if moves.n_frozen:
        verb = "stays" if moves.n_frozen == 1 else "stay"
        sentences.append(f"{_rows(moves.n_frozen, 'frozen ')} {verb}, whatever the gradient.")
    if model.settings.objective == "lm":
        if learning_rate:
            sentences.append("The weights of the hidden layers move as well.")
        if gap.after:
            after = (
                "token after it plays" if len(gap.after) == 1 else f"{len(gap.after):,} tokens after it play"
            )
            sentences.append(f"A language model reads only what stands before the gap: the {after} no part.")
    return " ".join(sentences)


def _of_target(model: Model, context: tuple[int, ...], moves: Moves) -> str:
    row = "row" if model.tied else "output row"
    found = next((move for move in moves.listed if move.role == "target"), None)
    if found is None or not found.distance:
        return f"The true token's {row} stays"
    verb = "is drawn to" if found.pull > 0 else "moves away from"
    return f"The true token's {row} {verb} {_scored_against(model, len(context))}"


def _of_others(negatives: tuple[int, ...] | None) -> str:
    if negatives is None:
        return "all others are pushed away, each by its share of the probability"
    n_noise = len(set(negatives))
    return f"{_rows(n_noise, 'noise ')} {'is' if n_noise == 1 else 'are'} pushed away"


def _scored_against(model: Model, n_context: int) -> str:
    if model.settings.objective == "lm":
        if n_context == 0:
            return "what the model makes of the beginning of a sentence"
        before = "token" if n_context == 1 else f"{n_context:,} tokens"
        return f"what the model makes of the {before} before it"
    if n_context == 1:
        return "the row beside it"
    mean = "the mean of " if model.settings.objective == "cbow" else ""
    return f"{mean}the {n_context:,} rows beside it"


def _counted(model: Model, moves: Moves) -> str:
    names = [name for name in (TOKENS, OUTPUT, POSITIONS, NGRAMS) if name in model.parameters]
    arrays = {id(model.parameters[name]): len(model.parameters[name]) for name in names}
    verb = "moves" if moves.n_moved == 1 else "move"
    return f"{moves.n_moved:,} of {sum(arrays.values()):,} rows {verb}"


def _why_all(model: Model, moves: Moves) -> str:
    which = "all that are not frozen" if moves.n_frozen else "all of them"
    if model.tied:
        return (
            "The full softmax scores every output row, and with tied weights those are the token rows: so "
            f"{which} move, most of them a little."
        )
    return "The full softmax scores every output row: so all of them move, most of them a little."


def _rows(count: int, kind: str) -> str:
    return f"{count:,} {kind}row{'' if count == 1 else 's'}"
