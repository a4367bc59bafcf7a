"""What a site says of records that it is asked for by id: the way of comparing that no listing can
mislead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shown:
    """A record as a direct read shows it. `updated` is epoch milliseconds, `group` the immutable id
    of its group; None where it does not tell.
    """

    updated: int | None
    group: str | None = None


@dataclass(frozen=True)
class DirectReads:
    """found: by id. denied: those that the site says are not there (or hidden). One that it does
    not answer for is in neither.
    """

    found: Mapping[int, Shown] = field(default_factory=dict)
    denied: frozenset[int] = frozenset()
