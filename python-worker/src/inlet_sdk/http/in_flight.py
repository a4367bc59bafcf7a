"""Several requests under way at once, for one reader who wants their answers in order."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Fetch = Callable[[], T]

FIRST = 2
MOST = 24
MOST_AHEAD = 16
"""Answers that wait for the reader, however small."""
MOST_BYTES = 16 * 2**20
"""Of the answers that wait for the reader, with those that are under way."""


class Depth:
    """How many are under way. One more each time that the reader had to wait, as long as the site
    does not get slower by it; never more than `fed`, what the budget can feed, nor than MOST.
    """

    def __init__(
        self, fed: Callable[[], float], is_crowded: Callable[[], bool] = lambda: False
    ) -> None:
        self._fed = fed
        self._is_crowded = is_crowded
        self._wished = FIRST

    @property
    def now(self) -> int:
        return max(1, min(self._wished, self.most))

    @property
    def most(self) -> int:
        """One more than keeps the budget busy on average: answers are not equally fast."""
        fed = self._fed()
        return MOST if fed >= MOST else min(MOST, math.ceil(fed * 1.25) + 1)

    def reader_waited(self) -> None:
        """The next answer was not there when it was wanted."""
        if self._wished < self.most and not self._is_crowded():
            self._wished += 1


@dataclass
class _Outcome(Generic[T]):
    value: T | None = None
    error: BaseException | None = None
    size: int = 0


class _Flight(Generic[T]):
    """Shared by the reader and the threads. `order` is held by the thread that takes the next
    fetch, `changed` by whoever looks at the figures.
    """

    def __init__(self, fetches: Iterator[Fetch[T]], depth: Depth, size: Callable[[T], int]) -> None:
        self._fetches = fetches
        self._depth = depth
        self._size = size

        self._order = threading.Lock()
        self._changed = threading.Condition()
        self._outcomes: dict[int, _Outcome[T]] = {}
        self._taken = self._read = self._running = self._threads = 0
        self._waiting_bytes = self._largest = 0
        self._is_drained = self._is_stopped = False

    def next(self) -> _Outcome[T] | None:
        """The next answer in order; None where there is none left."""
        with self._changed:
            self._grow()
            if self._read not in self._outcomes and not self._is_over():
                self._depth.reader_waited()
                self._grow()
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._read in self._outcomes or self._is_over())

            outcome = self._outcomes.pop(self._read, None)
            if outcome is not None:
                self._read += 1
                self._waiting_bytes -= outcome.size
                self._changed.notify_all()
            return outcome

    def stop(self) -> None:
        """No further fetch is begun; the answers of those that are under way are dropped."""
        with self._changed:
            self._is_stopped = True
            self._outcomes.clear()
            self._changed.notify_all()

    def _is_over(self) -> bool:
        return self._is_drained and self._read == self._taken

    def _grow(self) -> None:
        while self._threads < self._depth.now and not (self._is_drained or self._is_stopped):
            self._threads += 1
            threading.Thread(target=self._work, name="in-flight", daemon=True).start()

    def _has_room(self) -> bool:
        """The one that the reader waits for always has."""
        ahead = self._taken - self._read
        if ahead == 0 or self._is_stopped:
            return True
        expected = self._waiting_bytes + (self._running + 1) * self._largest
        return self._running < self._depth.now and ahead < MOST_AHEAD and expected <= MOST_BYTES

    def _work(self) -> None:
        while True:
            with self._order:
                with self._changed:
                    self._changed.wait_for(self._has_room)
                    if self._is_stopped or self._is_drained:
                        return
                number, fetch = self._taken, self._take()
                if fetch is None:
                    return

            outcome = self._done(fetch)
            with self._changed:
                self._running -= 1
                if not self._is_stopped:
                    self._largest = max(outcome.size, self._largest * 9 // 10)
                    self._waiting_bytes += outcome.size
                    self._outcomes[number] = outcome
                self._changed.notify_all()

    def _take(self) -> Fetch[T] | None:
        """The next fetch. What goes wrong while it is made is its own outcome."""
        failure: BaseException | None = None
        fetch: Fetch[T] | None = None
        try:
            fetch = next(self._fetches, None)
        except BaseException as error:
            failure = error

        with self._changed:
            if failure is not None:
                self._outcomes[self._taken] = _Outcome(error=failure)
            self._is_drained = fetch is None
            self._taken += 1 if fetch or failure else 0
            self._running += 1 if fetch else 0
            self._changed.notify_all()
        return fetch

    def _done(self, fetch: Fetch[T]) -> _Outcome[T]:
        try:
            value = fetch()
            return _Outcome(value, size=self._size(value))
        except BaseException as error:
            return _Outcome(error=error)


def in_order(fetches: Iterator[Fetch[T]], depth: Depth, size: Callable[[T], int]) -> Generator[T]:
    """What independent fetches answer, in their order, several under way at once. `size` tells the
    bytes of an answer. The first error in order is raised at its place; threads end with the
    reader. Fetches are made by the threads, one at a time.
    """
    flight = _Flight(fetches, depth, size)
    try:
        while (outcome := flight.next()) is not None:
            if outcome.error is not None:
                raise outcome.error
            yield outcome.value  # type: ignore[misc]
    finally:
        flight.stop()
