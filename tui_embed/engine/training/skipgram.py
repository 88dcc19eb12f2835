"""Skip-gram with negative sampling: each word predicts those in the window around it."""

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.engine.training.blocks import BlockGradients, TextBlocks, block_gradients
from tui_embed.engine.training.negative_sampling import NegativeSamplingTrainer
from tui_embed.engine.training.shared_noise import SharedNoise


class SkipGramTrainer(NegativeSamplingTrainer):
    """The word in the middle of a window has the token row, those around it the output rows: as the paper has
    it. word2vec's program and gensim have it the other way round, which gives the same pairs.
    """

    most_tokens = 1200
    shared_noise = (4, 32)

    def _gradients(
        self,
        blocks: TextBlocks,
        noise: SharedNoise,
        vectors: Floats,
        output: Floats,
        noise_rows: Floats,
        measure: bool,
    ) -> BlockGradients:
        return block_gradients(blocks, noise, vectors, output, noise_rows, measure)

    def _read(self, blocks: TextBlocks) -> NDArray[np.bool_]:
        return blocks.pairs > 0

    def _n_predictions(self, blocks: TextBlocks) -> int:
        return blocks.n_pairs
