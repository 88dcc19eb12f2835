"""``tui-embed forward``: a text on its way through a model's layers."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.looked import Found, looked_at
from tui_embed.cli.model import why_no_layers
from tui_embed.cli.parser import add_json, add_k, add_space, integer
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.cli.text import text_as_given, text_given
from tui_embed.cli.waiting import waited
from tui_embed.engine.models.forward import (
    Forward,
    NextTokens,
    compare,
    forward,
    neighbors_at,
    next_tokens,
    sentence_vector,
    shared_tokens,
)
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError

EXAMPLES = """
tui-embed forward "The capital of France is" --space smollm2 -k 3
tui-embed forward "He sat on the bank." --token bank --space minilm
tui-embed forward "A cat sleeps." --against "A dog naps." --space minilm
tui-embed forward "the bank" --layer 3 --head 2 --space minilm --json
echo "Once upon a time" | tui-embed forward - --space ./gpt2
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "text", metavar="TEXT", help="what the model reads; - is standard input, less the newline at its end"
    )
    parser.add_argument(
        "--token", metavar="TOKEN", help="the token that is looked at (default: the last one of the text)"
    )
    parser.add_argument("--place", type=integer, metavar="N", help="the same by its place, from 0")
    parser.add_argument(
        "--layer",
        type=integer,
        metavar="N",
        help="look after so many layers; 0 is the input embedding (default: after all)",
    )
    parser.add_argument(
        "--head",
        type=integer,
        metavar="N",
        help="what that head of the layer looks at, from 0 (default: all heads on average)",
    )
    parser.add_argument(
        "--against",
        metavar="TEXT",
        help="another text: how alike the two are, and the tokens that both have; "
        "- is no standard input here",
    )
    add_k(parser)
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    settings = settings_of(options)
    text, notes = text_given(options.text)
    if options.text == "-":
        text = text.removesuffix("\n").removesuffix("\r")
    space = opened(settings)
    if space.tokenizer is None:
        raise _no_tokenizer(space)
    with progress("reading layers") as report:
        run_ = waited(lambda: forward(space, text, progress=report))
    looked = looked_at(run_, options)
    with progress("searching rows") as report:
        answer = neighbors_at(run_, looked.layer, looked.place, settings.k, progress=report)
        following = None
        if run_.body is not None and run_.body.is_causal and space.model is not None and space.model.output:
            following = next_tokens(run_, looked.place, looked.layer, settings.k, progress=report)
    other = None
    if options.against is not None:
        other_text, odd = text_as_given(options.against)
        notes += [f"--against: {note}" for note in odd]
        other = _other(space, other_text)
    found = Found(run_, looked, answer, following, other, tuple(notes))
    if options.json:
        output.print_json(_json(found))
    else:
        from tui_embed.cli.forward_text import print_found

        print_found(found)


def _other(space: EmbeddingSpace, text: str) -> Forward:
    """The text to compare with. UsageError, which says that it is of that one, where it has no token."""
    with progress("reading layers of the other text") as report:
        try:
            return waited(lambda: forward(space, text, progress=report))
        except UsageError as error:
            raise UsageError(f"--against: {error.message}", error.hint) from None


def _no_tokenizer(space: EmbeddingSpace) -> UsageError:
    """Why no text can be split, which one of the space's notes may say already."""
    said = next((note for note in space.notes if "split" in note), "")
    hint = "name another --space" if space.model is None else "put its tokenizer.json beside the weights"
    return UsageError(f"{space.name} comes without a tokenizer: no text can be split", said or hint)


def _json(told: Found) -> dict[str, object]:
    run_, looked, answer = told.run, told.looked, told.answer
    following, other, space = told.following, told.other, told.run.space
    found: dict[str, object] = {
        **output.space_json(space, told.notes),
        "layers": run_.n_layers,
        "heads": None if run_.body is None else run_.body.n_heads,
        "why_no_layers": why_no_layers(space) or None,
        "input_layer": space.input_layer.said,
        "left_out": run_.left_out,
        "tokens": [
            {"place": place, **output.token_json(space, token_id)} for place, token_id in enumerate(run_.ids)
        ],
        "place": looked.place,
        "layer": looked.layer,
        "head": looked.head,
        "vector": output.numbers(run_.state(looked.layer, looked.place)),
        "attention": None if told.attention is None else [output.finite(part) for part in told.attention],
        "searched": answer.searched,
        "n_vocab": answer.n_vocab,
        "neighbors": output.neighbors_json(space, answer),
        "next": None if following is None else _next_json(run_, following),
        "sentence_vector": None if run_.trace is None else output.numbers(sentence_vector(run_)),
    }
    if other is not None:
        found["against"] = _against_json(run_, other)
    return found


def _against_json(run_: Forward, other: Forward) -> dict[str, object]:
    whole = compare(run_, other, 0, 0).sentences
    meetings = [compare(run_, other, a, b) for a, b in shared_tokens(run_.ids, other.ids)]
    tokens = [
        {
            **output.token_json(run_.space, run_.ids[one.first]),
            "place": one.first,
            "other_place": one.second,
            "cosine_by_layer": [output.finite(cosine) for cosine in one.by_layer],
        }
        for one in meetings
    ]
    return {"sentences": None if whole is None else output.finite(whole), "tokens": tokens}


def _next_json(run_: Forward, following: NextTokens) -> dict[str, object]:
    best = [
        {**output.token_json(run_.space, token), "probability": output.finite(share)}
        for token, share in following.best
    ]
    return {"entropy_bits": output.finite(following.entropy), "searched": following.searched, "tokens": best}
