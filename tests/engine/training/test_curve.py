"""Loss curves: smoothed, bounded, and gone on with."""

import numpy as np

from tui_embed.engine.training.curve import MOST_POINTS, CurveRecorder, LossCurve


def test_the_smoothed_loss_begins_as_a_mean_and_follows() -> None:
    recorder = CurveRecorder()
    assert recorder.last is None
    for step, loss in enumerate([4.0, 2.0, 3.0], 1):
        recorder.add(step, loss)
    np.testing.assert_allclose(recorder.curve().smoothed, [4, 3, 3])
    for step in range(4, 1000):
        recorder.add(step, 1.0)
    raw, smoothed = recorder.last or (0, 0)
    assert raw == 1
    assert 1 <= smoothed < 1.001


def test_a_curve_stays_bounded_and_keeps_its_last_point() -> None:
    recorder = CurveRecorder()
    for step in range(1, 10 * MOST_POINTS):
        recorder.add(step, float(step))
    curve = recorder.curve()
    assert MOST_POINTS // 2 <= len(curve.steps) <= MOST_POINTS
    assert curve.steps[-1] == 10 * MOST_POINTS - 1
    assert (np.diff(curve.steps) > 0).all()
    np.testing.assert_array_equal(curve.raw, curve.steps)
    assert curve.steps[0] < 10 * MOST_POINTS / 100


def test_a_curve_that_was_kept_is_gone_on_with() -> None:
    straight, first = CurveRecorder(), CurveRecorder()
    losses = [5.0, 4.5, 3.0, 2.5]
    for step, loss in enumerate(losses):
        straight.add(step, loss)
    for step, loss in enumerate(losses[:2]):
        first.add(step, loss)
    straight.add_heldout(1, 4)
    first.add_heldout(1, 4)
    second = CurveRecorder(first.curve())
    for step, loss in enumerate(losses[2:], 2):
        second.add(step, loss)
    assert second.last_heldout == 4
    np.testing.assert_allclose(second.curve().smoothed, straight.curve().smoothed, rtol=1e-6)
    assert second.curve().steps.tolist() == [0, 1, 2, 3]


def test_an_empty_curve_has_nothing() -> None:
    assert CurveRecorder(LossCurve.empty()).last is None
    assert len(LossCurve.empty().raw) == 0
