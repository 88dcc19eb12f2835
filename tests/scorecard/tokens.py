"""Tokens that mean harm to a terminal, and texts that break tokenizers."""

ESC = "\x1b"
_CONTROLS = [f"{chr(code)}X{code}" for code in (*range(32), *range(127, 160))]
_SEQUENCES = [
    *(f"{ESC}[{end}" for end in ("2J", "H", "31m", "?1049l", "?25l", "1000A", "6n", "c", "20t", "!p", ">q")),
    *(f"\x9b{end}" for end in ("2J", "31m", "6n", "?1000h")),
    *(
        f"{ESC}]{what}\x07"
        for what in ("0;owned", "2;owned", "52;c;UFdOMg==", "8;;http://x", "4;1;red", "1337;x")
    ),
    *(f"{ESC}]{what}{ESC}\\" for what in ("0;owned", "52;c;?", "8;;file:///etc/passwd")),
    *(f"\x9d{what}\x9c" for what in ("0;owned", "52;c;UFdO")),
    *(
        f"{ESC}{what}"
        for what in ("c", "7", "8", "D", "M", "P$qX", "_G", "^x", "X", "(0", "#8", "=", ">", "")
    ),
    *("\x90X", "\x98X", "\x9eX", "\x9fX", "\x84", "\x85"),
]
_MARKUP = [
    *("[/]", "[red]X[/red]", "[", "]", "[@click=app.quit]X[/]", "[$primary]X", "\\[X", "[b", "[[", "[/b]"),
    *(
        "[link=http://x]y",
        "[bold red on blue]",
        "[not a tag]",
        "[#ff0000]",
        "[on red]",
        ":smile:",
        "{x}",
        "$X",
    ),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><script>", "&lt;", "<!--", "]]>"),
    *(
        "**bold**",
        "`code`",
        "[x](javascript:alert(1))",
        "| a | b |",
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "%s",
        "{{7*7}}",
    ),
    *("../../etc/passwd", "~/.ssh", "$(id)", "`id`", "; rm -rf", "a\0b", "CON", "a/b", "'; DROP TABLE x;--"),
]
_DIRECTIONS = [
    *(
        "\u202eX\u202c",
        "\u2066X",
        "abc\u202e",
        "\u200fX",
        "\u061cX",
        "\u2067X\u2069",
        "مرحبا",
        "שלום 12",
        "a\u202db",
    ),
]
_WIDTHS = [
    *(
        "東京都",
        "ｆｕｌｌ",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "👍🏽",
        "﷽",
        "𒐫",
        "꧅",
        "ﬀ",
        "क्ष",
        "க்ஷ",
        "\u20e3",
        "☺\ufe0f",
        "☺\ufe0e",
    ),
    *("a" + "\u0301" * 50, "Z" + "".join(chr(0x300 + i % 0x6F) for i in range(300)), "\u0301start"),
    *(
        "",
        " ",
        "  ",
        "   x",
        "x   ",
        "\t",
        "\u200b",
        "pass\u200bword",
        "\ufeff",
        "\u00ad",
        "\u3164",
        "\u2800",
        "\u00a0",
    ),
    *("\u2028", "\u2029", "\u0085", "\u3000", "\u1680", "\u180e", "\u2060", "\u034f", "\U000e0041", "\ufe0f"),
    *(
        "\ufffd",
        "\uffff",
        "\ufffe",
        "\U0010ffff",
        "\ue000",
        "\ufdd0",
        "x" * 5_000,
        "長" * 3_000,
        "a b " * 500,
    ),
]
_BYTES: list[str | bytes] = [
    *(b"\xff", b"\xe5\xbc", b"\xed\xa0\x80", b"\x80\x1b[31m", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xfe\xff"),
]
_ALIKE = ["king", "kіng", "ｋing", "k\u200bing", "King", "KING", "kıng", "ﬁ", "Å", "Å", "Å"]

TOKENS: list[str | bytes] = [
    *_CONTROLS, *_SEQUENCES, *_MARKUP, *_DIRECTIONS, *_WIDTHS, *_BYTES, *_ALIKE,
]  # fmt: skip

TEXTS = [
    *("", " ", "\n", "\r\n", "\t", "\0", "\x1b[31m", "a\0b", " " * 10_000, "\n" * 5_000, "\t \t" * 1_000),
    *(
        "a" * 50_000,
        "ab " * 20_000,
        "1" * 10_000,
        "." * 10_000,
        "😀" * 3_000,
        "👩‍👩‍👧‍👦",
        "🇩🇪🇫🇷",
        "é",
        "e\u0301",
    ),
    *(
        "\u0301" * 500,
        "他很高兴",
        "猫" * 5_000,
        "مرحبا بالعالم",
        "שלום",
        "สวัสดี",
        "한국어",
        "日本語",
        "Ελληνικά",
    ),
    *("<|endoftext|>", "<|endofprompt|>", "<|fim_prefix|>x<|fim_suffix|>", "<|im_start|>", "[CLS]", "<s>"),
    *(" SolidGoldMagikarp", "strawberry", " strawberry", "'s 't 're 've", "’s", "hello world", "\ufeffbom"),
    *(
        "\u2028\u2029",
        "\u00a0" * 100,
        "\u200b" * 100,
        "\u202e",
        "\U0010ffff",
        "\ufffd",
        "\ue000",
        "ﬁ ﬀ",
        "İı",
    ),
    *(
        "".join(map(chr, range(1, 256))),
        "".join(map(chr, range(0x4E00, 0x4F00))),
        "a\u0300\u0301\u0302" * 100,
    ),
]
