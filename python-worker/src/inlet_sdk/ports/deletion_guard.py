"""How many landed rows a run takes away unasked: the one bound of censuses and of snapshots."""

from __future__ import annotations

HELD_ROWS = 100
HELD_SHARE = 0.05


def may_go(count: int, landed: int, *, approved: bool) -> bool:
    """Whether `count` of `landed` rows may go: `policy.approveDeletes`, or no more than the greater
    of HELD_ROWS and HELD_SHARE.
    """
    return approved or count <= max(HELD_ROWS, HELD_SHARE * landed)
