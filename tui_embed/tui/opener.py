"""Opening a space beside the one that is shown: asked for, begun, followed, and said to have failed."""

from collections.abc import Callable
from pathlib import Path

from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.catalog import Drawing
from tui_embed.tui.jobs import Job, JobProgress, JobsApp, Work
from tui_embed.tui.opening import Opening, Wanted, folder_of, keeping, opening

SLOW_SECONDS = 0.3
"""What takes less to open is not worth a line that comes and goes."""


class Opener:
    """The one opening that may run for ``app``; ``show`` is told of it, and of None when it is over."""

    def __init__(
        self, app: JobsApp, show: Callable[[Opening | None], None], drawing: Drawing, cache: bool
    ) -> None:
        self._app = app
        self._show = show
        self._drawing = drawing
        self._cache = cache
        self._running: Opening | None = None
        self._folder = _here()

    def ask(self) -> None:
        """Let the person choose what to open."""
        from tui_embed.tui.screens.open import Answer, OpenDialog

        def chosen(answer: Answer | None) -> None:
            if answer is not None:
                wanted, self._drawing = answer
                self.open(wanted)

        self._app.push_screen(OpenDialog(self._drawing, self._folder), chosen)

    def open(self, wanted: Wanted) -> None:
        """Open ``wanted`` in a job, which takes the place of one that runs."""
        self._folder = folder_of(wanted) or self._folder
        self._start(wanted, opening(wanted, self._drawing, self._cache))

    def keep(self, space: EmbeddingSpace) -> None:
        """Put the rows of a checkpoint into the store, and take them from there."""
        self._start(Wanted("keep", space.name), keeping(space))

    def _start(self, wanted: Wanted, work: Work) -> None:
        job = self._app.jobs.start("open", work, self._app, f"opening {wanted.name}")
        self._running = Opening(wanted, job)
        self._app.set_timer(SLOW_SECONDS, self._tell)

    def progressed(self, message: JobProgress) -> bool:
        """Take in how far a job is; False where it is another's."""
        if self._running is None or message.job is not self._running.job:
            return False
        self._running.pace.note(message.done, message.total)
        self._tell()
        return True

    def ended(self, job: Job) -> Wanted | None:
        """Take in that ``job`` is over; what it was to open, where that is known here."""
        if self._running is None or job is not self._running.job:
            return None
        wanted, self._running = self._running.wanted, None
        self._tell()
        return wanted

    def tell_failed(self, wanted: Wanted, error: TuiEmbedError, still: str) -> None:
        """Say in full why it cannot be opened, and, printable, what is so in spite of it."""
        from tui_embed.tui.screens.problem import ProblemDialog

        self._app.push_screen(
            ProblemDialog(
                f"{wanted.name} was not {'kept' if wanted.kind == 'keep' else 'opened'}", error, still
            )
        )

    def _tell(self) -> None:
        self._show(self._running)


def _here() -> Path:
    """The folder that the program was started in, or the root where that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")
