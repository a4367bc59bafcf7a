"""Sink `files.parquet`: immutable directories of parquet files, on S3 or in a local folder.

    <location>/<namespace>/<table>/snapshot=<run>/…      FULL: `_current.json` points to the one
                                                         that counts
    <location>/<namespace>/<table>/run=<run>-<slice>/…   INCREMENTAL: appended, each with its
                                                         `_manifest.json`, which counts if its
                                                         sequence is above the snapshot's

`_current.json` is the one object that commits change, atomically: the epoch, the last receipts,
what counts, and the columns of all files, so that none of them changes its type.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import obstore
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from inlet_sdk.errors import FatalError, FencedError
from inlet_sdk.ports.described_endpoint import SinkDescriptor
from inlet_sdk.ports.sink_endpoint import (
    CommitReceipt,
    LandedTarget,
    SinkTarget,
    SliceCommit,
    WantedVersions,
    refuse_deletes,
)
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.aws_keys import AwsKeys, require_keys
from inlet_worker.sinks.conditional_object import ConditionalObject, Json
from inlet_worker.sinks.files_parquet.columns import columns_of, landed, refuse_other_columns
from inlet_worker.sinks.files_parquet.descriptor import DESCRIPTOR
from inlet_worker.sinks.files_parquet.parquet_directory import write_directory
from inlet_worker.sinks.files_place import FilesPlace, open_files
from inlet_worker.sinks.places import place_text
from inlet_worker.sinks.sink_config import typed_place

KEPT_RECEIPTS = 32


class FilesParquetSink:
    """`config` is a `FilesPlace`. A killed commit leaves a directory that no manifest names.
    `on_step` is called with each step of a commit.
    """

    descriptor: ClassVar[SinkDescriptor] = DESCRIPTOR

    def __init__(
        self,
        config: dict[str, Any],
        *,
        keys: AwsKeys | None = None,
        on_step: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._place = typed_place(FilesPlace, DESCRIPTOR.name, config)
        require_keys(DESCRIPTOR.name, self._place.needs_keys, keys)
        self.store = open_files(self._place, keys)
        self._on_step = on_step
        self._now = now

    @property
    def place(self) -> str:
        return place_text(self._place.location, self._place.endpoint_url)

    def test(self) -> dict[str, Any]:
        key = f"inlet-test-{uuid.uuid4().hex}"
        try:
            obstore.put(self.store, key, b"inlet")
            obstore.delete(self.store, key)
        except Exception as error:
            raise FatalError(
                "CONFIG_INVALID",
                f"The files cannot be written ({type(error).__name__}): check location and "
                "region, and the rights.",
                details={"field": "config.location"},
            ) from error
        return {"location": self._place.location}

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        return self._settled(self._current(target).read(), commit_id)

    def fence(self, target: SinkTarget, epoch: int) -> None:
        def raised(current: Json) -> Json:
            _refuse_lower(current, epoch)
            return {**current, "epoch": epoch}

        self._current(target).change(raised)

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        if commit.mode not in self.descriptor.modes:
            raise FatalError(
                "CONFIG_INVALID",
                f"files.parquet has no mode {commit.mode}: use FULL or INCREMENTAL.",
            )
        refuse_deletes(self, commit.policy)

        current = self._current(target).read()
        if found := self._settled(current, commit.commit_id):
            return found

        _refuse_lower(current, commit.epoch)
        refuse_other_columns(current, target, commit)
        _refuse_empty(current, reader, commit)
        self._on_step("checked")

        entry = self._write(target, reader, commit)
        self._on_step("written")
        committed = self._current(target).change(lambda now: _with(now, target, commit, entry))
        self._on_step("pointed")

        receipt = self._settled(committed, commit.commit_id)
        self._on_step("committed")
        if receipt is None:
            raise FatalError(
                "INTERNAL", f"{commit.commit_id} was committed and is not found: report this."
            )
        return receipt

    def sweep(self, target: SinkTarget) -> int:
        oldest, deleted = self._now() - timedelta(days=DESCRIPTOR.sweeps_after_days), 0
        live = set(self.files(target))

        for page in obstore.list(self.store, _root(target)):
            dead = [
                entry["path"]
                for entry in page
                if entry["path"].endswith(".parquet")
                and entry["path"] not in live
                and entry["last_modified"] < oldest
            ]
            if dead:
                obstore.delete(self.store, dead)
            deleted += len(dead)

        return deleted

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        names = [*columns, "_version"]
        for key in self.files(target):
            file = pq.ParquetFile(pa.BufferReader(bytes(obstore.get(self.store, key).bytes())))
            landed = [name for name in names if name in file.schema_arrow.names]
            for batch in file.iter_batches(columns=landed):
                yield pa.RecordBatch.from_arrays(
                    [
                        batch.column(n) if n in landed else pa.nulls(batch.num_rows, pa.string())
                        for n in names
                    ],
                    names,
                )

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        for key in self.files(target):
            file = pq.ParquetFile(pa.BufferReader(bytes(obstore.get(self.store, key).bytes())))
            for batch in file.iter_batches():
                rows = batch.filter(wanted(batch.column("_version")))
                if rows.num_rows:
                    yield rows

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        current = self._current(target).read()
        if not current.get("commits"):
            return None
        columns = current.get("columns")
        known = None if columns is None else landed(columns)
        return LandedTarget(current.get("made", ""), current.get("facts", {}), known)

    def files(self, target: SinkTarget) -> list[str]:
        """Keys of the parquet files that make up the table now. Looked at again where a commit came
        between the pointer and the listing.
        """
        current = self._current(target).read()
        while True:
            keys = self._files_of(target, current)
            after = self._current(target).read()
            if after.get("sequence") == current.get("sequence"):
                return keys
            current = after

    def _files_of(self, target: SinkTarget, current: Json) -> list[str]:
        keys = [file["key"] for file in (current.get("snapshot") or {}).get("files", [])]
        replaced_to = (current.get("snapshot") or {}).get("sequence", 0)
        for page in obstore.list(self.store, _root(target)):
            for entry in page:
                if not entry["path"].endswith("/_manifest.json"):
                    continue
                manifest = _read(self.store, entry["path"])
                if manifest["sequence"] > replaced_to:
                    keys += [file["key"] for file in manifest["files"]]
        return keys

    def _current(self, target: SinkTarget) -> ConditionalObject:
        return ConditionalObject(self.store, f"{_root(target)}/_current.json")

    def _settled(self, current: Json, commit_id: str) -> CommitReceipt | None:
        """The receipt of a commit. Its manifest is written here: a kill right after the pointer
        loses nothing.
        """
        entry = next(
            (e for e in current.get("commits", []) if e["receipt"]["commit_id"] == commit_id), None
        )
        if entry is None:
            return None
        if entry["mode"] == "INCREMENTAL":
            obstore.put(self.store, f"{entry['directory']}/_manifest.json", orjson.dumps(entry))
        return CommitReceipt(**entry["receipt"])

    def _write(self, target: SinkTarget, reader: RecordReader, commit: SliceCommit) -> Json:
        kind = (
            "snapshot=" + commit.run_id
            if commit.mode == "FULL"
            else "run=" + commit.commit_id.replace("/", "-")
        )
        directory = f"{_root(target)}/{kind}"

        # Attempts do not share names: a zombie may still be writing its own.
        files = write_directory(
            self.store, f"{directory}/{uuid.uuid4().hex[:12]}", reader, commit, self._now()
        )

        rows = sum(file["rows"] for file in files)
        receipt = CommitReceipt(
            commit_id=commit.commit_id,
            epoch=commit.epoch,
            landed=rows,
            deduplicated=0,
            inserted=rows,
            bytes=sum(file["bytes"] for file in files),
            location=f"{self._place.location}/{directory}",
        )
        return {
            "directory": directory,
            "mode": commit.mode,
            "files": files,
            "receipt": receipt.as_json(),
        }


def _root(target: SinkTarget) -> str:
    return f"{target.namespace}/{target.table}"


def _read(store: Any, key: str) -> Json:
    stored: Json = orjson.loads(bytes(obstore.get(store, key).bytes()))
    return stored


def _refuse_lower(current: Json, epoch: int) -> None:
    seen = current.get("epoch", 0)
    if seen > epoch:
        raise FencedError(
            "A newer run has committed to these files; leave the unit to it.",
            details={"epoch": epoch, "seen": seen},
        )


def _refuse_empty(current: Json, reader: RecordReader, commit: SliceCommit) -> None:
    held = current.get("rows", 0)
    allowed = commit.policy.allow_empty or commit.replaces
    if commit.mode == "FULL" and held and not allowed:
        if any(manifest.rows for manifest in reader.manifests()):
            return
        raise FatalError(
            "SUSPICIOUS_EMPTY",
            f"The source shows no rows where {held} have landed; nothing was replaced. Check the "
            "account's permissions, or set policy.allowEmpty if the source is really empty.",
            details={"landed": held},
        )


def _with(current: Json, target: SinkTarget, commit: SliceCommit, entry: Json) -> Json:
    if any(e["receipt"]["commit_id"] == commit.commit_id for e in current.get("commits", [])):
        return current  # another attempt was first: its files count, ours are swept
    _refuse_lower(current, commit.epoch)
    refuse_other_columns(current, target, commit)

    sequence = current.get("sequence", 0) + 1
    entry = {**entry, "sequence": sequence}
    kept = [entry, *current.get("commits", [])][:KEPT_RECEIPTS]
    after = {
        **current,
        "made": current.get("made") or uuid.uuid4().hex,
        "facts": {**current.get("facts", {}), **commit.facts},
        "epoch": commit.epoch,
        "commits": kept,
        "sequence": sequence,
        "columns": {**columns_of(target, commit), **current.get("columns", {})},
    }

    rows = entry["receipt"]["landed"]
    if commit.mode == "FULL" or commit.replaces:
        return {**after, "snapshot": entry, "rows": rows}
    return {**after, "rows": rows + current.get("rows", 0)}
