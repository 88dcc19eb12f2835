"""Reading the files that evaluations come in: analogy questions and pairs of words with a score."""

import math
from pathlib import Path

from tui_embed.engine.evaluation import AnalogySection
from tui_embed.errors import TuiEmbedError

MAX_BYTES = 256 << 20


def read_analogies(path: Path) -> list[AnalogySection]:
    """Four words a line, sections begun by ``: name``, as in word2vec's ``questions-words.txt``.

    TuiEmbedError, with the line, for a file that is not like that.
    """
    sections: list[tuple[str, list[tuple[str, str, str, str]]]] = []
    for number, line in _lines(path):
        if line.startswith(":"):
            sections.append((line[1:].strip(), []))
            continue
        words = line.split()
        if len(words) != 4:
            raise TuiEmbedError(f"{path}, line {number}: {len(words)} words where an analogy has four")
        if not sections:
            sections.append(("questions", []))
        sections[-1][1].append((words[0], words[1], words[2], words[3]))
    if not any(questions for _, questions in sections):
        raise TuiEmbedError(f"{path}: no questions", "a question is four words on a line")
    return [AnalogySection(name, questions) for name, questions in sections]


def read_pairs(path: Path) -> list[tuple[str, str, float]]:
    """``word word score`` a line, by tab, comma or white space, as WordSim353 and SimLex999 come; lines of
    ``#`` and one heading are passed over. A score is the third column that a line has.

    TuiEmbedError, with the line, for a file that is not like that.
    """
    pairs: list[tuple[str, str, float]] = []
    lines = [(number, line) for number, line in _lines(path) if not line.startswith("#")]
    for place, (number, line) in enumerate(lines):
        columns = [column.strip() for column in _split(line)]
        score = _number(columns[2]) if len(columns) >= 3 else None
        if score is None:
            if place == 0:
                continue
            raise TuiEmbedError(f"{path}, line {number}: not two words and a number")
        pairs.append((columns[0], columns[1], score))
    if not pairs:
        raise TuiEmbedError(f"{path}: no pairs", "a pair is two words and a number on a line")
    return pairs


def _lines(path: Path) -> list[tuple[int, str]]:
    """Numbered lines that are not blank."""
    try:
        if not path.is_file():
            what = "is no regular file" if path.exists() else "there is no such file"
            raise TuiEmbedError(f"{path}: {what}")
        if path.stat().st_size > MAX_BYTES:
            raise TuiEmbedError(f"{path}: larger than {MAX_BYTES >> 20} MB, too large for questions")
        content = path.read_bytes()
    except OSError as error:
        raise TuiEmbedError(f"{path}: {error.strerror}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TuiEmbedError(f"{path}, line {line}: not UTF-8 text") from None
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _split(line: str) -> list[str]:
    for separator in ("\t", ","):
        if separator in line:
            return line.split(separator)
    return line.split()


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
