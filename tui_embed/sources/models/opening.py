"""A checkpoint as a space: headers and tokens are read now, rows when they are asked for."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from tui_embed.engine.models.model import Model
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import SourceError
from tui_embed.sources.bundle import EMBEDDINGS, SPACE
from tui_embed.sources.file import SourceFile
from tui_embed.sources.gguf_header import GgufHeader
from tui_embed.sources.models.architectures import by_marks
from tui_embed.sources.models.bodies import BodyFound, find_body
from tui_embed.sources.models.config import Config
from tui_embed.sources.models.files import NO_PACKAGE, TokensFound, config_in, tokens_in, weights_in
from tui_embed.sources.models.gguf import (
    MERGES,
    SCORES,
    TYPES,
    architecture_of,
    gguf_weights,
    read_header,
)
from tui_embed.sources.models.gguf import config_of as config_of_gguf
from tui_embed.sources.models.input import Input, find_input
from tui_embed.sources.models.keeping import matrix_of
from tui_embed.sources.models.parts import parts_of
from tui_embed.sources.models.vocabulary import placed
from tui_embed.sources.models.weights import ONE_OF_SEVERAL, Weights, is_one_of_several, safetensors_weights
from tui_embed.tokenizers.token_bytes import METASPACE, Writing

QUANTISED = "norms are approximate"


def open_folder(folder: Path, *, name: str = "", cache: bool = True) -> EmbeddingSpace:
    """The checkpoint in a folder as model hubs have them; with ``cache`` its rows come from the store if they
    were put there; without a ``name`` it is called as the folder. SourceError where there is none to be read.
    """
    found = weights_in(folder)
    if isinstance(found, SourceFile):
        return open_gguf(found, name=name, cache=cache)
    return _space(folder.absolute(), folder, found, name, cache)


def open_safetensors(file: SourceFile, *, cache: bool = True) -> EmbeddingSpace | None:
    """One .safetensors file of a model, with the configuration and the tokenizer beside it; None for a file
    of other tensors. The file stays open as long as the space.
    """
    weights = safetensors_weights(file)
    if not _is_model(weights, file.path.parent):
        return None
    weights = replace(weights, is_one_of_several=is_one_of_several(file.path))
    return _space(file.path, file.path.parent, weights, "", cache)


def open_gguf(file: SourceFile, *, name: str = "", cache: bool = True) -> EmbeddingSpace:
    """A GGUF file, which has all of a model in it. The file stays open as long as the space."""
    header = read_header(file)
    weights, config = gguf_weights(file, header), config_of_gguf(header)
    found = find_input(weights, config, file.path, architecture_of(header))
    name = name or file.path.name
    tokens = _gguf_tokens(header, name, found)
    body = find_body(weights, config, found)
    licence = header.texts.get("general.license", "")
    return _assembled(file.path, name, weights, config, found, tokens, body, "GGUF", licence, cache)


def _is_model(weights: Weights, folder: Path) -> bool:
    """Whether tensors are a model's, by their names or by the configuration beside them."""
    names = weights.tensors.keys()
    if names >= {EMBEDDINGS, SPACE}:
        # a space that this program wrote
        return False
    try:
        return by_marks(names) is not None or bool(config_in(folder).model_type)
    except SourceError:
        return False


def _space(path: Path, folder: Path, weights: Weights, name: str, cache: bool) -> EmbeddingSpace:
    config = config_in(folder)
    found = find_input(weights, config, path)
    name = name or name_of(path)
    tokens = tokens_in(folder, name, found.shape[0])
    body = find_body(weights, config, found)
    return _assembled(path, name, weights, config, found, tokens, body, "safetensors", "", cache)


