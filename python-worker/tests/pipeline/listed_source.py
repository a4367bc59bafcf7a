"""A source over a list in memory: small, but a whole implementation of the port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from inlet_sdk.errors import FatalError, RateLimitedError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.described_endpoint import (
    INGEST_FULL,
    INGEST_INCREMENTAL,
    EndpointDescriptor,
    FieldDescriptor,
)
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import (
    CollectedCatalog,
    CollectedDataset,
    QuarantinedRecord,
    SourceBatch,
    SourceWarning,
)

FIELDS = (
    FieldDescriptor("id", "string"),
    FieldDescriptor("title", "string"),
    FieldDescriptor("updated", "timestamp"),
)
UNIT = "list.things"


def a_record(number: int | None, updated: int, title: Any = "a thing") -> dict[str, Any]:
    return {"id": None if number is None else str(number), "title": title, "updated": updated}


def is_odd(record: dict[str, Any]) -> bool:
    return isinstance(record.get("title"), dict) and "odd" in record["title"]


@dataclass
class ListedSource:
    """Pages of `page` records. `cursors` says whether incremental batches name one before the last.
    `limited_after` refuses further pages until it is cleared.
    """

    descriptor: ClassVar[EndpointDescriptor] = EndpointDescriptor(
        "list",
        "source",
        "1.0.0",
        "List",
        "Records of a list.",
        (INGEST_FULL, INGEST_INCREMENTAL),
        {"type": "object"},
        {},
    )
    records: list[dict[str, Any]]
    page: int = 2
    cursors: bool = True
    limited_after: int | None = None
    warnings: tuple[SourceWarning, ...] = ()
    pages_read: int = field(default=0)

    def test(self) -> dict[str, Any]:
        return {"records": len(self.records)}

    def collect(self) -> CollectedCatalog:
        dataset = CollectedDataset(UNIT, "Things", FIELDS, True, ("id",))
        return CollectedCatalog(
            {"vendor": "list", "baseUrl": "list:", "siteId": "1", "title": "List"}, (dataset,)
        )

    def preview(self, dataset: str, limit: int) -> Sequence[dict[str, Any]]:
        return [self._row(record) for record in self.records[:limit]]

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        return self._pages(self.records, context, self._position(self.records, 0))

    def read_incremental(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        since = checkpoint.cursor["position"] if checkpoint else 0
        changed = sorted(
            (r for r in self.records if r["updated"] >= since),
            key=lambda r: (r["updated"], str(r["id"])),
        )
        return self._pages(changed, context, since)

    def close(self) -> None:
        return None

    def _pages(
        self, records: list[dict[str, Any]], context: IngestionContext, since: int
    ) -> Iterator[SourceBatch]:
        start = (context.continuation or {}).get("offset", 0)
        for offset in range(start, max(len(records), start + 1), self.page):
            if self.limited_after is not None and self.pages_read >= self.limited_after:
                raise RateLimitedError(
                    "Wait.", resume_at=datetime(2030, 1, 1, tzinfo=UTC), reason="burst"
                )
            if context.cancelled():
                raise FatalError("CANCELLED", "The run was cancelled. Start it again to continue.")
            self.pages_read += 1
            context.progress.pages += 1
            rows, reached = records[offset : offset + self.page], offset + self.page
            is_last = reached >= len(records)
            position = self._position(records[:reached], since)
            yield SourceBatch(
                [self._row(r) for r in rows if not is_odd(r)],
                {"offset": reached},
                {"position": position} if self.cursors or is_last else None,
                quarantined=[self._odd(r) for r in rows if is_odd(r)],
                warnings=self.warnings,
            )

    @staticmethod
    def _position(records: list[dict[str, Any]], since: int) -> int:
        return max([since, *(r["updated"] for r in records)])

    @staticmethod
    def _odd(record: dict[str, Any]) -> QuarantinedRecord:
        """With all of its row, so that a redrive can land it once it is asked to."""
        key = None if record["id"] is None else str(record["id"])
        raw = orjson.dumps(record).decode()
        row = {**record, "title": orjson.dumps(record["title"]).decode()}
        return QuarantinedRecord(key, "RECORD_INVALID", "It is odd.", raw, row)

    @staticmethod
    def _row(record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "_raw": orjson.dumps(record).decode()}
