"""Staging in objects: S3, or any other obstore store. Keys
`<prefix>/<tenant>/<run>/<slice>/<epoch>/<n:06>`, Arrow IPC with lz4; `MANIFEST.json` last.
Everything is written with If-None-Match, so the first copy of a retry wins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import obstore

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.ports.staging_provider import Manifest
from inlet_worker.staging.columns import staged_schema
from inlet_worker.staging.object_reader import ObjectReader, load_manifest
from inlet_worker.staging.object_writer import ObjectWriter
from inlet_worker.staging.quarantine import json_lines, quarantine_key


class ObjectStoreStaging:
    """Provider `object_store` over one bucket or folder."""

    def __init__(self, store: Any, prefix: str = "stg") -> None:
        self.store = store
        self.prefix = prefix

    def allocate_session(
        self, context: IngestionContext, fields: tuple[FieldDescriptor, ...] = ()
    ) -> ObjectStoreSession:
        return ObjectStoreSession(self, context, fields)

    def sweep(self, is_kept: Callable[[str, str], bool]) -> int:
        swept = 0
        for tenant_id in self._folders(self.prefix):
            for run_id in self._folders(f"{self.prefix}/{tenant_id}"):
                if not is_kept(tenant_id, run_id):
                    swept += self.delete(f"{self.prefix}/{tenant_id}/{run_id}") > 0
        return swept

    def delete(self, prefix: str) -> int:
        """Delete all objects under a prefix. Returns how many there were."""
        deleted = 0
        for page in obstore.list(self.store, prefix, chunk_size=500):
            obstore.delete(self.store, [entry["path"] for entry in page])
            deleted += len(page)
        return deleted

    def _folders(self, prefix: str) -> list[str]:
        found = obstore.list_with_delimiter(self.store, prefix)["common_prefixes"]
        return [path.rstrip("/").rsplit("/", 1)[-1] for path in found]


class ObjectStoreSession:
    """One slice's view of the run's prefix."""

    def __init__(
        self,
        provider: ObjectStoreStaging,
        context: IngestionContext,
        fields: tuple[FieldDescriptor, ...],
    ):
        self.id = f"{provider.prefix}/{context.tenant_id}/{context.run_id}"
        self.context = context
        self.fields = fields
        self._provider = provider

    def writer(self) -> ObjectWriter:
        return ObjectWriter(
            self._provider.store,
            self.context,
            staged_schema(self.fields, self.context.mapping),
            self._slice(self.context.slice),
        )

    def reader(self, since: int = 0) -> ObjectReader:
        return ObjectReader(
            self._provider.store, [self._slice(n) for n in range(since, self.context.slice + 1)]
        )

    def sealed(self) -> Manifest | None:
        return load_manifest(self._provider.store, self._slice(self.context.slice))

    def quarantine(self, records: Sequence[QuarantinedRecord], part: int) -> str:
        key = quarantine_key(self.context, part)
        obstore.put(self._provider.store, key, json_lines(records, self.context.epoch))
        return key

    def hand_over(self, name: str, body: bytes) -> str:
        key = f"{self._slice(self.context.slice)}/kb/{name}"
        obstore.put(self._provider.store, key, body)
        return key

    def close(self) -> None:
        self._provider.delete(self.id)

    def _slice(self, number: int) -> str:
        return f"{self.id}/{number}/{self.context.epoch}"
