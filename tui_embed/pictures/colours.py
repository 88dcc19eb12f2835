"""Colours on paper."""

CLUSTERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#0e8a96", "#6a5acd", "#7f7f7f")
"""After Okabe and Ito (2008, "Color universal design"), darker where theirs are too light for words."""

INK, FAINT, RULE, PAPER = "#1b1f26", "#5d6673", "#c9ced6", "#ffffff"
PLAIN_POINT = "#8a93a6"
PARALLEL, OPEN = "#00785a", "#c23b00"
LOW, MIDDLE, HIGH = "#2166ac", "#ececec", "#d9730d"
"""The ends and the middle of the scale of signed values."""


def of_cluster(number: int) -> str:
    """The colour of a cluster; −1 is none."""
    return PLAIN_POINT if number < 0 else CLUSTERS[number % len(CLUSTERS)]
