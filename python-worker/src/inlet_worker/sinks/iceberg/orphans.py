"""Deletes files below a table's location that nothing reachable names any more and that are too old
to be of a live commit: data, manifests, statistics and metadata.

What is reachable is known by hashes of 8 bytes (two names of one hash: a file stays that could go),
and what is there by its listing, about 300 bytes a file: a table of a million files takes 300 MB.
"""

from __future__ import annotations

import gzip
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.fs import FileInfo, FileSelector, FileType
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table
from pyiceberg.table.metadata import TableMetadata

from inlet_sdk.ports.sink_maintenance import Upkeep

METADATA = re.compile(r"\.metadata\.json(?:\.gz)?$|\.gz\.metadata\.json$")
GZIP = b"\x1f\x8b"
OURS = re.compile(r"\.(?:avro|stats|puffin)$")
"""Of the folder of metadata, beside METADATA. What else lies there, as a hint of a version, is
somebody's own.
"""


def sweep_orphans(table: Table, older_than: datetime, upkeep: Upkeep | None = None) -> int:
    """Files written after `older_than` stay: their commit may still be on its way. So do those of
    another table that has its metadata in the same folder, renamed or dropped by its owner. Returns
    the files deleted; what is left when time is up is the next sweep's.
    """
    upkeep = upkeep or Upkeep()
    listed = [*_list(table, "metadata"), *_list(table, "data")]
    reachable = _Names()
    for location, metadata in _tables(table, listed):
        if upkeep.is_over():
            return 0
        reachable.add([location])
        reachable.add(_reachable(metadata, table.io))

    deleted = 0
    candidates = [file for file in listed if file.may_go and file.modified < older_than]
    for file in reachable.without([file.location for file in candidates]):
        if upkeep.is_over():
            break
        table.io.delete(file)
        deleted += 1
    return deleted


@dataclass(frozen=True)
class _Listed:
    location: str
    modified: datetime
    in_metadata: bool

    @property
    def may_go(self) -> bool:
        return not self.in_metadata or self.is_metadata or bool(OURS.search(self.location))

    @property
    def is_metadata(self) -> bool:
        return self.in_metadata and bool(METADATA.search(self.location))


class _Names:
    """A set of file names; they are unique, since every one has a random part."""

    def __init__(self) -> None:
        self._hashes = array("Q")

    def add(self, locations: Iterable[str]) -> None:
        self._hashes.extend(map(_hash, locations))

    def without(self, locations: list[str]) -> list[str]:
        """Those that are not in it."""
        asked = _column(array("Q", map(_hash, locations)))
        known = pc.is_in(asked, value_set=_column(self._hashes))
        return [one for one, held in zip(locations, known.to_pylist(), strict=True) if not held]


def _hash(location: str) -> int:
    name = location.rsplit("/", 1)[-1].encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest())


def _column(hashes: array[int]) -> pa.Array:
    return pa.Array.from_buffers(pa.uint64(), len(hashes), [None, pa.py_buffer(hashes)])


def _list(table: Table, folder: str) -> Iterator[_Listed]:
    io: Any = table.io
    root = io.within(f"{table.location()}/{folder}")
    scheme, netloc, path = io.parse_location(root, io.properties)
    files: list[FileInfo] = io.fs_by_scheme(scheme, netloc).get_file_info(
        FileSelector(path, allow_not_found=True, recursive=True)
    )
    for file in files:
        if file.type == FileType.File:
            place = root + file.path.removeprefix(path)
            yield _Listed(place, file.mtime, folder == "metadata")


def _tables(table: Table, listed: Iterable[_Listed]) -> Iterator[tuple[str, TableMetadata]]:
    """The table, and each other one in its folder as it is by its newest metadata."""
    yield table.metadata_location, table.metadata

    known = _Names()
    known.add(
        [table.metadata_location, *(one.metadata_file for one in table.metadata.metadata_log)]
    )
    found = [file.location for file in listed if file.is_metadata]
    newest: dict[str, tuple[int, str]] = {}
    for location in known.without(found):
        written = _head_of(table.io, location)
        own = str(written.get("table-uuid", ""))
        if own in ("", str(table.metadata.table_uuid)):
            continue
        # Of one millisecond the later version: names begin with its number.
        newest[own] = max(newest.get(own, (0, "")), (int(written["last-updated-ms"]), location))

    for _, location in newest.values():
        yield location, FromInputFile.table_metadata(table.io.new_input(location))


def _head_of(io: Any, location: str) -> dict[str, Any]:
    """The JSON of a metadata file; empty for one that was not written to its end."""
    with io.new_input(location).open() as stream:
        body = stream.read()
    try:
        read = orjson.loads(gzip.decompress(body) if body.startswith(GZIP) else body)
    except (orjson.JSONDecodeError, OSError, EOFError):
        return {}
    return read if isinstance(read, dict) else {}


def _reachable(metadata: TableMetadata, io: Any) -> Iterator[str]:
    yield from (entry.metadata_file for entry in metadata.metadata_log)
    yield from (one.statistics_path for one in metadata.statistics)
    yield from (one.statistics_path for one in metadata.partition_statistics)

    seen: set[str] = set()
    for snapshot in metadata.snapshots:
        yield snapshot.manifest_list
        for manifest in snapshot.manifests(io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            yield manifest.manifest_path
            # What a snapshot took out is live in the one before, if that is still there.
            for entry in manifest.fetch_manifest_entry(io, discard_deleted=True):
                yield entry.data_file.file_path
