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

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import obstore
import orjson
import pyarrow as pa
from obstore.store import S3Store

from inlet_sdk.errors import FatalError
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
from inlet_worker.sinks.aws_keys import AwsKeys, require_keys
from inlet_worker.sinks.conditional_object import ConditionalObject
from inlet_worker.sinks.files_parquet.descriptor import DESCRIPTOR
from inlet_worker.sinks.files_parquet.leaving import Leaving
from inlet_worker.sinks.files_place import FilesPlace, open_files
from inlet_worker.sinks.parquet.columns import Json, landed, refuse_other_columns
from inlet_worker.sinks.parquet.encoded_files import encoded_files
from inlet_worker.sinks.parquet.landed_files import keys_in, rows_in
from inlet_worker.sinks.parquet.table_state import (
    committed,
    receipt_of,
    refuse_empty,
    refuse_lower,
    refuse_policy,
    settled_entry,
)
from inlet_worker.sinks.places import place_text
from inlet_worker.sinks.sink_config import typed_place


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
            refuse_lower(current, epoch)
            return {**current, "epoch": epoch}

        self._current(target).change(raised)

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        refuse_policy(self, commit)

        current = self._current(target).read()
        if found := self._settled(current, commit.commit_id):
            return found

        refuse_lower(current, commit.epoch)
        refuse_other_columns(current, target, commit)
        refuse_empty(current, reader, commit)
        self._on_step("checked")

        entry = self._write(target, reader, commit)
        self._on_step("written")
        after = self._current(target).change(lambda now: _with(now, target, commit, entry))
        self._on_step("pointed")

        receipt = self._settled(after, commit.commit_id)
        self._on_step("committed")
        if receipt is None:
            raise FatalError(
                "INTERNAL", f"{commit.commit_id} was committed and is not found: report this."
            )
        return receipt

    def sweep(self, target: SinkTarget) -> int:
        oldest, deleted = self._now() - timedelta(days=DESCRIPTOR.sweeps_after_days), 0
        current = self._current(target).read()
        live = {*self.files(target), *_unsettled(current)}
        pages = list(obstore.list(self.store, _root(target)))
        leaving = Leaving(live, current.get("commits", []), pages)

        for page in pages:
            dead = [one["path"] for one in page if leaving.was_out_by(one, oldest)]
            if dead:
                obstore.delete(self.store, dead)
            deleted += len(dead)

        return deleted

    def commit_files(self, target: SinkTarget, receipt: CommitReceipt) -> Iterator[LandedFile]:
        entry = settled_entry(self._current(target).read(), receipt.commit_id)
        for file in (entry or {}).get("files", []):
            place = f"{self._place.location}/{file['key']}"
            yield LandedFile(place, file["rows"], file["bytes"], file.get("sha256"))

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for key in self.files(target):
            yield from keys_in(self._body(key), columns)

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        for key in self.files(target):
            yield from rows_in(self._body(key), wanted)

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

    def _body(self, key: str) -> bytes:
        return bytes(obstore.get(self.store, key).bytes())

    def _current(self, target: SinkTarget) -> ConditionalObject:
        return ConditionalObject(self.store, f"{_root(target)}/_current.json")

    def _settled(self, current: Json, commit_id: str) -> CommitReceipt | None:
        """The receipt of a commit. Its manifest is written here: a kill right after the pointer
        loses nothing.
        """
        entry = settled_entry(current, commit_id)
        if entry is None:
            return None
        if entry["mode"] == "INCREMENTAL":
            obstore.put(self.store, f"{entry['directory']}/_manifest.json", orjson.dumps(entry))
        return receipt_of(entry)

    def _write(self, target: SinkTarget, reader: RecordReader, commit: SliceCommit) -> Json:
        kind = (
            "snapshot=" + commit.run_id
            if commit.mode == "FULL"
            else "run=" + commit.commit_id.replace("/", "-")
        )
        directory = f"{_root(target)}/{kind}"

        # Attempts do not share names: a zombie may still be writing its own.
        attempt = f"{directory}/{uuid.uuid4().hex[:12]}"
        files = [
            self._put(f"{attempt}/{file.name}", file.body, file.rows)
            for file in encoded_files(reader, commit, self._now())
        ]

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

    def _put(self, key: str, body: bytes, rows: int) -> Json:
        """By the checksum among its metadata a download is checked; a local folder keeps none."""
        checksum = hashlib.sha256(body).hexdigest()
        in_bucket = isinstance(self.store, S3Store)
        obstore.put(self.store, key, body, attributes={"sha256": checksum} if in_bucket else None)
        return {"key": key, "rows": rows, "bytes": len(body), "sha256": checksum}


def _unsettled(current: Json) -> list[str]:
    """Files of appended commits that count, though nobody may have written their manifest yet."""
    replaced_to = (current.get("snapshot") or {}).get("sequence", 0)
    return [
        file["key"]
        for entry in current.get("commits", [])
        if entry["mode"] == "INCREMENTAL" and entry["sequence"] > replaced_to
        for file in entry["files"]
    ]


def _root(target: SinkTarget) -> str:
    return f"{target.namespace}/{target.table}"


def _read(store: Any, key: str) -> Json:
    stored: Json = orjson.loads(bytes(obstore.get(store, key).bytes()))
    return stored


def _with(current: Json, target: SinkTarget, commit: SliceCommit, entry: Json) -> Json:
    if settled_entry(current, commit.commit_id):
        return current  # another attempt was first: its files count, ours are swept
    numbered = {**entry, "sequence": current.get("sequence", 0) + 1}
    return committed(current, target, commit, numbered)
