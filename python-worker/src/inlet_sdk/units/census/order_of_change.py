"""Which records cannot have the time of change that has landed: pure.

A site lists thousands of ids a page, but few with their times. Listed in the order of their last
change, the ids alone tell most: the times that have landed must ascend along the list.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inlet_sdk.units.census.columns_of_ids import Times
from inlet_sdk.units.change_cursor import floor_minute


def out_of_order(listed: Sequence[int], landed: Times) -> list[int]:
    """The fewest of the ids, listed from the oldest change to the newest, without which the times
    that have landed (epoch ms) ascend. Minutes are compared, as vendors do. An id that has not
    landed is none of them, and of one that is listed twice the first place counts.
    """
    places = array("i")
    seen = bytearray(len(landed))
    for record in listed:
        place = landed.place(record)
        if place is not None and not seen[place]:
            seen[place] = 1
            places.append(place)

    minutes = _Minutes(landed, places)
    return [
        landed.ids[places[start + at]]
        for start, end in _disorders(minutes)
        for at in _misplaced([minutes[n] for n in range(start, end)])
    ]


@dataclass(frozen=True)
class _Minutes:
    """The minutes of change of the records at some places. A number of each is made when it is
    looked at: of a million, all together would take more than all else that a census holds.
    """

    landed: Times
    places: Sequence[int]

    def __getitem__(self, at: int) -> int:
        return floor_minute(self.landed.at[self.places[at]])

    def __len__(self) -> int:
        return len(self.places)


def _disorders(minutes: _Minutes) -> Iterator[tuple[int, int]]:
    """The parts that do not ascend: all before one are no later than what is in it, all behind no
    earlier. So each can be looked at by itself, and a list that is nearly in order takes no memory.
    """
    count = len(minutes)
    least = array("i", range(count))
    for at in range(count - 2, -1, -1):
        if minutes[least[at + 1]] < minutes[at]:
            least[at] = least[at + 1]

    start, latest = 0, 0
    for at in range(count):
        minute = minutes[at]
        latest = minute if at == start else max(latest, minute)
        if at + 1 == count or latest <= minutes[least[at + 1]]:
            if at > start:
                yield start, at + 1
            start = at + 1


def _misplaced(minutes: Sequence[int]) -> list[int]:
    """The fewest places without which the minutes ascend."""
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
    return [at for at in range(len(minutes)) if at not in fitting]
