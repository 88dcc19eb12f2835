"""Work that takes longer than a frame: one thread a job, cancelled by the next of its kind."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.errors import CancelledError, TuiEmbedError
from tui_embed.tui.typeahead import TypeaheadApp

PROGRESS_SECONDS = 0.1

Work = Callable[[CancelToken, Progress], object]


@dataclass(eq=False, slots=True)
class Job:
    """One run of some work for the widget ``target``; ``title`` names it for a person. A ``lasting`` one is
    not what Esc stops: it ends by itself, by a wish of its own, or with the app.
    """

    kind: str
    title: str
    target: MessagePump
    lasting: bool = False
    cancel: CancelToken = field(default_factory=CancelToken)
    seconds: float = 0.0
    running: bool = True

    @property
    def stale(self) -> bool:
        """Whether a newer job of the kind took its place, or it was cancelled: its result is not wanted."""
        return self.cancel.cancelled


class JobMessage(Message):
    """News of a job, posted to its target, from where it bubbles to the app."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


class JobProgress(JobMessage):
    def __init__(self, job: Job, done: int, total: int) -> None:
        super().__init__(job)
        self.done = done
        self.total = total

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, JobProgress) and message.job is self.job


class JobFinished(JobMessage):
    def __init__(self, job: Job, result: object) -> None:
        super().__init__(job)
        self.result = result


class JobFailed(JobMessage):
    def __init__(self, job: Job, error: TuiEmbedError) -> None:
        super().__init__(job)
        self.error = error


class JobCancelled(JobMessage):
    """The job stopped because a person asked for it; not posted for jobs that newer ones replaced."""


class JobDropped(JobMessage):
    """The job was replaced or its question is no longer asked; posted to the app alone."""


class Jobs:
    """Starts work for widgets and keeps at most one job a kind and target."""

    def __init__(self, app: TypeaheadApp) -> None:
        self._app = app
        # A finished job stays: news of it that still waits in a queue must become stale with the next.
        self._latest: dict[tuple[str, int], Job] = {}

    def start(self, kind: str, work: Work, target: MessagePump, title: str, *, lasting: bool = False) -> Job:
        """Run ``work`` in a thread; a job of the same kind for the same target is cancelled first."""
        self.drop(kind, target)
        self._forget_closed()
        job = self._latest[(kind, id(target))] = Job(kind, title, target, lasting)
        self._app.run_worker(
            partial(self._run, job, work),
            name=title,
            group=kind,
            description=title,
            exit_on_error=False,
            thread=True,
        )
        return job

    def drop(self, kind: str, target: MessagePump) -> None:
        """Cancel the job of a kind for ``target`` without a word: its question is no longer asked."""
        job = self._latest.pop((kind, id(target)), None)
        if job is not None:
            job.cancel.cancel()
            if job.running:
                self._app.post_message(JobDropped(job))

    def running(self) -> list[Job]:
        """What runs and is not lasting."""
        return [job for job in self._all_running() if not job.lasting]

    def stop(self) -> list[Job]:
        """Cancel all that :meth:`running` names; returns what was stopped."""
        return self._stop(self.running())

    def stop_all(self) -> None:
        """Cancel everything, lasting jobs too: the app ends."""
        self._stop(self._all_running())

    def _all_running(self) -> list[Job]:
        return [job for job in self._latest.values() if job.running]

    def _stop(self, stopped: list[Job]) -> list[Job]:
        for job in stopped:
            job.running = False
            job.cancel.cancel()
            job.target.post_message(JobCancelled(job))
        return stopped

    def _forget_closed(self) -> None:
        """Let go of finished jobs of widgets that are gone."""
        self._latest = {key: job for key, job in self._latest.items() if job.running or job.target.is_running}

    def _run(self, job: Job, work: Work) -> None:
        started = last = time.perf_counter()

        def progress(done: int, total: int) -> None:
            nonlocal last
            now = time.perf_counter()
            if now - last >= PROGRESS_SECONDS:
                last = now
                job.target.post_message(JobProgress(job, done, total))

        message: JobMessage
        try:
            result = work(job.cancel, progress)
            job.seconds = time.perf_counter() - started
            message = JobFinished(job, result)
        except CancelledError:
            return
        except TuiEmbedError as error:
            message = JobFailed(job, error)
        except Exception as error:  # noqa: BLE001 — an error that a thread raises would be lost with it
            from tui_embed.bug_reports import fault

            message = JobFailed(job, fault(error, job.title, job.kind))
        self._app.call_from_thread(self._finish, job, message)

    def _finish(self, job: Job, message: JobMessage) -> None:
        if job.stale:
            return
        job.running = False
        job.target.post_message(message)


class JobsApp(TypeaheadApp):
    """An app that runs jobs for its widgets."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs = Jobs(self)
        self.failure: TuiEmbedError | None = None
        """Why the app ended, where it did not end as the person asked."""

    def _fatal_error(self) -> None:
        """End with one line and a report: Textual would show the values of all variables, which are outside
        text.
        """
        from tui_embed.bug_reports import fault

        error = self._exception or RuntimeError("an error without a name")
        self.failure = fault(error, "the app", "the app")
        self._close_messages_no_wait()

    def on_unmount(self) -> None:
        # however the app ends: leaving waits for threads
        self.jobs.stop_all()


def jobs_of(widget: Widget) -> Jobs:
    """The jobs of the app that ``widget`` is in."""
    app = widget.app
    if not isinstance(app, JobsApp):
        raise TypeError(f"{type(app).__name__} runs no jobs")
    return app.jobs
