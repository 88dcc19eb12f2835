"""How a text of vectors is laid out: its separator, its heading, how many numbers a row has."""

import re
from collections import Counter
from dataclasses import dataclass

from tui_embed.sources.file import SourceFile
from tui_embed.sources.numbers import NUMBER

SAMPLED_LINES = 64
BOM = b"\xef\xbb\xbf"

_HEADING = re.compile(rb"[ \t]*(-?[0-9]+)[ \t]+(-?[0-9]+)[ \t\r]*")
_WRONG_CONTENT = (
    (re.compile(rb"\s*<(?:!doctype|html|head|\?xml)", re.IGNORECASE), "an HTML or XML page, not vectors"),
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer: the vectors themselves are not here"),
    (re.compile(rb"\xff\xfe|\xfe\xff"), "UTF-16 text: save it as UTF-8"),
    (re.compile(rb"(?:<{7}|={7}|>{7})(?: |$)"), "a mark of a git merge conflict"),
)


@dataclass(frozen=True, slots=True)
class TextLayout:
    """``separators`` are the bytes between fields. ``n_rows`` is what the heading claims, None without one;
    ``skip`` the bytes before the first row, ``first_line`` the number of the line that it is on.
    """

    separators: bytes
    d_model: int
    n_rows: int | None
    skip: int
    first_line: int


def text_layout(file: SourceFile) -> TextLayout:
    """The layout, found on the first lines. SourceError where they are no rows of numbers."""
    head = file.head
    start = len(BOM) if head.startswith(BOM) else 0
    lines = head[start:].split(b"\n")
    if len(head) < 1 << 16 and not lines[-1]:
        del lines[-1]
    blank = next((i for i, line in enumerate(lines) if line.strip(b" \t\r")), None)
    if blank is None:
        raise file.error("there are only blank lines in it", "line 1")
    start += sum(len(line) + 1 for line in lines[:blank])
    first, number = lines[blank], blank + 1
    check_content(file, first, number)
    heading = _HEADING.fullmatch(first)
    if heading is None:
        separators = _separators(first)
        return TextLayout(separators, _width(file, lines[blank:], separators, number), None, start, number)
    n_rows, d_model = int(heading[1]), int(heading[2])
    if n_rows < 1 or d_model < 1:
        raise file.error(f"the heading says {n_rows} rows of {d_model} numbers", f"line {number}")
    rows = [line for line in lines[blank + 1 :] if line.strip(b" \t\r")]
    if not rows:
        raise file.error("a heading and no rows", f"line {number}")
    if file.packing is None and n_rows * (2 * d_model + 1) > file.size:
        what = (
            f"the heading says {n_rows:,} rows of {d_model:,} numbers, which {file.size:,} bytes cannot hold"
        )
        raise file.error(what, f"line {number}")
    return TextLayout(_separators(rows[0]), d_model, n_rows, start + len(first) + 1, number + 1)


def check_content(file: SourceFile, line: bytes, number: int) -> None:
    """SourceError for a line that shows that this is another kind of file."""
    for pattern, what in _WRONG_CONTENT:
        if pattern.match(line):
            raise file.error(what, f"line {number}")


def trailing_numbers(line: bytes, separators: bytes) -> int:
    """How many numbers stand at the end of a line, leaving one field for the token."""
    fields = split_fields(line, separators)
    count = 0
    for field in reversed(fields[1:]):
        if not NUMBER.fullmatch(field):
            break
        count += 1
    return count


def split_fields(line: bytes, separators: bytes) -> list[bytes]:
    """The fields of a line; separators at its end are not before another one."""
    stripped = line.removesuffix(b"\r").rstrip(separators)
    return re.split(rb"[" + separators + rb"]", stripped)


def _separators(line: bytes) -> bytes:
    """Tabs where numbers stand between them, blanks else, both where the line has both."""
    by_tab, by_blank = trailing_numbers(line, b"\t"), trailing_numbers(line, b" ")
    by_both = trailing_numbers(line, b" \t")
    if by_both > max(by_tab, by_blank) and by_both - max(by_tab, by_blank) == 1 and by_blank:
        return b" \t"  # a tab after the token, blanks between the numbers
    return b"\t" if by_tab > by_blank else b" "


def _width(file: SourceFile, lines: list[bytes], separators: bytes, number: int) -> int:
    """How many numbers a row has: what most of the first lines agree on, else the first one's."""
    sampled = [line for line in lines[:SAMPLED_LINES] if line.strip(b" \t\r")]
    if len(sampled) > 1 and len(lines) <= SAMPLED_LINES + 1:
        sampled = sampled[:-1] if len(file.head) == 1 << 16 else sampled
    counts = [trailing_numbers(line, separators) for line in sampled]
    width, times = Counter(count for count in counts if count).most_common(1)[0] if any(counts) else (0, 0)
    if times * 2 <= len(sampled) and counts[0]:
        width = counts[0]
    if not width:
        raise file.error("no row of numbers: a row is a token and its numbers", f"line {number}")
    return width
