"""Where the ids that a site shows have changed since the last comparison: pure. What is kept of
thousands of ids is a count and a sum of hashes for each range of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_RANGES = 500
NARROWEST = 64
MIX = 0x9E3779B97F4A7C15
BITS_64, BITS_48 = (1 << 64) - 1, (1 << 48) - 1


@dataclass(frozen=True)
class ShownRanges:
    """Ranges of `width` ids, a power of two: number of the range -> (ids in it, sum of hashes). Two
    neighbours of a width add up to one of twice that width.
    """

    width: int = NARROWEST
    sums: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Sequence[int]) -> ShownRanges:
        width = NARROWEST
        while ids and len({record // width for record in ids}) > MAX_RANGES:
            width *= 2

        counts: Counter[int] = Counter()
        hashes: Counter[int] = Counter()
        for record in ids:
            counts[record // width] += 1
            hashes[record // width] += _hash(record)
        return cls(width, {n: (counts[n], hashes[n] & BITS_48) for n in counts})

    @classmethod
    def parse(cls, stored: Mapping[str, Any] | None) -> ShownRanges | None:
        if not stored:
            return None
        flat = iter(stored["sums"])
        sums = {
            int(n): (int(count), int(total))
            for n, count, total in zip(flat, flat, flat, strict=True)
        }
        return cls(int(stored["width"]), sums)

    def dump(self) -> dict[str, Any]:
        flat = [number for n, pair in sorted(self.sums.items()) for number in (n, *pair)]
        return {"width": self.width, "sums": flat}

    def changed_since(self, before: ShownRanges, ids: Sequence[int]) -> list[int]:
        """Those of the ids, which are the ones of these ranges, whose range is another by now."""
        width = max(self.width, before.width)
        now, then = self._widened(width), before._widened(width)
        return [r for r in ids if now.get(r // width) != then.get(r // width)]

    def _widened(self, width: int) -> dict[int, tuple[int, int]]:
        sums: dict[int, tuple[int, int]] = {}
        for n, (count, total) in self.sums.items():
            wide = n * self.width // width
            more, others = sums.get(wide, (0, 0))
            sums[wide] = (count + more, (total + others) & BITS_48)
        return sums


def _hash(record: int) -> int:
    mixed = (record * MIX) & BITS_64
    mixed = ((mixed ^ (mixed >> 29)) * MIX) & BITS_64
    return (mixed >> 16) & BITS_48
