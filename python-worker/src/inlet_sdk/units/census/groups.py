"""Telling deleted from invisible by group: what was hidden from the account is hidden group by
group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EMPTIED_ROWS = 10
"""A group of which at least so many rows had landed and none is shown is hidden until a person says
otherwise.
"""


@dataclass(frozen=True)
class ByGroup:
    """landed: records by group (None: unknown). roster: groups, in capitals, that the account sees
    and may search.
    """

    landed: Mapping[str | None, int]
    roster: frozenset[str]

    def invisible(self, absent: Iterable[str | None], *, approved: bool) -> dict[str | None, int]:
        """Rows that prove nothing, by group: of groups the account does not see, or that show no
        row at all. `absent` is the group of each landed record that is not shown. Of these an
        operator may approve that they go: then each is asked for by id.
        """
        counts = Counter(absent)
        return {
            group: count
            for group, count in counts.items()
            if not self._is_seen(group, count, approved)
        }

    def _is_seen(self, group: str | None, absent: int, approved: bool) -> bool:
        if group is None:
            return False
        if approved:
            return True
        if group.upper() not in self.roster:
            return False
        return absent < EMPTIED_ROWS or absent < self.landed.get(group, 0)
