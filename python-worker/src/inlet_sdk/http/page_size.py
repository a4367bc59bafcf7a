"""How many records a page is asked for: half as many after each answer that was too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from inlet_sdk.http.body import AnswerTooLarge

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741


class PageSize:
    """Of one listing, from `most` on. It does not grow again: the pages after are like the one
    before.
    """

    def __init__(self, most: int) -> None:
        self.now = most

    def halve(self) -> bool:
        """Whether there is a smaller one."""
        if self.now <= 1:
            return False
        self.now = max(1, self.now // 2)
        return True

    def fitting(self, ask: Callable[[int], T]) -> T:
        """What `ask` answers for the largest size that can be read. Raises AnswerTooLarge for a
        single record that cannot.
        """
        while True:
            try:
                return ask(self.now)
            except AnswerTooLarge:
                if not self.halve():
                    raise


def fitting_parts(
    ids: Sequence[I], most: int, ask: Callable[[Sequence[I]], T]
) -> Iterator[tuple[Sequence[I], T]]:
    """Bulk reads: the ids some at a time, each with what `ask` answers for them. Raises as
    `PageSize.fitting` does.
    """
    size, left = PageSize(most), ids
    while left:
        answer = size.fitting(partial(_of_first, ask, left))
        some, left = left[: size.now], left[size.now :]
        yield some, answer


def _of_first(ask: Callable[[Sequence[I]], T], ids: Sequence[I], count: int) -> T:
    return ask(ids[:count])
