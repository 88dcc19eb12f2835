"""Memory that only a look at all objects frees, freed when nobody waits for an answer."""

import gc
import time

from tui_embed.tui.typeahead import TypeaheadApp

LOOK_SECONDS = 0.5
QUIET_SECONDS = 1.0
ENOUGH = 10
"""Collections of younger objects after which Python itself would look at all of them: every few seconds of
keys, for a tenth of a second each time.
"""
AT_LAST = 100
"""After so many it does so though somebody types."""


def tidy_when_quiet(app: TypeaheadApp) -> None:
    """Let ``app`` collect garbage of all generations between keys rather than under one."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, AT_LAST)
    app.set_interval(LOOK_SECONDS, lambda: _tidy(app))


def _tidy(app: TypeaheadApp) -> None:
    if gc.get_count()[2] >= ENOUGH and time.monotonic() - app.heard_at > QUIET_SECONDS:
        gc.collect()
