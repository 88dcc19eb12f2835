"""Colours on paper."""

CLUSTERS = ("#0069b4", "#cc4b00", "#00805f", "#c0448f", "#735200", "#007f93", "#5a2fa8", "#4d4f55")
"""After Okabe and Ito (2008, "Color universal design"), dark enough for words on white (a contrast of 4.6 and
more, where WCAG wants 4.5), and apart for people who see no red or no green.
"""

INK, FAINT, RULE, PAPER = "#1b1f26", "#5d6673", "#c9ced6", "#ffffff"
PLAIN_POINT = "#6b7280"
PARALLEL, OPEN = "#00785a", "#c23b00"
LOW, MIDDLE, HIGH = "#2166ac", "#ececec", "#d9730d"
"""The ends and the middle of the scale of signed values."""

DARK_BELOW = -0.8
"""From this share of the limit down, towards LOW, words are white."""


def of_cluster(number: int) -> str:
    """The colour of a cluster; −1 is none."""
    return PLAIN_POINT if number < 0 else CLUSTERS[number % len(CLUSTERS)]


def on_cell(share: float) -> str:
    """What to write with on the colour of a value, which is given as its share of the limit, −1 … 1."""
    return PAPER if share < DARK_BELOW else INK
