"""What every sink promises of processes that are really killed, of processes that sleep past their
lease, of stores that go away in between, and of answers that are lost: no row is lost, none is
doubled, nobody who was overtaken commits, and after the sweep nothing is left.

`contract_sink.py` tries a stop at every step, of every kind of commit, in one process. Here the
signals are real. A sink's suite gives `opening`, `argument`, `left_over`, and what it has of
`restart` and `losing_an_answer`.
"""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.interrupted_writer import InterruptedWriter, Opening, WriterOrder
from inlet_sdk.testing.sink_laws.subject import TARGET, SinkUnderTest, a_commit

LAST = 8
LEAST = 8
"""Points of the shortest commit, which looks, writes a file, looks again and points to it."""
BEFORE_IDS, IDS, NEXT_IDS = (0, 1, 2), (3, 4, 5), (6, 7)
MODES = ("INCREMENTAL", "FULL")


class Losing:
    """A sink of the same place. `lost`: how many answers it did not get."""

    def __init__(self, sink: SinkEndpoint) -> None:
        self.sink = sink
        self.lost = 0


class InterruptionContract(SinkUnderTest):
    """Of the points of a commit the last 8 are tried, where it is decided, and so many `earlier`
    ones. `lock_stays`: a store without a server, in which a frozen process keeps its lock. Nobody
    overtakes it then: others fail, with a retry, until it goes on. `no_restart`, `no_lost_answer`:
    why there is none.
    """

    opening: ClassVar[Opening]
    earlier: ClassVar[int] = 8
    lock_stays: ClassVar[bool] = False
    no_restart: ClassVar[str] = ""
    no_lost_answer: ClassVar[str] = ""

    def argument(self, place: Path) -> Any:
        """What `opening.open` takes."""
        raise NotImplementedError

    def left_over(self, place: Path) -> list[str]:
        """What is in the store and belongs to nothing that has landed, found by another way than
        the sink's own.
        """
        raise NotImplementedError

    def restart(self, place: Path) -> None:
        """The store is killed, and starts again on what it had kept."""
        raise NotImplementedError

    def losing_an_answer(self, place: Path) -> AbstractContextManager[Losing]:
        """The next request that may commit is carried out, and its answer is lost."""
        raise NotImplementedError

    @pytest.mark.parametrize("mode", MODES)
    def test_sigkill_at_any_request_and_a_retry_land_what_one_commit_does(
        self, tmp_path: Path, mode: str
    ) -> None:
        wanted = self._of_one_commit(tmp_path / "whole", mode)
        killed = 0

        for at in self._points(tmp_path / "count", mode):
            place = self._begun(tmp_path / f"at-{at}")
            with self._writer(place, mode, at=at) as writer:
                killed += writer.was_killed()
            receipt = self._retry(place, mode)
            assert receipt.landed == len(IDS), at
            assert self._ids(place) == wanted, at
            self._nothing_is_left(place, at)
            assert self._ids(place) == wanted, at
        self._tell_points(killed)

    def test_a_writer_that_sleeps_past_its_lease_commits_nothing_after_its_successor(
        self, tmp_path: Path
    ) -> None:
        stopped = 0
        for at in self._points(tmp_path / "count", "INCREMENTAL"):
            place = self._begun(tmp_path / f"at-{at}")
            with self._writer(place, "INCREMENTAL", at=at, signal=signal.SIGSTOP) as zombie:
                stopped += zombie.sleeps()
                happened = self._overtake(place, zombie)

            ids = [*BEFORE_IDS, *(IDS if happened else ()), *NEXT_IDS]
            assert self._ids(place) == [str(n) for n in ids], at
            self._nothing_is_left(place, at)
        self._tell_points(stopped)

    def test_a_store_that_is_killed_and_comes_back_has_the_slice_once(self, tmp_path: Path) -> None:
        if self.no_restart:
            self.passes_over(self.no_restart)
            return
        for step in self.steps:
            place = self._begun(tmp_path / step)
            killed: list[str] = []

            def restart(
                reached: str, place: Path = place, step: str = step, killed: list[str] = killed
            ) -> None:
                if reached == step and not killed:
                    killed.append(step)
                    self.restart(place)

            # The next attempt from outside finds what the interrupted one had done.
            with suppress(RetryableError):
                self._land(self.open_sink(place, restart), IDS, "r1", 2)
            assert killed and self._retry(place, "INCREMENTAL").landed == len(IDS), step
            assert self._ids(place) == [str(n) for n in (*BEFORE_IDS, *IDS)], step
            self._nothing_is_left(place, step)
        self._record("points", len(self.steps))

    def test_a_commit_whose_answer_is_lost_is_settled_by_looking(self, tmp_path: Path) -> None:
        if self.no_lost_answer:
            self.passes_over(self.no_lost_answer)
            return
        place = self._begun(tmp_path / "lost")
        with self.losing_an_answer(place) as losing, suppress(RetryableError):
            self._land(losing.sink, IDS, "r1", 2)
        assert losing.lost == 1

        found = self.open_sink(place).find_commit(TARGET, "r1/0")
        receipt = self._retry(place, "INCREMENTAL")
        assert found == receipt and receipt.landed == len(IDS)
        assert self._ids(place) == [str(n) for n in (*BEFORE_IDS, *IDS)]
        self._nothing_is_left(place, "lost")

    def _writer(self, place: Path, mode: str, **more: Any) -> InterruptedWriter:
        order = WriterOrder(self.opening, self.argument(place), IDS, mode=mode)
        return InterruptedWriter(replace(order, **more))

    def _points(self, place: Path, mode: str) -> list[int]:
        """Those to be tried, counted in a commit that nothing interrupts."""
        with self._writer(self._begun(place), mode) as writer:
            said, count = writer.said()
        assert said == str(len(IDS)) and count >= LEAST, (said, count)
        last = range(max(1, count - LAST + 1), count + 1)
        before = range(1, last[0])
        tried = min(self.earlier, len(before))
        return [*(before[n * len(before) // tried] for n in range(tried)), *last]

    def _tell_points(self, interrupted: int) -> None:
        """A commit may make a request less than the one that was counted, and end before."""
        assert interrupted >= LEAST
        self._record("points", interrupted)

    def _begun(self, place: Path) -> Path:
        place.mkdir(parents=True)
        self._land(self.open_sink(place), BEFORE_IDS, "r0", 1)
        return place

    def _overtake(self, place: Path, zombie: InterruptedWriter) -> bool:
        """The next run commits, then the sleeper goes on; or the sleeper first, where it holds the
        lock. Whether the sleeper's commit happened.
        """
        if self._is_held_up(place):
            assert self.lock_stays
            zombie.go_on()
            assert zombie.said()[0] == str(len(IDS))
            return self._succeed(place)

        happened = self._succeed(place)
        before = self._ids(place)
        zombie.go_on()
        assert zombie.said()[0] == (str(len(IDS)) if happened else "FENCED")
        assert self._ids(place) == before
        return happened

    def _is_held_up(self, place: Path) -> bool:
        """Whether the successor gets no further than its fence."""
        try:
            self.open_sink(place).fence(TARGET, 7)
        except RetryableError:
            return True
        return False

    def _succeed(self, place: Path) -> bool:
        """The next run settles, and commits. Whether the commit before is in the sink."""
        successor = self.open_sink(place)
        successor.fence(TARGET, 7)
        happened = successor.find_commit(TARGET, "r1/0") is not None
        self._land(successor, NEXT_IDS, "r2", 7)
        return happened

    def _retry(self, place: Path, mode: str) -> CommitReceipt:
        return self._land(self.open_sink(place), IDS, "r1", 2, mode)

    def _land(
        self, sink: SinkEndpoint, ids: Any, run: str, epoch: int, mode: Any = "INCREMENTAL"
    ) -> CommitReceipt:
        return self.land(sink, [a_row(n) for n in ids], a_commit(run, epoch, mode))

    def _of_one_commit(self, place: Path, mode: str) -> list[str]:
        self._begun(place)
        self._retry(place, mode)
        return self._ids(place)

    def _ids(self, place: Path) -> list[str]:
        return self.ids_of(self.open_sink(place))

    def _nothing_is_left(self, place: Path, point: object) -> None:
        later = self.days_later(place)
        later.sweep(TARGET)
        assert later.sweep(TARGET) == 0, point
        assert self.left_over(place) == [], point
