"""Checkpoints of language models: matrices that are read where they lie, no more of them than is asked."""
