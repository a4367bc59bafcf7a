"""Figures by the names that the documents and `schemas/run.ts` give them."""

from __future__ import annotations

from typing import TypedDict


class ExportStats(TypedDict):
    """Of one sealed slice (document 002 section 3). Bytes as in memory, times in milliseconds."""

    exported_rows: int
    read_rows: int
    quarantined_rows: int
    unfit_values: int
    exported_bytes: int
    requests: int
    pages: int
    waited_ms: int
    duration_ms: int


class RunStats(TypedDict):
    """RunStats of `schemas/run.ts`: read = landed + deduplicated + quarantined + filtered once
    committed.
    """

    read: int
    landed: int
    deduplicated: int
    unchanged: int
    quarantined: int
    inserted: int
    updated: int
    deleted: int
    bytes: int
    bytesRewritten: int
    requests: int
    pages: int
    waitedMs: int
    durationMs: int
    slices: int
    unfit: int
    filtered: int


class EffortStats(TypedDict):
    """The part of RunStats that the vendor's site has cost."""

    requests: int
    pages: int
    waitedMs: int
    durationMs: int
