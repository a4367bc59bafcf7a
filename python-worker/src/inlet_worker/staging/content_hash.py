"""The content hash of staged rows, over every column that lands: rows that are equal in all of them
have equal hashes, rows that differ in one have others.

A row's columns are joined, in the order of their names, with a byte that is in no UTF-8 text; a
value that is missing is another such byte. So no two rows are joined to the same bytes. This runs
for every row, so whole batches are joined at once, and numbers are made text a type at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from inlet_worker.staging.mapping import FINGERPRINT_CHARACTERS

HASH_CHARACTERS = 32
SEPARATOR = b"\xff"
MISSING = b"\xfe"
_BYTES = pa.binary()
_LONG = pa.int64()


def content_hashes(
    columns: Mapping[str, pa.Array], raw: pa.Array | None, rows: int, digest: str
) -> pa.Array:
    """Fingerprint of the mapping and hash of the content, of each row. `raw` is None where it does
    not land; `digest` is the mapping's.
    """
    joined = _joined(_as_bytes([columns[name] for name in sorted(columns)], rows), rows)
    kept = [None] * rows if raw is None else _texts(raw)
    seed, mapping = hashlib.sha256(digest.encode()), digest[:FINGERPRINT_CHARACTERS]
    wanted = HASH_CHARACTERS - FINGERPRINT_CHARACTERS
    hashes: list[str] = []

    for row, text in zip(joined, kept, strict=True):
        content = seed.copy()
        if row is not None:
            content.update(row)
        if text is not None:
            content.update(SEPARATOR)
            content.update(text)
        hashes.append(mapping + content.hexdigest()[:wanted])

    return pa.array(hashes, pa.string())


def _joined(parts: Sequence[pa.Array], rows: int) -> list[memoryview | None]:
    if not parts:
        return [None] * rows
    try:
        joined = pc.binary_join_element_wise(
            *parts, SEPARATOR, null_handling="replace", null_replacement=MISSING
        )
    except pa.ArrowCapacityError:  # an array of bytes holds 2 GB
        half = rows // 2
        if not half:
            raise
        return _joined([part.slice(0, half) for part in parts], half) + _joined(
            [part.slice(half) for part in parts], rows - half
        )
    return _texts(joined)


def _as_bytes(arrays: Sequence[pa.Array], rows: int) -> list[pa.Array]:
    """The values of each array as bytes that are equal for equal values only."""
    found: list[pa.Array | None] = [None] * len(arrays)
    numbers: dict[pa.DataType, list[int]] = {}
    nothing = pa.nulls(rows, _BYTES)

    for at, array in enumerate(arrays):
        if array.null_count == rows:
            found[at] = nothing
        elif array.type == pa.string():
            found[at] = array.view(_BYTES)
        else:
            numbers.setdefault(array.type, []).append(at)

    for places in numbers.values():
        texts = _as_numbers(pa.concat_arrays([arrays[at] for at in places]))
        texts = texts.cast(pa.string()).view(_BYTES)
        for number, at in enumerate(places):
            found[at] = texts.slice(number * rows, rows)
    return [array for array in found if array is not None]


def _as_numbers(array: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(array.type):
        return array.view(_LONG)
    if pa.types.is_date32(array.type):
        return array.view(pa.int32())
    if pa.types.is_floating(array.type):
        return pc.add(array, 0.0).view(_LONG)  # -0.0 is 0.0
    return array


def _texts(array: pa.Array) -> list[memoryview | None]:
    """Each value where it lies, without a copy."""
    _, offsets, data = array.buffers()
    if offsets is None or data is None:
        return [memoryview(b"") if valid else None for valid in array.is_valid().to_pylist()]
    whole = memoryview(data)
    ends = memoryview(offsets).cast("i")[array.offset : array.offset + len(array) + 1].tolist()
    texts: list[memoryview | None] = [whole[start:end] for start, end in pairwise(ends)]
    if not array.null_count:
        return texts
    return [
        text if valid else None
        for text, valid in zip(texts, array.is_valid().to_pylist(), strict=True)
    ]
