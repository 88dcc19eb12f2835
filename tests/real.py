"""Published models, fetched for real once, and found again by later runs."""

import os
import time
from functools import cache
from unittest import mock

from data import CACHE

from tui_embed.errors import TuiEmbedError
from tui_embed.sources.fetch.fetch import Fetched, fetch

WAIT_SECONDS = 300


@cache
def fetched(name: str) -> Fetched:
    """Fetch a set into a folder that stays, or wait until the test process beside this one has."""
    give_up = time.monotonic() + WAIT_SECONDS
    with mock.patch.dict(os.environ, {"XDG_DATA_HOME": str(CACHE / "data")}):
        while True:
            try:
                return fetch(name)
            except TuiEmbedError as error:
                if "another process" not in error.message or time.monotonic() > give_up:
                    raise
            time.sleep(0.2)
