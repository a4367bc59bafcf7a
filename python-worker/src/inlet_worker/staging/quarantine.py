"""Where quarantined records go: JSON lines beside the staged slices, kept when the session
closes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.redaction import shown, without_repeats


def quarantine_key(context: IngestionContext, part: int) -> str:
    """The same for every attempt of a slice, so that a retry replaces what the attempt before
    wrote.
    """
    unit = quarantine_prefix(context.tenant_id, context.endpoint_id, context.unit_id)
    return f"{unit}/{context.run_id}/{context.slice:06}-{part:06}.jsonl"


def quarantine_prefix(tenant_id: str, endpoint_id: str, unit_id: str) -> str:
    """Of everything that the runs of a unit set aside."""
    return f"quarantine/{tenant_id}/{endpoint_id}/{unit_id}"


def content_of(text: str) -> str:
    """48 bits that stand for a text: of a record as it is kept."""
    return hashlib.sha256(without_repeats(text).encode(errors="replace")).hexdigest()[:12]


def json_lines(records: Sequence[QuarantinedRecord], epoch: int) -> bytes:
    """One record a line: key, code, reason, raw; `row` is what else is known of it, as JSON text,
    `unnamed` (true, or left out) whether it is counted without being followed, and `epoch` that of
    its run, which tells when it was read. People are shown the record: what it repeats of our
    credential stays out.
    """
    return b"".join(orjson.dumps({**_line(record), "epoch": epoch}) + b"\n" for record in records)


def _line(record: QuarantinedRecord) -> dict[str, str | bool | None]:
    row = _text(record.row)
    return {
        **({"unnamed": True} if record.unnamed else {}),
        "key": None if record.key is None else shown(record.key),
        "code": record.code,
        "reason": record.reason,
        "raw": without_repeats(record.raw),
        "row": None if row is None else without_repeats(row),
    }


def _text(row: Mapping[str, Any] | None) -> str | None:
    # Escapes lone surrogates, which orjson refuses.
    return None if row is None else json.dumps(dict(row), default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
