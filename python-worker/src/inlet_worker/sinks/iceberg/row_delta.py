"""One snapshot that adds and removes data files and delete files. pyiceberg 0.12 has none that
adds delete files; this one is made of its parts, and tied to its version by a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyiceberg.io import FileIO
from pyiceberg.manifest import (
    DataFile,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriter,
)
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import (
    Operation,
    SnapshotSummaryCollector,
    Summary,
    update_snapshot_summaries,
)
from pyiceberg.table.update.snapshot import _OverwriteFiles
from pyiceberg.typedef import EMPTY_DICT

from inlet_worker.sinks.iceberg.delete_manifests import DeleteManifestWriter

KEPT_MANIFESTS = 32
"""Manifests of a kind before they become one: each is opened by every plan."""
MERGED_BYTES = 4 * 1024 * 1024
"""Manifests of this size stay as they are."""


class RowDelta(_OverwriteFiles):
    """Collects files, then `commit()` as pyiceberg's own do: into the transaction. A data file that
    is not in the parent snapshot cannot be removed: ValidationException.
    """

    def __init__(
        self, transaction: Transaction, io: FileIO, snapshot_properties: Mapping[str, str]
    ) -> None:
        head = transaction.table_metadata.current_snapshot()
        super().__init__(
            operation=Operation.OVERWRITE if head else Operation.APPEND,
            transaction=transaction,
            io=io,
            snapshot_properties=dict(snapshot_properties),
        )
        self._added_delete_files: list[DataFile] = []
        self._removed_delete_files: dict[str, DataFile] = {}

    def append_delete_file(self, delete_file: DataFile) -> None:
        """Its positions are deleted from this snapshot on."""
        self._added_delete_files.append(delete_file)

    def remove_delete_file(self, delete_file: DataFile) -> None:
        """It applies no more: its data file goes, or another delete file says the same."""
        self._removed_delete_files[delete_file.file_path] = delete_file

    def _manifests(self) -> list[ManifestFile]:
        return [*super()._manifests(), *self._delete_manifests()]

    def _delete_manifests(self) -> list[ManifestFile]:
        added = [
            ManifestEntry.from_args(
                status=ManifestEntryStatus.ADDED,
                snapshot_id=self._snapshot_id,
                sequence_number=None,
                file_sequence_number=None,
                data_file=file,
            )
            for file in self._added_delete_files
        ]
        removed = [
            _as(ManifestEntryStatus.DELETED, entry, self._snapshot_id)
            for manifest in self._parent_manifests(ManifestContent.DELETES)
            if self._removed_delete_files
            for entry in manifest.fetch_manifest_entry(self._io)
            if entry.data_file.file_path in self._removed_delete_files
        ]
        entries = [*added, *removed]
        if not entries:
            return []
        spec_id = self._transaction.table_metadata.default_spec_id
        return [self._written(ManifestContent.DELETES, spec_id, entries)]

    def _existing_manifests(self) -> list[ManifestFile]:
        """The parent's manifests, without what is removed; few, and none without a live entry."""
        gone = {
            ManifestContent.DATA: {file.file_path for file in self._deleted_data_files},
            ManifestContent.DELETES: set(self._removed_delete_files),
        }
        return [
            manifest
            for content, paths in gone.items()
            for manifest in self._merged(content, self._kept(content, paths))
        ]

    def _kept(self, content: ManifestContent, gone: set[str]) -> list[ManifestFile]:
        kept = []
        for manifest in self._parent_manifests(content):
            if not gone:
                kept.append(manifest)
                continue
            entries = manifest.fetch_manifest_entry(self._io)
            staying = [entry for entry in entries if entry.data_file.file_path not in gone]
            if len(staying) == len(entries):
                kept.append(manifest)
            elif staying:
                entries = [_existing(entry) for entry in staying]
                kept.append(self._written(content, manifest.partition_spec_id, entries))
        return kept

    def _merged(
        self, content: ManifestContent, manifests: list[ManifestFile]
    ) -> list[ManifestFile]:
        spec_id = self._transaction.table_metadata.default_spec_id
        small = [
            manifest
            for manifest in manifests
            if manifest.manifest_length < MERGED_BYTES and manifest.partition_spec_id == spec_id
        ]
        if len(small) <= KEPT_MANIFESTS:
            return manifests
        entries = [
            _existing(entry)
            for manifest in small
            for entry in manifest.fetch_manifest_entry(self._io)
        ]
        staying = [manifest for manifest in manifests if manifest not in small]
        return [*staying, self._written(content, spec_id, entries)]

    def _parent_manifests(self, content: ManifestContent) -> list[ManifestFile]:
        head = self._transaction.table_metadata.snapshot_by_name(self._target_branch)
        return [
            manifest
            for manifest in (head.manifests(self._io) if head else [])
            if manifest.content == content
            and (manifest.has_added_files() or manifest.has_existing_files())
        ]

    def _written(
        self, content: ManifestContent, spec_id: int, entries: Sequence[ManifestEntry]
    ) -> ManifestFile:
        with self._writer(content, spec_id) as writer:
            for entry in entries:
                writer.add_entry(entry)
        return writer.to_manifest_file()

    def _writer(self, content: ManifestContent, spec_id: int) -> ManifestWriter:
        spec = self.spec(spec_id)
        if content == ManifestContent.DATA:
            return self.new_manifest_writer(spec)
        return DeleteManifestWriter(
            spec, self.schema(), self.new_manifest_output(), self._snapshot_id, self._compression
        )

    def _summary(self, snapshot_properties: dict[str, str] = EMPTY_DICT) -> Summary:
        metadata, changes = self._transaction.table_metadata, SnapshotSummaryCollector()
        for file in (*self._added_data_files, *self._added_delete_files):
            changes.add_file(file, metadata.schema(), metadata.spec())
        for file in (*self._deleted_data_files, *self._removed_delete_files.values()):
            changes.remove_file(file, metadata.schema(), metadata.spec())

        head = metadata.snapshot_by_name(self._target_branch)
        return update_snapshot_summaries(
            Summary(operation=self._operation, **changes.build(), **snapshot_properties),
            head.summary if head else None,
        )


def _existing(entry: ManifestEntry) -> ManifestEntry:
    return _as(ManifestEntryStatus.EXISTING, entry, entry.snapshot_id)


def _as(
    status: ManifestEntryStatus, entry: ManifestEntry, snapshot_id: int | None
) -> ManifestEntry:
    return ManifestEntry.from_args(
        status=status,
        snapshot_id=snapshot_id,
        sequence_number=entry.sequence_number,
        file_sequence_number=entry.file_sequence_number,
        data_file=entry.data_file,
    )