def _assembled(
    path: Path,
    name: str,
    weights: Weights,
    config: Config,
    found: Input,
    tokens: TokensFound,
    body: BodyFound,
    kind: str,
    licence: str,
    cache: bool,
) -> EmbeddingSpace:
    n_vocab, _ = found.shape
    encoding = found.tensor.checked_encoding()
    spelled = [b"#%d" % row for row in range(n_vocab)] if tokens.tokens is None else tokens.tokens.spelled
    notes = [*found.notes, *tokens.notes, *(tokens.tokens.notes if tokens.tokens is not None else ())]
    if weights.missing:
        count = len(weights.missing)
        notes.insert(
            0, f"{count} of its files {'is' if count == 1 else 'are'} not here: {weights.missing[0][:80]}"
        )
    said = f"{found.architecture.title}, {encoding.name} in {kind}"
    if encoding.is_quantised:
        said = f"{found.architecture.title}, {encoding.name}, quantised: {QUANTISED}"
        notes.insert(
            0, f"W_E is quantised ({encoding.name}): its rows are near those that were trained; {QUANTISED}"
        )
    if weights.is_one_of_several:
        notes.insert(0, f"this is {ONE_OF_SEVERAL} for the whole model")
    model = Model(
        title=found.architecture.title,
        numbers=encoding.name,
        is_quantised=encoding.is_quantised,
        n_params=weights.n_params - found.output.n_copied if weights.is_whole else None,
        n_layers=config.count("num_hidden_layers", "n_layer", "n_layers"),
        n_heads=config.count("num_attention_heads", "n_head", "n_heads"),
        output_kind=found.output.kind,
        output=found.output.rows,
        load_body=body.load,
        no_body=body.reason,
        unused_ids=frozenset() if tokens.tokens is None else tokens.tokens.unused,
        special_ids=frozenset() if tokens.tokens is None else tokens.tokens.special,
        parts=parts_of(weights, found),
    )
    return EmbeddingSpace(
        name=name,
        vocabulary=Vocabulary.from_tokens(spelled),
        matrix=matrix_of(found.tensor, cache=cache),
        positions=found.positions,
        provenance=Provenance(trained=True, origin=said, licence=licence, source=str(path.absolute())),
        tokenizer=tokens.tokenizer,
        notes=notes,
        input_layer=found.layer,
        model=model,
    )


def name_of(path: Path) -> str:
    """What the checkpoint is called: in a hub's own cache the folders say whose it is."""
    if path.parent.name == "snapshots" and path.parent.parent.name.startswith("models--"):
        return path.parent.parent.name.removeprefix("models--").replace("--", "/")
    return path.name


def _gguf_tokens(header: GgufHeader, name: str, found: Input) -> TokensFound:
    """The tokens that the file lists, and the tokenizer where its keys suffice for one."""
    if header.tokens is None:
        return TokensFound(None, None, ("the file lists no tokens: they are named by id",))
    from tui_embed.tokenizers.gguf import (
        BYTE_LEVEL,
        CONTROL,
        KINDS,
        USER_DEFINED,
        GgufTokens,
        begins_unless_said,
        gguf_tokenizer,
    )
    from tui_embed.tokenizers.lazy import LazyTokenizer

    kind = header.texts.get("tokenizer.ggml.model", "")
    types = header.number_arrays.get(TYPES)
    types_of = [] if types is None else types.tolist()
    writing = Writing(byte_level=kind == BYTE_LEVEL, byte_fallback=True, metaspace=True)
    texts = [token.decode("utf-8", "surrogateescape") for token in header.tokens]
    shown, special = [], []
    for token_id, (token, text) in enumerate(zip(header.tokens, texts, strict=True)):
        is_added = token_id < len(types_of) and types_of[token_id] in (CONTROL, USER_DEFINED)
        if is_added and types_of[token_id] == CONTROL:
            special.append(token_id)
        plain = is_added or (METASPACE not in text and kind != BYTE_LEVEL and not text.startswith("<0x"))
        shown.append((token_id, token if plain else writing.shown_bytes(text, is_added)))
    tokens = placed(shown, found.shape[0], special)
    if kind not in KINDS:
        return TokensFound(tokens, None, (f"texts cannot be split here as its tokenizer “{kind[:20]}” does",))
    if find_spec("tokenizers") is None:
        return TokensFound(tokens, None, (NO_PACKAGE,))
    scores, bos = header.number_arrays.get(SCORES), header.numbers.get("tokenizer.ggml.bos_token_id")
    pre = header.texts.get("tokenizer.ggml.pre", "default")
    has_bos = header.numbers.get("tokenizer.ggml.add_bos_token", begins_unless_said(kind, pre))
    given = GgufTokens(
        kind,
        pre,
        header.tokens,
        types_of,
        [] if scores is None else scores.tolist(),
        header.string_arrays.get(MERGES, []),
        bool(header.numbers.get("tokenizer.ggml.add_space_prefix", True)),
        # a key may be of any type, and a float may be no number at all
        bos if has_bos and type(bos) is int and 0 <= bos < len(header.tokens) else None,
    )
    notes = [] if given.is_exact else [f"texts are cut as GPT-2 does, not as “{given.pre[:20]}” is"]
    if given.n_too_long:
        notes.append(f"no text is split into {given.n_too_long:,} of its tokens, which are too long")
    make = LazyTokenizer(name, found.shape[0], lambda: gguf_tokenizer(name, given))
    return TokensFound(tokens, make, tuple(notes))
