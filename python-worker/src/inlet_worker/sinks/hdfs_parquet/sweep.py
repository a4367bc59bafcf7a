"""Deletes what nobody needs any more in a target's folder, in this order: what attempts left
behind, rows that a snapshot hides, old records of the log.

The order matters: a writer that slept for days may append to a part of the log that is gone, but
then its files are gone, too, and nothing becomes visible.
"""

from __future__ import annotations

from datetime import datetime

from inlet_worker.sinks.hdfs_parquet.commit_log import LOG, TEMPORARY, CommitLog
from inlet_worker.sinks.hdfs_parquet.folders import is_snapshot, number_of
from inlet_worker.sinks.hdfs_parquet.webhdfs import Entry, WebHdfs
from inlet_worker.sinks.parquet.columns import Json
from inlet_worker.sinks.parquet.table_state import KEPT_RECEIPTS

LEVELS = 4
"""Of folders below `_tmp`: run, slice, epoch, attempt."""


def sweep_target(hdfs: WebHdfs, path: str, log: CommitLog, state: Json, oldest: datetime) -> int:
    """Deletes what was last touched before `oldest`. `state`: of the log. Returns files deleted."""
    limit = int(oldest.timestamp() * 1000)
    return (
        _attempts(hdfs, f"{path}/{TEMPORARY}", limit, LEVELS)
        + _hidden(hdfs, path, state, limit)
        + _records(hdfs, path, log, limit)
    )


def _attempts(hdfs: WebHdfs, path: str, limit: int, levels: int) -> int:
    """What is old goes; a folder above others only when nothing is left in it, for a writer may be
    at work far below.
    """
    deleted = 0
    for entry in hdfs.entries(path):
        below = f"{path}/{entry.name}"
        if entry.is_folder and levels > 1:
            deleted += _attempts(hdfs, below, limit, levels - 1)
            if entry.modified < limit:
                hdfs.delete_if_empty(below)
        elif entry.modified < limit:
            deleted += _delete(hdfs, below, entry)
    return deleted


def _hidden(hdfs: WebHdfs, path: str, state: Json, limit: int) -> int:
    """Those below a snapshot that has been there for as long as readers are given."""
    newest = (state.get("snapshot") or {}).get("sequence", 0)
    folders = hdfs.entries(path)
    old = [
        number_of(one.name)
        for one in folders
        if is_snapshot(one.name) and number_of(one.name) <= newest and one.modified < limit
    ]
    hidden = [one for one in folders if 0 <= number_of(one.name) < max(old, default=0)]
    return sum(_delete(hdfs, f"{path}/{one.name}", one) for one in hidden)


def _records(hdfs: WebHdfs, path: str, log: CommitLog, limit: int) -> int:
    unneeded = [one for one in log.records()[:-KEPT_RECEIPTS] if one.modified < limit]
    return sum(_delete(hdfs, f"{path}/{LOG}/{one.name}", one) for one in unneeded)


def _delete(hdfs: WebHdfs, path: str, entry: Entry) -> int:
    files = len(hdfs.entries(path)) if entry.is_folder else 1
    hdfs.delete(path)
    return files
