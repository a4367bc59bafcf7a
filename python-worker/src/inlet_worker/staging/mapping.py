"""The mapping that makes rows of records, and its fingerprint: equal for two releases that make
equal rows of equal records. Order and descriptions of columns make no row, so they do not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.row_mapping import RowMapping

FITTING = 1
"""Of `staging/columns.py`: raised when the same row of a source is fitted to other values."""
FINGERPRINT_CHARACTERS = 8


def digest_of(columns: Sequence[FieldDescriptor], mapping: RowMapping) -> str:
    """64 hex characters over all that decides what a record lands as. `columns` are those that
    land.
    """
    described: dict[str, Any] = {
        "columns": sorted([column.name, column.type] for column in columns),
        "fitting": FITTING,
        "raw": mapping.keep_raw,
        "version": mapping.version,
    }
    if mapping.transform:
        described["transform"] = mapping.transform
    return hashlib.sha256(orjson.dumps(described, option=orjson.OPT_SORT_KEYS)).hexdigest()


def fingerprint_of(columns: Sequence[FieldDescriptor], mapping: RowMapping) -> str:
    """What stands for the mapping in the version of a row."""
    return digest_of(columns, mapping)[:FINGERPRINT_CHARACTERS]
