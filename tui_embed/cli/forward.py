"""``tui-embed forward``: a text on its way through a model's layers."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_k, add_space, integer
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.models.forward import (
    Forward,
    NextTokens,
    compare,
    forward,
    last_word,
    neighbors_at,
    next_tokens,
    sentence_vector,
    shared_tokens,
)
from tui_embed.engine.neighbors import Answer
from tui_embed.errors import UsageError
from tui_embed.figures import percent, score
from tui_embed.printable import fit, printable

EXAMPLES = """
tui-embed forward "He sat on the bank of the river." --token bank --space minilm
tui-embed forward "The king of France" --space ./gpt2 -k 5
tui-embed forward "A cat sleeps." --against "A dog is asleep." --space minilm
tui-embed forward "the bank" --layer 3 --head 2 --space minilm --json
"""

CELL = 16


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at: the token number ``place`` after ``layer`` layers, and one head there."""

    place: int
    layer: int
    head: int | None


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="what the model reads")
    parser.add_argument("--token", metavar="TOKEN", help="the token that is looked at; without it the last")
    parser.add_argument("--place", type=integer, metavar="N", help="the same by its place, from 0")
    parser.add_argument(
        "--layer", type=integer, metavar="N", help="after so many layers; without it after all"
    )
    parser.add_argument(
        "--head", type=integer, metavar="N", help="what that head of the layer looks at, from 0"
    )
    parser.add_argument(
        "--against", metavar="TEXT", help="another text: the same tokens and the sentences compared"
    )
    add_k(parser)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    settings = settings_of(options)
    space = opened(settings)
    with progress("reading layers") as report:
        run_ = forward(space, options.text, progress=report)
    looked = _looked(run_, options)
    answer = neighbors_at(run_, looked.layer, looked.place, settings.k)
    following = None
    if run_.body is not None and run_.body.is_causal and space.model is not None and space.model.output:
        following = next_tokens(run_, looked.place, looked.layer, settings.k)
    other = None if options.against is None else forward(space, options.against)
    if options.json:
        output.print_json(_json(run_, looked, answer, following, other))
    else:
        _print(run_, looked, answer, following, other)


def _looked(run_: Forward, options: Namespace) -> Looked:
    """The token, layer and head that are asked for. UsageError for what the text or the model has not."""
    if options.token is not None and options.place is not None:
        raise UsageError("--token and --place are both given", "give one of them")
    place = last_word(run_) if options.place is None else options.place
    if options.token is not None:
        token_id = run_.space.id(options.token)
        if token_id not in run_.ids:
            raise UsageError(
                f"“{options.token}” is no token of the text", "the tokens are those of the model"
            )
        place = run_.ids.index(token_id)
    if not 0 <= place < len(run_.ids):
        raise UsageError(f"the text has no token {place}", f"places are 0 … {len(run_.ids) - 1}")
    layer = run_.n_layers if options.layer is None else options.layer
    if not 0 <= layer <= run_.n_layers:
        raise UsageError(
            f"there is no layer {layer}", f"layers are 0 … {run_.n_layers}; 0 is the input embedding"
        )
    if options.head is not None:
        if run_.body is None or layer == 0:
            raise UsageError("no head looks at anything there", "name a --layer from 1 on")
        if not 0 <= options.head < run_.body.n_heads:
            raise UsageError(f"there is no head {options.head}", f"heads are 0 … {run_.body.n_heads - 1}")
    return Looked(place, layer, options.head)


def _attention(run_: Forward, looked: Looked) -> list[float] | None:
    if run_.trace is None or looked.layer == 0:
        return None
    weights = run_.trace.attention[looked.layer - 1]
    row = weights.mean(axis=0) if looked.head is None else weights[looked.head]
    return [float(value) for value in row[looked.place]]


