"""Records that exist and that no listing shows. Where they have never landed, nothing else of a
census finds them: its lists leave them out as the reading's did. So the site's count is compared,
and ids that no list shows are asked for one by one, some by each census.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Protocol

from inlet_sdk.units.census.direct import DirectReads

PROBES = 100
"""Ids that no list shows and each census asks for."""
PROBES_OF_A_RANGE = 1000
"""Ids that it asks for where a count says that records are left out."""
TOLERATED = 0.01
"""Share of the records by which a count, which is about right, may be higher on a big site."""
NOWHERE = (1, 0)
EXACT = 1000
"""Records up to which a count is exact."""


class CountingSite(Protocol):
    """The part of a site that counts and reads by id."""

    def read(self, ids: Sequence[int]) -> DirectReads:
        """Records by id."""

    def count_up_to(self, record_id: int) -> int | None:
        """About how many records with ids up to this one are shown; None: no answer."""


@dataclass(frozen=True)
class LeftOut:
    """found: what direct reads show of ids that no list shows. probed: the last of those that were
    asked for in their turn. excess: by how many the site's count is higher than its list.
    """

    found: DirectReads
    probed: int
    excess: int

    def is_contradiction(self, shown: int) -> bool:
        """More than a count on a busy site may be off."""
        return self.excess > (0 if shown <= EXACT else shown * TOLERATED)


def left_out(
    site: CountingSite, listed: Sequence[int], known: Sequence[int], count: int | None, probed: int
) -> LeftOut:
    """`listed` and `known` ascend: ids that the lists show, and those with the ids that have
    landed. `probed` is that of the comparison before.
    """
    excess = 0 if count is None else max(0, count - len(listed))
    if not known:
        return LeftOut(DirectReads(), probed, excess)

    lowest, highest = max(1, known[0] - PROBES), known[-1] + PROBES
    start = probed + 1 if lowest <= probed < highest else lowest
    probes = list(islice(_unknown(known, start, highest), PROBES))
    probes += list(islice(_unknown(known, lowest, start - 1), PROBES - len(probes)))
    low, high = _narrowed(site, listed, known, highest) if excess else NOWHERE
    wanted = sorted({*probes, *islice(_unknown(known, low, high), PROBES_OF_A_RANGE)})
    last = probes[-1] if probes else 0
    return LeftOut(site.read(wanted) if wanted else DirectReads(), last, excess)


def _unknown(known: Sequence[int], low: int, high: int) -> Iterator[int]:
    """Ids from low to high that are not known."""
    at = low
    within = known[bisect_right(known, low - 1) : bisect_right(known, high)]
    for record in chain(within, (high + 1,)):
        yield from range(at, record)
        at = record + 1


def _narrowed(
    site: CountingSite, listed: Sequence[int], known: Sequence[int], highest: int
) -> tuple[int, int]:
    """A range of ids within which the count is higher than the list, by halves until its unknown
    ids can all be asked for.
    """
    low, high = 1, highest
    while _size(known, low, high) > PROBES_OF_A_RANGE:
        middle = (low + high) // 2
        upper, lower = site.count_up_to(middle), site.count_up_to(low - 1)
        if upper is None or lower is None:
            return NOWHERE
        in_list = bisect_right(listed, middle) - bisect_right(listed, low - 1)
        low, high = (low, middle) if upper - lower > in_list else (middle + 1, high)
    return low, high


def _size(known: Sequence[int], low: int, high: int) -> int:
    within = bisect_right(known, high) - bisect_right(known, low - 1)
    return high - low + 1 - within
