"""Errors that a person reads: what went wrong, where, and what to do."""


class TuiEmbedError(Exception):
    """One line for a person.

    ``message`` says what failed and where; ``hint`` says what to do about it. Both may hold text from
    outside: whoever shows them passes them through :func:`tui_embed.printable.printable`.
    """

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class SourceError(TuiEmbedError):
    """A file that cannot be read as what it claims to be: which file, where in it, what is wrong there."""

    def __init__(self, path: object, what: str, place: str = "", hint: str = "") -> None:
        super().__init__(f"{path}, {place}: {what}" if place else f"{path}: {what}", hint)


class UsageError(TuiEmbedError):
    """The request itself is wrong: an option, an expression, a token that is not there."""

    exit_status = 2


class UnknownTokenError(UsageError):
    """A token that the vocabulary does not have; ``suggestions`` are tokens that it has, best first."""

    def __init__(self, token: str, space: str, suggestions: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(f"“{token}” is not in {space}", hint)
        self.token = token
        self.suggestions = suggestions


class ExpressionError(UsageError):
    """An expression that cannot be read; ``column`` is the 0-based character where reading stopped."""

    def __init__(self, message: str, text: str, column: int) -> None:
        super().__init__(f"{message} at column {column + 1}", "")
        self.text = text
        self.column = column


class CancelledError(Exception):
    """The work was cancelled from outside; not an error to show."""
