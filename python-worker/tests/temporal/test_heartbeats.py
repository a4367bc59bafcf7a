from __future__ import annotations

from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.temporal.child_process import Sample
from inlet_worker.temporal.heartbeats import Pulse


def test_a_run_that_neither_reads_nor_works_is_given_up_after_two_minutes() -> None:
    pulse = Pulse()
    figures = Progress(rows=10)
    alive = [
        pulse.is_alive(now, figures, Sample(1.0 + now * 0.001)) for now in (0.0, 60.0, 119.0, 120.0)
    ]
    assert alive == [True, True, True, False]


def test_a_run_lives_while_its_figures_move() -> None:
    pulse = Pulse()
    assert all(
        pulse.is_alive(now, Progress(bytes=int(now)), Sample(1.0))
        for now in (0.0, 100.0, 200.0, 300.0)
    )


def test_a_wait_for_the_vendor_is_a_movement() -> None:
    pulse = Pulse()
    assert all(
        pulse.is_alive(now, Progress(waited_ms=int(now)), None) for now in (0.0, 100.0, 200.0)
    )


def test_a_long_merge_lives_by_its_processor_time() -> None:
    pulse = Pulse()
    assert all(
        pulse.is_alive(now, Progress(rows=10), Sample(now * 0.01))
        for now in (0.0, 100.0, 200.0, 300.0)
    )


def test_a_process_that_is_gone_does_not_live_by_its_past() -> None:
    pulse = Pulse()
    assert pulse.is_alive(0.0, Progress(), Sample(50.0))
    assert not pulse.is_alive(120.0, Progress(), None)
