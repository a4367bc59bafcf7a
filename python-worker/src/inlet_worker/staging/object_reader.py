"""Reads sealed slices: by their manifests, never by listing, and only bytes that match their
checksum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import obstore
import orjson
import pyarrow as pa

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.staging_provider import Manifest, StagedObject
from inlet_worker.staging.staged_bytes import batches_of


def load_manifest(store: Any, directory: str) -> Manifest | None:
    """The sealed manifest of a slice's directory, or None."""
    try:
        return Manifest.from_json(
            orjson.loads(bytes(obstore.get(store, f"{directory}/MANIFEST.json").bytes()))
        )
    except FileNotFoundError:
        return None


class ObjectReader:
    """Reads the slices whose directories it is given, in that order."""

    def __init__(self, store: Any, directories: Sequence[str]) -> None:
        self._store = store
        self._directories = directories
        self._manifests: tuple[Manifest, ...] | None = None

    def manifests(self) -> tuple[Manifest, ...]:
        if self._manifests is None:
            found = [load_manifest(self._store, directory) for directory in self._directories]
            while found and found[-1] is None:
                found.pop()
            if any(manifest is None for manifest in found):
                raise RetryableError(
                    "STAGING_CORRUPT", "A sealed slice of the run is missing; start the run again."
                )
            self._manifests = tuple(manifest for manifest in found if manifest)
        return self._manifests

    def iter_batches(
        self, chunk_size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        for manifest in self.manifests():
            for staged in manifest.objects:
                yield from self._batches(staged, chunk_size, columns)

    def _batches(
        self, staged: StagedObject, chunk_size: int, columns: Sequence[str] | None
    ) -> Iterator[pa.RecordBatch]:
        for batch in batches_of(self._verified(staged), columns):
            for start in range(0, batch.num_rows, chunk_size):
                yield batch.slice(start, chunk_size)

    def _verified(self, staged: StagedObject) -> pa.Buffer:
        try:
            body: Any = obstore.get(self._store, staged.key).bytes()
        except FileNotFoundError:
            body = b""
        if hashlib.sha256(body).hexdigest() != staged.sha256:
            raise RetryableError(
                "STAGING_CORRUPT", f"{staged.key} does not match its checksum; start the run again."
            )
        return pa.py_buffer(body)
