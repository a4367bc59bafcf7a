"""A JSON object that many writers change, one at a time: by If-Match on S3, behind a file lock in a
local folder.
"""

from __future__ import annotations

import fcntl
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import obstore
import orjson
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import LocalStore

from inlet_sdk.errors import RetryableError

ATTEMPTS = 30
LOCK_SECONDS = 60.0
"""A lock belongs to a process, and one that is frozen in a change keeps it: others fail then, with
a retry.
"""
Json = dict[str, Any]


class ConditionalObject:
    """The object at `key`; absent, it reads as {}."""

    def __init__(self, store: Any, key: str) -> None:
        self._store = store
        self._key = key

    def read(self) -> Json:
        """What is there now."""
        return self._read()[0]

    def change(self, step: Callable[[Json], Json]) -> Json:
        """Replace what is there by `step` of it, and return that. `step` may run more than once,
        and may raise.
        """
        for attempt in range(ATTEMPTS):
            with self._lock():
                before, version = self._read()
                after = step(before)
                if after == before:
                    return before
                try:
                    obstore.put(
                        self._store, self._key, orjson.dumps(after), mode=self._mode(version)
                    )
                    return after
                except (AlreadyExistsError, PreconditionError):
                    pass
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))

        raise _busy(self._key)

    def _read(self) -> tuple[Json, str | None]:
        try:
            found = obstore.get(self._store, self._key)
        except FileNotFoundError:
            return {}, None
        return orjson.loads(bytes(found.bytes())), found.meta["e_tag"]

    def _mode(self, version: str | None) -> Any:
        if isinstance(self._store, LocalStore):
            return "overwrite"
        return {"e_tag": version} if version else "create"

    def _lock(self) -> Any:
        return (
            _file_lock(self._store, self._key)
            if isinstance(self._store, LocalStore)
            else nullcontext()
        )


@contextmanager
def _file_lock(store: LocalStore, key: str) -> Iterator[None]:
    path = Path(str(store.prefix)) / f"{key}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        _wait_for(file, key)
        yield


def _wait_for(file: IO[str], key: str) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise _busy(key) from None
        time.sleep(random.uniform(0.001, 0.02))


def _busy(key: str) -> RetryableError:
    return RetryableError(
        "SINK_UNAVAILABLE",
        f"{key} has too many writers at once; the slice is tried again.",
    )
