"""Deletes data files that no snapshot refers to and that are too old to be of a live commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pyarrow.fs import FileSelector, FileType
from pyiceberg.table import Table


def sweep_orphans(table: Table, older_than: datetime) -> int:
    """Files written after `older_than` stay: their commit may still be on its way. Returns the
    files deleted.
    """
    known = {_name(path) for path in _referenced(table)}
    io: Any = table.io
    scheme, netloc, path = io.parse_location(io.within(f"{table.location()}/data"), io.properties)
    files = io.fs_by_scheme(scheme, netloc).get_file_info(
        FileSelector(path, allow_not_found=True, recursive=True)
    )

    orphans = [
        f
        for f in files
        if f.type == FileType.File and _name(f.path) not in known and f.mtime < older_than
    ]

    for orphan in orphans:
        table.io.delete(f"{table.location()}/data{orphan.path.removeprefix(path)}")
    return len(orphans)


def _referenced(table: Table) -> set[str]:
    paths: set[str] = set()
    seen: set[str] = set()
    for snapshot in table.snapshots():
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=False)
            paths.update(entry.data_file.file_path for entry in entries)
    return paths


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]  # unique: every file's name has a random part
