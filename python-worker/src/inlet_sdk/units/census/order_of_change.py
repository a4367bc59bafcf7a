"""Which records cannot have the time of change that has landed: pure.

A site lists thousands of ids a page, but few with their times. Listed in the order of their last
change, the ids alone tell most: the times that have landed must ascend along the list.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from inlet_sdk.units.change_cursor import floor_minute


def out_of_order(listed: Sequence[int], landed: Mapping[int, int]) -> list[int]:
    """The fewest of the ids, listed from the oldest change to the newest, without which the times
    that have landed (epoch ms) ascend. Minutes are compared, as vendors do. An id that has not
    landed is none of them.
    """
    ids = [record for record in listed if record in landed]
    minutes = [floor_minute(landed[record]) for record in ids]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, minute in enumerate(minutes):
        length = bisect_right(tails, minute)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [minute]
        ends[length : length + 1] = [at]

    fitting: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        fitting.add(at)
        at = before[at]
    return [record for at, record in enumerate(ids) if at not in fitting]
