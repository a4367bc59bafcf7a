"""The files of one attempt at a commit, in a folder of its own below `_tmp`. Attempts do not share
one: a zombie may still be writing.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.hdfs_parquet.commit_log import TEMPORARY
from inlet_worker.sinks.hdfs_parquet.place import file_name
from inlet_worker.sinks.hdfs_parquet.webhdfs import WebHdfs
from inlet_worker.sinks.parquet.columns import Json
from inlet_worker.sinks.parquet.encoded_files import EncodedFile, encoded_files

MANIFEST = "_manifest.json"


@dataclass(frozen=True)
class Attempt:
    """`folder` is relative to the target, and holds all rows of the commit and their manifest."""

    folder: str
    rows: int
    bytes: int

    def receipt(self, commit: SliceCommit, location: str) -> CommitReceipt:
        """What the sink records of the commit once the folder is at `location`."""
        return CommitReceipt(
            commit_id=commit.commit_id,
            epoch=commit.epoch,
            landed=self.rows,
            deduplicated=0,
            inserted=self.rows,
            bytes=self.bytes,
            location=location,
        )


def write_attempt(
    hdfs: WebHdfs,
    root: str,
    reader: RecordReader,
    commit: SliceCommit,
    landed_at: datetime,
    on_step: Callable[[str], None],
) -> Attempt:
    """Write all staged rows below the target's folder `root`."""
    run, _, slice_ = commit.commit_id.rpartition("/")
    place = f"{file_name(run)}/{file_name(slice_)}/{commit.epoch}/{uuid.uuid4().hex[:12]}"
    folder = f"{TEMPORARY}/{place}"

    files = []
    for file in encoded_files(reader, commit, landed_at):
        hdfs.put(f"{root}/{folder}/{file.name}", file.body)
        files.append(_described(file))
        on_step("file")
    on_step("written")

    manifest = {"commitId": commit.commit_id, "epoch": commit.epoch, "files": files}
    hdfs.put(f"{root}/{folder}/{MANIFEST}", orjson.dumps(manifest))
    on_step("manifested")
    return Attempt(folder, sum(f["rows"] for f in files), sum(f["bytes"] for f in files))


def _described(file: EncodedFile) -> Json:
    return {
        "name": file.name,
        "rows": file.rows,
        "bytes": len(file.body),
        "sha256": hashlib.sha256(file.body).hexdigest(),
    }