def _json(
    run_: Forward, looked: Looked, answer: Answer, following: NextTokens | None, other: Forward | None
) -> dict[str, object]:
    space = run_.space
    found: dict[str, object] = {
        **output.space_json(space),
        "layers": run_.n_layers,
        "heads": None if run_.body is None else run_.body.n_heads,
        "why_no_layers": _why_none(run_) or None,
        "input_layer": space.input_layer.said,
        "left_out": run_.left_out,
        "tokens": [
            {"place": place, **output.token_json(space, token_id)} for place, token_id in enumerate(run_.ids)
        ],
        "place": looked.place,
        "layer": looked.layer,
        "head": looked.head,
        "vector": output.numbers(run_.state(looked.layer, looked.place)),
        "attention": _attention(run_, looked),
        "searched": answer.searched,
        "n_vocab": answer.n_vocab,
        "neighbors": output.neighbors_json(space, answer),
        "next": None if following is None else _next_json(run_, following),
        "sentence_vector": None if run_.trace is None else output.numbers(sentence_vector(run_)),
    }
    if other is not None:
        pairs = shared_tokens(run_.ids, other.ids)
        meetings = [compare(run_, other, a, b) for a, b in pairs]
        found["against"] = {
            "sentences": compare(run_, other, 0, 0).sentences,
            "tokens": [
                {
                    **output.token_json(space, run_.ids[one.first]),
                    "place": one.first,
                    "other_place": one.second,
                    "cosine_by_layer": list(one.by_layer),
                }
                for one in meetings
            ],
        }
    return found


def _why_none(run_: Forward) -> str:
    """Why the way ends at the input embeddings; "" where it does not."""
    if run_.trace is not None:
        return ""
    return (
        run_.space.model.no_body if run_.space.model is not None else "it is no language model's checkpoint"
    )


def _next_json(run_: Forward, following: NextTokens) -> dict[str, object]:
    best = [{**output.token_json(run_.space, token), "probability": share} for token, share in following.best]
    return {"entropy_bits": following.entropy, "searched": following.searched, "tokens": best}


def _print(
    run_: Forward, looked: Looked, answer: Answer, following: NextTokens | None, other: Forward | None
) -> None:
    space = run_.space
    output.print_heading(space)
    tokens = [printable(space.vocabulary[token_id]) for token_id in run_.ids]
    shown = [f"[{token}]" if place == looked.place else token for place, token in enumerate(tokens)]
    output.print_facts(
        [("tokens", f"{len(tokens):,}"), ("layers", str(run_.n_layers) if run_.n_layers else "")]
    )
    output.print_wrapped(fit_all(shown))
    if run_.left_out:
        print(f"note: {run_.left_out:,} tokens more were left out")
    if why := _why_none(run_):
        print(f"note: the way ends at the input embeddings: {printable(why)}")
    after = f"after layer {looked.layer} of {run_.n_layers}"
    print(f"{tokens[looked.place]} {after if looked.layer else 'as it goes in'}, nearest rows of W_E")
    output.print_neighbors(space, answer)
    weights = _attention(run_, looked)
    if weights is not None:
        of = f"of layer {looked.layer}"
        all_heads = f"the heads {of}, on average, look at"
        print(all_heads if looked.head is None else f"head {looked.head} {of} looks at")
        best = sorted(range(len(weights)), key=lambda place: -weights[place])[: len(answer.neighbors)]
        seen = [(percent(weights[p]), space.vocabulary[run_.ids[p]], f"place {p}") for p in best]
        output.print_table(seen, "rll")
    if following is not None:
        print(f"next token after it, {score(following.entropy)} bits of {following.searched:,} tokens")
        rows = [(percent(share), space.vocabulary[token], f"id {token}") for token, share in following.best]
        output.print_table(rows, "rll")
    if other is not None:
        _print_against(run_, other)
    output.print_searched(answer)


def fit_all(texts: list[str]) -> list[str]:
    """Printable texts, none longer than a column."""
    return [text if len(text) <= CELL else fit(text, CELL) for text in texts]


def _print_against(run_: Forward, other: Forward) -> None:
    space = run_.space
    whole = compare(run_, other, 0, 0).sentences
    if whole is not None:
        print(f"similarity of the two texts {score(whole)}: cosine of the means of their last vectors")
    rows = []
    for a, b in shared_tokens(run_.ids, other.ids):
        by_layer = compare(run_, other, a, b).by_layer
        rows.append((space.vocabulary[run_.ids[a]], f"{a} · {b}", *(score(value) for value in by_layer)))
    if rows:
        print("tokens of both, cosine of one to the other after each layer")
        heads = ("", "places", "input", *(str(layer) for layer in range(1, len(rows[0]) - 2)))
        output.print_table([heads, *rows], "ll" + "r" * (len(heads) - 2))
