"""Small spaces whose map is known."""

from collections.abc import Sequence

import numpy as np
import pytest

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import NoPositions, Positions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary

HAPPY, SAD = ["高兴", "开心", "快乐"], ["伤心", "痛苦"]
UNIVERSITIES = ["清华大学", "北京大学", "复旦大学", "浙江大学"]


def make_space(
    tokens: Sequence[str],
    rows: np.ndarray,
    positions: Positions | None = None,
    columns: dict[str, Sequence[str]] | None = None,
) -> EmbeddingSpace:
    return EmbeddingSpace(
        "small",
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32))),
        positions or NoPositions("none here"),
        Provenance(True, "made for a test"),
        metadata={name: TextColumn.from_texts(texts) for name, texts in (columns or {}).items()},
    )


@pytest.fixture
def build():
    return make_space


@pytest.fixture
def planted():
    """Three groups of words in 20 dimensions, each about a direction of its own."""
    rng = np.random.default_rng(5)
    groups = {"a": 12, "b": 9, "c": 7}
    tokens, rows = [], []
    for number, (name, size) in enumerate(groups.items()):
        for place in range(size):
            # the first of a group is its middle
            noise = rng.normal(size=20) * (0.0 if place == 0 else 0.12)
            tokens.append(f"{name}{place}")
            rows.append(np.eye(20)[number] * 3 + noise)
    return make_space(tokens, np.array(rows))


@pytest.fixture
def chinese():
    """Feelings and universities: the happy lie together, the sad lie together, near them; the
    universities lie elsewhere.
    """
    rng = np.random.default_rng(3)
    feeling, happy, university = np.eye(16)[0], np.eye(16)[1], np.eye(16)[2]
    centres = {**dict.fromkeys(HAPPY, feeling + happy), **dict.fromkeys(SAD, feeling - happy)}
    centres |= dict.fromkeys(UNIVERSITIES, 1.5 * university)
    rows = [centre + rng.normal(size=16) * 0.08 for centre in centres.values()]
    return make_space(list(centres), np.array(rows))
