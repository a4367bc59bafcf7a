"""The data files that one snapshot added, which are the table's for as long as a snapshot that is
kept has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyiceberg.manifest import ManifestContent, ManifestEntryStatus

from inlet_sdk.ports.landed_files import LandedFile


def files_added(table: Any, snapshot_id: int) -> Iterator[LandedFile]:
    """Nothing for a snapshot that has expired."""
    snapshot = table.snapshot_by_id(snapshot_id)
    if snapshot is None:
        return

    for manifest in snapshot.manifests(table.io):
        if manifest.content != ManifestContent.DATA or manifest.added_snapshot_id != snapshot_id:
            continue
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
            if entry.status == ManifestEntryStatus.ADDED:
                file = entry.data_file
                yield LandedFile(file.file_path, file.record_count, file.file_size_in_bytes)
