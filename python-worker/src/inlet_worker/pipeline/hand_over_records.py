"""The sink phase of a run without a sink: sealed rows become normalised records, in batches that
the control plane takes into the knowledge base (docs/design/planes.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.entities import EntityMap, SupportsEntities
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Enrichment
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.staging_provider import StagingSession

BATCH_RECORDS = 1_000
BATCH_BYTES = 1_000_000


def entities_of(source: SourceEndpoint, unit_id: str) -> EntityMap:
    """How the unit's rows become entities. Raises FatalError `CONFIG_INVALID` for a unit whose rows
    are none.
    """
    found = source.entity_map(unit_id) if isinstance(source, SupportsEntities) else None
    if found is None:
        raise FatalError(
            "CONFIG_INVALID",
            f"The knowledge base has no entities of {unit_id}. "
            "Choose a registered sink for the unit.",
            details={"field": "sinkId"},
        )
    return found


def hand_over_records(
    session: StagingSession, entities: EntityMap, policy: Policy, *, since: int
) -> Enrichment | None:
    """Write the records of the slices from `since` on, and the list of their batches; None where
    there are none. A retry writes the same objects.
    """
    batches = []
    for number, (lines, count) in enumerate(_batches(session, entities, policy, since)):
        batches.append(_staged(session, f"{number:06}.jsonl", lines, count))
    if not batches:
        return None

    records = sum(batch["records"] for batch in batches)
    manifest = _staged(session, "BATCHES.json", orjson.dumps({"batches": batches}), records)
    return Enrichment(
        manifest["key"],
        manifest["sha256"],
        records,
        sum(batch["bytes"] for batch in batches),
        len(batches),
    )


def _batches(
    session: StagingSession, entities: EntityMap, policy: Policy, since: int
) -> Iterator[tuple[bytes, int]]:
    lines: list[bytes] = []
    size = 0
    for record in _records(session, entities, policy.cursor_field, since):
        line = orjson.dumps(record) + b"\n"
        if lines and (len(lines) == BATCH_RECORDS or size + len(line) > BATCH_BYTES):
            yield b"".join(lines), len(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"".join(lines), len(lines)


def _records(
    session: StagingSession, entities: EntityMap, cursor: str | None, since: int
) -> Iterator[dict[str, Any]]:
    known = {field.name for field in session.fields}
    wanted = dict.fromkeys([*entities.columns, *([cursor] if cursor else [])])
    columns = [name for name in wanted if name in known]
    for batch in session.reader(since).iter_batches(BATCH_RECORDS, columns):
        for row in batch.to_pylist():
            yield entities.entity(row, row.get(cursor) if cursor else None)


def _staged(session: StagingSession, name: str, body: bytes, records: int) -> dict[str, Any]:
    key = session.hand_over(name, body)
    return {
        "key": key,
        "sha256": hashlib.sha256(body).hexdigest(),
        "records": records,
        "bytes": len(body),
    }
