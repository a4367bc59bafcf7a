"""A target's log: numbered records, each the whole state after one step. The strict rename makes a
record, so two writers never make the same number, and who has read an older state does not get his
record in.

A record says which folder it makes visible. It is moved after the record is there, by its writer or
by whoever reads the record next; so a folder that nobody committed is never visible, whoever wakes
up when.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable

import orjson

from inlet_sdk.errors import FatalError, RetryableError
from inlet_worker.sinks.hdfs_parquet.webhdfs import Entry, WebHdfs
from inlet_worker.sinks.parquet.columns import Json

ATTEMPTS = 30
DIGITS = 12
LOG, TEMPORARY = "_log", "_tmp"


class CommitLog:
    """The log of the target at `path`. `on_step` is called with each step of a change."""

    def __init__(
        self, hdfs: WebHdfs, path: str, on_step: Callable[[str], None] = lambda _: None
    ) -> None:
        self._hdfs = hdfs
        self._path = path
        self._on_step = on_step

    def state(self) -> Json:
        """The newest record, whose folder is in its place; {} where nothing is."""
        record = self._newest()
        self._finish(record)
        return record

    def change(self, step: Callable[[Json, int], Json | None]) -> Json:
        """Append `step` of the state and its number, and return that; None changes nothing. `step`
        may run more than once, and may raise.
        """
        for attempt in range(ATTEMPTS):
            before = self.state()
            number = before.get("number", 0) + 1
            after = step(before, number)
            if after is None:
                return before

            record = {"move": None, **after, "number": number, "id": uuid.uuid4().hex}
            if self._append(record):
                self._on_step("recorded")
                self._finish(record)
                self._on_step("moved")
                return record
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))

        raise RetryableError(
            "SINK_UNAVAILABLE",
            "The target in HDFS has too many writers at once; the slice is tried again.",
        )

    def records(self) -> list[Entry]:
        """Of the log, the oldest first."""
        found = [e for e in self._hdfs.entries(f"{self._path}/{LOG}") if e.name.isdecimal()]
        return sorted(found, key=lambda e: int(e.name))

    def _newest(self) -> Json:
        records = self.records()
        return self._read(records[-1].name) if records else {}

    def _read(self, name: str) -> Json:
        record: Json = orjson.loads(self._hdfs.get(f"{self._path}/{LOG}/{name}"))
        return record

    def _append(self, record: Json) -> bool:
        """Whether the record is in the log, and not another of its number."""
        name = f"{record['number']:0{DIGITS}}"
        draft = f"{self._path}/{TEMPORARY}/records/{record['id']}"
        if record["number"] == 1:
            self._hdfs.make_folder(f"{self._path}/{LOG}")
        self._hdfs.put(draft, orjson.dumps(record))
        self._on_step("drafted")

        moved = self._hdfs.move(draft, f"{self._path}/{LOG}/{name}")
        # The answer to an earlier attempt may have been lost: what is there decides.
        if moved == "moved" or self._is_there(name, record["id"]):
            return True
        self._hdfs.delete(draft)
        return False

    def _is_there(self, name: str, record_id: str) -> bool:
        try:
            return bool(self._read(name)["id"] == record_id)
        except FileNotFoundError:
            return False

    def _finish(self, record: Json) -> None:
        move = record.get("move")
        if move is None:
            return
        source, target = f"{self._path}/{move['from']}", f"{self._path}/{move['to']}"
        if self._hdfs.exists(target) or self._hdfs.move(source, target) == "moved":
            return
        if not self._hdfs.exists(target):
            raise FatalError(
                "SINK_REJECTED",
                "Files of the target in HDFS were moved or deleted by somebody else. Restore "
                f"{move['to']}, or reset the unit and replace what has landed.",
                details={"field": "config.path"},
            )
