"""Objects encoded and put one after another, in a thread beside the reading."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import obstore
import pyarrow as pa
from obstore.exceptions import AlreadyExistsError

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.staging_provider import StagedObject
from inlet_worker.staging.staged_bytes import object_bytes

PUT_ATTEMPTS = 5
UNDER_WAY = 1
"""Objects that wait for the thread or are in it, besides the one that is being filled: what bounds
a writer's memory.
"""


class ObjectPuts:
    """Names are counted, so that a retry writes the same keys. A key that is taken by other bytes
    moves this attempt to a directory of its own: the copy before may be in use by a writer that is
    still alive. What fails in the thread is raised by the next call, and by each one after it.
    """

    def __init__(self, store: Any, directory: str) -> None:
        self._store = store
        self._directory = directory
        self._attempt = 0
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: deque[Future[StagedObject]] = deque()
        self._done: list[StagedObject] = []
        self._number = 0

    def add(self, batches: Sequence[pa.RecordBatch]) -> None:
        """The rows of the next object. Waits while too many objects are under way."""
        self._settle(UNDER_WAY - 1)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="staging")
        self._under_way.append(self._thread.submit(self._put, self._number, list(batches)))
        self._number += 1

    def finish(self) -> tuple[StagedObject, ...]:
        """The objects in order, once all of them are in the store."""
        self._settle(0)
        if self._thread is not None:
            self._thread.shutdown()
        return tuple(self._done)

    def create(self, key: str, body: bytes) -> str | None:
        """Put if absent. Returns the sha256 of what was there, or None if this copy is the
        first.
        """
        for _ in range(PUT_ATTEMPTS):
            try:
                obstore.put(self._store, key, body, mode="create")
                return None
            except AlreadyExistsError:
                try:
                    return hashlib.sha256(obstore.get(self._store, key).bytes()).hexdigest()
                except FileNotFoundError:
                    continue  # S3 answers 409 while another conditional put of the key is in flight

        raise RetryableError(
            "STAGING_CORRUPT", f"{key} cannot be written: others write it; try again."
        )

    def _settle(self, left: int) -> None:
        while len(self._under_way) > left:
            # One that failed stays, so that nothing is sealed without it.
            self._done.append(self._under_way[0].result())
            self._under_way.popleft()

    def _put(self, number: int, batches: list[pa.RecordBatch]) -> StagedObject:
        batch = pa.concat_batches(batches)
        batches.clear()
        body = object_bytes(batch)
        digest = hashlib.sha256(body).hexdigest()

        while True:
            key = self._key(number)
            existing = self.create(key, body)
            if existing is None or existing == digest:
                break
            self._attempt += 1

        return StagedObject(key, digest, batch.num_rows, len(body))

    def _key(self, number: int) -> str:
        directory = (
            f"{self._directory}/attempt-{self._attempt}" if self._attempt else self._directory
        )
        return f"{directory}/{number:06}"
