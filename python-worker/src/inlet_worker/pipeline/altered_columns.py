"""Columns of the source that landed rows hold otherwise than they were read: a transform altered or
dropped them. Kept with the landed table by the mapping that made the rows, so that a column counts
again as soon as no row of that mapping is left. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from inlet_sdk.ports.sink_endpoint import LandedTarget
from inlet_worker.pipeline.mapping_state import MappingState

FACT = "altered"
BEFORE = "before"
"""In place of a mapping: an earlier release told columns alone, so theirs stay."""


def altered_columns(landed: LandedTarget | None, state: MappingState) -> frozenset[str]:
    """Of the rows that may still be there."""
    return frozenset[str]().union(*_known(landed, state).values())


def altered_fact(
    landed: LandedTarget | None, state: MappingState, fingerprint: str, columns: Iterable[str]
) -> Mapping[str, str]:
    """What the table says from the commit on that lands rows of the mapping `fingerprint`, in which
    `columns` are otherwise. Mappings without a row are forgotten.
    """
    known = _known(landed, state)
    known[fingerprint] = known.get(fingerprint, frozenset()) | frozenset(columns)
    told = {mapping: sorted(names) for mapping, names in known.items() if names}
    return {FACT: orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()}


def _known(landed: LandedTarget | None, state: MappingState) -> dict[str, frozenset[str]]:
    told = landed.facts.get(FACT, "") if landed else ""
    if not told.startswith("{"):
        names = frozenset(filter(None, told.split("/")))
        return {BEFORE: names} if names else {}
    return {
        mapping: frozenset(names)
        for mapping, names in orjson.loads(told).items()
        if mapping == BEFORE or state.may_be_of(mapping)
    }
