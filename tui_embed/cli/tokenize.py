"""``tui-embed tokenize``: how encodings split a text."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.space import opened, settings_of
from tui_embed.cli.text import text_given
from tui_embed.engine.tokens import Token, Tokenizer
from tui_embed.errors import UsageError
from tui_embed.printable import printable
from tui_embed.tokenizers.catalog import encoding_names, tokenizer

EXAMPLES = """
tui-embed tokenize strawberry
tui-embed tokenize "hello world" --encoding r50k_base --encoding o200k_base
tui-embed tokenize - --json < README.md
tui-embed tokenize "the king’s men" --encoding words
"""

DEFAULT_ENCODING = "cl100k_base"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="the text, or - for standard input")
    parser.add_argument(
        "--encoding",
        action="append",
        metavar="E",
        help=f"{', '.join(encoding_names())}; words: those of --space; or a tokenizer.json; repeatable"
        f" (without it: {DEFAULT_ENCODING})",
    )
    parser.add_argument("--special", action="store_true", help="special tokens in the text get their own id")
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    text, notes = text_given(options.text)
    chosen = [_tokenizer(name, options) for name in options.encoding or [DEFAULT_ENCODING]]
    splits = [(one, _split(one, text, options.special)) for one in chosen]
    if options.json:
        output.print_json(
            {"text": text, "notes": notes, "encodings": [_json(one, tokens) for one, tokens in splits]}
        )
        return
    for one, tokens in splits:
        _print(one, tokens, text)
    for note in notes:
        print(f"note: {note}")


def _tokenizer(name: str, options: Namespace) -> Tokenizer:
    if name != "words":
        return tokenizer(name)
    space = opened(settings_of(options))
    if space.tokenizer is None:
        raise UsageError(f"{space.name} comes without a tokenizer", "name another --space or --encoding")
    return space.tokenizer


def _split(chosen: Tokenizer, text: str, special: bool) -> list[Token]:
    if not special:
        return chosen.encode(text)
    encode_special = getattr(chosen, "encode_special", None)
    if encode_special is None:
        raise UsageError(f"{chosen.name} has no special tokens", "leave --special out")
    tokens: list[Token] = encode_special(text)
    return tokens


def _json(chosen: Tokenizer, tokens: list[Token]) -> dict[str, object]:
    return {
        "encoding": chosen.name,
        "n_vocab": chosen.n_vocab,
        "count": len(tokens),
        "tokens": [
            {
                "id": token.id,
                "bytes": token.bytes.hex(),
                "text": token.bytes.decode("utf-8", "replace"),
                "start": token.start,
                "end": token.end,
            }
            for token in tokens
        ],
    }


def _print(chosen: Tokenizer, tokens: list[Token], text: str) -> None:
    ratio = f", {len(text) / len(tokens):.2f} characters per token" if tokens else ""
    print(
        f"{printable(chosen.name)}: {_count(len(tokens), 'token')}, {_count(len(text), 'character')}{ratio}"
    )
    output.print_wrapped(
        f"{printable(token.bytes)} {'not in it' if token.id is None else token.id}" for token in tokens
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
