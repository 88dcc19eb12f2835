"""Maps whose pictures are tested, and what is read back from their files."""

import re
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from tui_embed.engine.maps.point_map import PointMap, draw, with_clusters, with_faithfulness
from tui_embed.engine.maps.settings import MapSettings
from tui_embed.engine.maps.subject import most_frequent
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.pictures.files import write_map

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    "$x^2$",
    "$\\frac{$",
    "\\alpha_{",
    "\x1b[31mred",
    'a"b,c',
    "two\nlines",
    "tab\there",
    "\u2028\u2029",
    "\u202eabc",
    "高兴",
    "мир",
    "🙂",
    "",
    " ",
    "@data@",
    "&amp;",
    "x" * 300,
]


def space_of(tokens, *, columns=None, name="small") -> EmbeddingSpace:
    rows = np.random.default_rng(len(tokens)).normal(size=(len(tokens), 12)).astype(np.float32)
    return EmbeddingSpace(
        name,
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(rows)),
        NoPositions("none"),
        Provenance(True, "made for a test"),
        metadata={key: TextColumn.from_texts(texts) for key, texts in (columns or {}).items()},
    )


def whole_map(space: EmbeddingSpace, **settings) -> PointMap:
    return with_clusters(with_faithfulness(draw(space, most_frequent(space, 10**6), MapSettings(**settings))))


def written(made: PointMap, path: Path) -> bytes:
    (file,) = write_map(made, str(path)).files
    return file.read_bytes()


def text_elements(svg: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


def texts_of(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in text_elements(svg)]


def names_of(svg: bytes) -> list[ElementTree.Element]:
    """The text elements that are the names of points."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return [
        element
        for group in groups
        if re.fullmatch(r"name-\d+", group.get("id", ""))
        for element in group.iter(f"{SVG}text")
    ]


def pixels(png: bytes) -> np.ndarray:
    """The bytes of a PNG's lines, filters included: enough to tell whether anything is on it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return np.frombuffer(zlib.decompress(data), np.uint8)
