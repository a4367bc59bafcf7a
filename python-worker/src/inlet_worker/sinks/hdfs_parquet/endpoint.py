"""Sink `hdfs.parquet`: immutable folders of parquet files in HDFS.

    <path>/<namespace>/<table>/snapshot=<number>-<run>-<slice>/…  FULL: hides lower numbers
    <path>/<namespace>/<table>/commit=<number>-<run>-<slice>/…    INCREMENTAL: appended
    <path>/<namespace>/<table>/_log/<number>                      the commit log
    <path>/<namespace>/<table>/_tmp/<run>/<slice>/<epoch>/…       what is being written

So the table is what is in the `snapshot=` of the highest number, and in the `commit=` folders above
it. Each has a `_manifest.json` with its files, their rows and checksums.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson
import pyarrow as pa

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.described_endpoint import SinkDescriptor
from inlet_sdk.ports.landed_files import LandedFile
from inlet_sdk.ports.sink_endpoint import (
    CommitReceipt,
    LandedTarget,
    SinkTarget,
    SliceCommit,
    WantedVersions,
)
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.hdfs_parquet.attempt import MANIFEST, write_attempt
from inlet_worker.sinks.hdfs_parquet.commit_log import CommitLog
from inlet_worker.sinks.hdfs_parquet.connection import ROOT, HdfsConnection
from inlet_worker.sinks.hdfs_parquet.descriptor import DESCRIPTOR
from inlet_worker.sinks.hdfs_parquet.folders import folder_name, is_snapshot, number_of
from inlet_worker.sinks.hdfs_parquet.place import HdfsPlace, table_path
from inlet_worker.sinks.hdfs_parquet.sweep import sweep_target
from inlet_worker.sinks.hdfs_parquet.webhdfs import WebHdfs
from inlet_worker.sinks.parquet.columns import Json, landed, refuse_other_columns
from inlet_worker.sinks.parquet.landed_files import keys_in, rows_in
from inlet_worker.sinks.parquet.table_state import (
    committed,
    hides_before,
    receipt_of,
    refuse_empty,
    refuse_lower,
    refuse_policy,
    settled_entry,
)
from inlet_worker.sinks.places import place_text
from inlet_worker.sinks.sink_config import typed_place


class HdfsParquetSink:
    """`config` is an `HdfsPlace`. `on_step` is called with each step of a commit."""

    descriptor: ClassVar[SinkDescriptor] = DESCRIPTOR

    def __init__(
        self,
        config: dict[str, Any],
        *,
        guard: EgressGuard,
        credential: Credential | None = None,
        on_step: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._place = typed_place(HdfsPlace, DESCRIPTOR.name, config)
        self._hdfs = WebHdfs(HdfsConnection(self._place, credential, guard))
        self._on_step = on_step
        self._now = now

    @property
    def place(self) -> str:
        return place_text(self._place.url, self._place.path)

    def test(self) -> dict[str, Any]:
        folder = f"{self._place.path}/inlet-test-{uuid.uuid4().hex}"
        one, other = f"{folder}/one", f"{folder}/other"
        self._hdfs.make_folder(folder)
        try:
            self._hdfs.put(one, b"inlet")
            self._hdfs.put(other, b"inlet")
            strict = self._hdfs.move(one, other) == "taken" and self._hdfs.get(one) == b"inlet"
        finally:
            self._hdfs.delete(folder)

        if not strict:
            raise FatalError(
                "CONFIG_INVALID",
                "config.url renames files onto others, so two writers could not be told apart. "
                "Give the address of a NameNode, HttpFS or Knox.",
                details={"field": "config.url"},
            )
        return {"location": self._location(self._place.path)}

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        entry = settled_entry(self._log(target).state(), commit_id)
        return receipt_of(entry) if entry else None

    def fence(self, target: SinkTarget, epoch: int) -> None:
        def raised(state: Json, _: int) -> Json | None:
            refuse_lower(state, epoch)
            return None if state.get("epoch") == epoch else {**state, "move": None, "epoch": epoch}

        self._log(target).change(raised)

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        refuse_policy(self, commit)
        log = self._log(target)
        state = log.state()
        if found := settled_entry(state, commit.commit_id):
            return receipt_of(found)

        refuse_lower(state, commit.epoch)
        refuse_other_columns(state, target, commit)
        refuse_empty(state, reader, commit)
        self._on_step("checked")

        root = table_path(self._place, target)
        attempt = write_attempt(self._hdfs, root, reader, commit, self._now(), self._on_step)

        def with_commit(state: Json, number: int) -> Json | None:
            if settled_entry(state, commit.commit_id):
                return None  # another attempt was first: its files count, ours are swept
            folder = folder_name(commit.commit_id, number, hides_before=hides_before(commit))
            receipt = attempt.receipt(commit, self._location(f"{root}/{folder}"))
            entry = {"directory": folder, "sequence": number, "receipt": receipt.as_json()}
            after = committed(state, target, commit, entry)
            return {**after, "move": {"from": attempt.folder, "to": folder}}

        entry = settled_entry(log.change(with_commit), commit.commit_id)
        self._on_step("committed")
        if entry is None:
            raise FatalError(
                "INTERNAL", f"{commit.commit_id} was committed and is not found: report this."
            )
        return receipt_of(entry)

    def commit_files(self, target: SinkTarget, receipt: CommitReceipt) -> Iterator[LandedFile]:
        entry = settled_entry(self._log(target).state(), receipt.commit_id)
        if entry is None:
            return
        folder = f"{table_path(self._place, target)}/{entry['directory']}"
        for file in self._manifest(folder):
            place = self._location(f"{folder}/{file['name']}")
            yield LandedFile(place, file["rows"], file["bytes"], file["sha256"])

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for path in self.files(target):
            yield from keys_in(self._hdfs.get(path), columns)

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        for path in self.files(target):
            yield from rows_in(self._hdfs.get(path), wanted)

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        state = self._log(target).state()
        if not state.get("commits"):
            return None
        return LandedTarget(state["made"], state["facts"], landed(state["columns"]))

    def sweep(self, target: SinkTarget) -> int:
        log = self._log(target)
        state = log.state()  # what is committed is in its place before anything is deleted
        oldest = self._now() - timedelta(days=DESCRIPTOR.sweeps_after_days)
        return sweep_target(self._hdfs, table_path(self._place, target), log, state, oldest)

    def files(self, target: SinkTarget) -> list[str]:
        """Paths of the parquet files that make up the table now, those that landed first before."""
        root = table_path(self._place, target)
        self._log(target).state()  # what is committed is in its place
        folders = [one.name for one in self._hdfs.entries(root) if number_of(one.name) >= 0]
        since = max(map(number_of, filter(is_snapshot, folders)), default=0)

        return [
            f"{root}/{folder}/{file['name']}"
            for folder in sorted(folders, key=number_of)
            if number_of(folder) >= since
            for file in self._manifest(f"{root}/{folder}")
        ]

    def _manifest(self, folder: str) -> list[Json]:
        files: list[Json] = orjson.loads(self._hdfs.get(f"{folder}/{MANIFEST}"))["files"]
        return files

    def _log(self, target: SinkTarget) -> CommitLog:
        return CommitLog(self._hdfs, table_path(self._place, target), self._on_step)

    def _location(self, path: str) -> str:
        return f"{self._place.url.rstrip('/')}{ROOT}{path}"
