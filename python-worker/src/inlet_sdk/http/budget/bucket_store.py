"""Where a bucket is kept. Both kinds are held to one contract:
tests/temporal/test_bucket_store.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from inlet_sdk.http.budget.bucket import Bucket

T = TypeVar("T")
Step = Callable[[Bucket | None], tuple[Bucket | None, T]]
"""From the bucket as it is kept (None: nobody used it lately) to the one to keep (None: as it is)
and an answer. May be called several times: it must depend on nothing else.
"""


class BucketStore(Protocol):
    """One bucket, shared by whoever opened it."""

    def change(self, step: Step[T]) -> T:
        """Applies the step as one, whatever others do meanwhile. Raises RetryableError when the
        store is silent.
        """


class ProcessBucket:
    """A bucket of this process: a run without any service."""

    def __init__(self) -> None:
        self._bucket: Bucket | None = None
        self._lock = threading.Lock()

    def change(self, step: Step[T]) -> T:
        with self._lock:
            after, answer = step(self._bucket)
            self._bucket = after or self._bucket
            return answer
