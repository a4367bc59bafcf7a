"""The ids of every record that a site shows, proven to be all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.census import CensusUnfinished
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.columns_of_ids import ascends
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.feed import HIDDEN_GROUP, Feed

T = TypeVar("T")


def shown_ids(ids: Feed[Any], context: IngestionContext) -> pa.Array:
    """Ascending int64 ids; `ids` shows no more of a record. One that is listed twice counts once.
    Raises CensusUnfinished when the pages do not prove to be all of them.
    """
    parts: list[pa.Array] = []
    after = 0

    def last_id() -> int:
        return after

    for page in ids.after(last_id):
        refuse_if_late(context)
        of_page = pa.array([record.id for record in page.records], pa.int64()).unique()
        if page.quarantined or any(warning.code != HIDDEN_GROUP for warning in page.warnings):
            raise CensusUnfinished(
                "The source's list left records out, so nothing was compared. "
                "The next run tries again."
            )
        is_next = pc.greater(of_page, after)
        fresh, behind = of_page.filter(is_next), of_page.filter(pc.invert(is_next))
        if not ascends(fresh) or (len(behind) and len(without(behind, _joined(parts)))):
            raise CensusUnfinished(
                "The source does not list by ascending id, so nothing was compared. Report it."
            )
        if len(fresh):
            after = fresh[-1].as_py()
            parts.append(fresh)

    return _joined(parts)


def without(ids: pa.Array, others: pa.Array) -> pa.Array:
    """Those of the ids that are not among the others."""
    return ids.filter(pc.invert(pc.is_in(ids, others)))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _joined(parts: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays(parts) if parts else pa.array([], pa.int64())
