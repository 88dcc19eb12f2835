"""How fast, how far, how long."""

import pytest

from tui_embed.pace import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_rate_and_time_left_are_those_of_the_last_seconds(clock):
    pace = Pace(clock)
    for _ in range(20):
        clock.now += 0.5
        pace.note(pace.done + 100, 10_000)
    assert (pace.rate, pace.share, pace.seconds_left) == (200, 0.2, 40)
    for _ in range(20):
        clock.now += 0.5
        pace.note(pace.done + 300, 10_000)
    assert (pace.rate, pace.share, pace.seconds_left) == (600, 0.8, pytest.approx(2000 / 600))


def test_nothing_is_said_before_there_is_something_to_say(clock):
    pace = Pace(clock)
    assert (pace.share, pace.rate, pace.seconds_left) == (None, None, None)
    clock.now += 0.1
    pace.note(1, 10)
    assert (pace.share, pace.rate, pace.seconds_left) == (0.1, None, None)


def test_a_whole_that_is_not_known_has_no_share(clock):
    pace = Pace(clock)
    pace.note(0, 0)
    clock.now += 1
    pace.note(500, 0)
    assert (pace.share, pace.rate, pace.seconds_left) == (None, 500, None)


def test_another_part_of_the_work_starts_anew(clock):
    pace = Pace(clock)
    for done in (1000, 2000, 10, 60):
        clock.now += 0.5
        pace.note(done, 100)
    assert (pace.share, pace.rate) == (0.6, 100)


def test_more_than_the_whole_is_the_whole(clock):
    pace = Pace(clock)
    pace.note(0, 20)
    clock.now += 1
    pace.note(30, 20)
    assert (pace.share, pace.seconds_left) == (1, 0)


def test_what_was_done_before_makes_no_rate(clock):
    pace = Pace(clock)
    clock.now += 0.1
    pace.note(5_000_000, 9_000_000)
    clock.now += 1
    pace.note(5_000_100, 9_000_000)
    assert pace.rate == 100
