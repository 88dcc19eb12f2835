"""Text that has a UTF-8 form, for tokenizers that work on bytes."""


def wellformed(text: str) -> str:
    """``text`` with surrogate pairs joined and every lone surrogate replaced by U+FFFD, as tiktoken does."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
