"""Records that the source shows and that have rightly not landed as they are shown."""

from __future__ import annotations

from inlet_sdk.http.columns import is_id, to_id
from inlet_sdk.ports.census import CensusOrder


def ids_apart(order: CensusOrder) -> frozenset[int]:
    """Of what was set aside or discarded, the records that have a numeric id."""
    return frozenset(to_id(key) for key in order.apart if is_id(key))
