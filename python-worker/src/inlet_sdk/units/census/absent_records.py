"""Landed records that no list shows: where are they?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

from inlet_sdk.ports.census import CensusOrder
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.direct import DirectReads
from inlet_sdk.units.census.listing import shown_ids, without
from inlet_sdk.units.feed import Feed

ASKED_AT_MOST = 1000
"""Records that are not where they should be, of which each census asks where they are, when nothing
is to be deleted.
"""


class ListedSite(Protocol):
    """The part of a site that shows records, by lists and by id."""

    @property
    def ids(self) -> Feed[Any]: ...

    def read(self, ids: Sequence[int]) -> DirectReads: ...


def reads_of_absent(
    site: ListedSite, suspects: Sequence[int], order: CensusOrder, context: IngestionContext
) -> DirectReads:
    """Where they are. For a deletion all are listed once more, and asked for; else some are."""
    if not order.deletes:
        return site.read(suspects[:ASKED_AT_MOST])
    again = absent_again(site.ids, suspects, context)
    back = set(suspects) - set(again)
    reads = site.read(again)
    return DirectReads(reads.found, reads.denied - back)


def absent_again(ids: Feed[Any], suspects: Sequence[int], context: IngestionContext) -> list[int]:
    """Those of the suspects that a second complete pass lacks as well."""
    if not suspects:
        return []
    found: list[int] = without(pa.array(suspects, pa.int64()), shown_ids(ids, context)).to_pylist()
    return sorted(found)
