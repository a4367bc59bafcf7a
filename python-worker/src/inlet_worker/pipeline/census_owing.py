"""What a census found and no reading has made up for yet weighs on every run until it is done."""

from __future__ import annotations

from collections.abc import Iterable

from inlet_sdk.ports.census import Finding, StillOwed
from inlet_sdk.ports.results import Evidence
from inlet_worker.pipeline.census_state import CensusState

SAID_BY = frozenset({"CENSUS_OWED", "CENSUS_MISMATCH", "REREAD_OWED"})


def still_owed(state: CensusState, said: Iterable[Finding | Evidence]) -> tuple[Finding, ...]:
    """Says that the checkpoint has work for the next runs; nothing where `said` does."""
    owed = StillOwed.of(state.source)
    if not owed or any(one.code in SAID_BY for one in said):
        return ()

    parts = [f"{owed.records} records"] if owed.records else []
    parts += [f"{owed.ranges} ranges of records"] if owed.ranges else []
    parts += [f"{owed.unnamed} records that are not named"] if owed.unnamed else []
    message = f"{' and '.join(parts)} are to be read again; the next runs do it."
    return (Finding("CENSUS_OWED", message, "partial"),)
