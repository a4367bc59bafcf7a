"""Where quarantined records go: JSON lines beside the staged slices, kept when the session closes."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from inlet_worker.context import IngestionContext
from inlet_worker.sources.source_endpoint import QuarantinedRecord


def quarantine_key(context: IngestionContext, part: int) -> str:
    """The same for every attempt of a slice, so that a retry replaces what the attempt before wrote."""
    return (
        f"quarantine/{context.tenant_id}/{context.endpoint_id}/{context.unit_id}/{context.run_id}/"
        f"{context.slice:06}-{part:06}.jsonl"
    )


def json_lines(records: Sequence[QuarantinedRecord]) -> bytes:
    """One record a line: key, code, reason, raw."""
    return b"".join(
        orjson.dumps({"key": r.key, "code": r.code, "reason": r.reason, "raw": r.raw}) + b"\n" for r in records
    )
