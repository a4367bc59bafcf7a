"""`_version` of a landed row: `<cursor>|<fingerprint of the mapping><content hash>`, the last two 8
and 24 characters. Sorts by cursor; the rest tells the same row from another one. Columns that order
versions are `policy.cursorField`, then `policy.sequenceField`.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.policy import Policy
from inlet_worker.staging.columns import HASH
from inlet_worker.staging.content_hash import HASH_CHARACTERS
from inlet_worker.staging.mapping import FINGERPRINT_CHARACTERS

_LONG_MAX = 2**63 - 1


def order_columns(policy: Policy, names: list[str]) -> list[str]:
    """The columns that order the versions of a record; none where the policy names none."""
    wanted = (policy.cursor_field, policy.sequence_field)
    return [name for name in wanted if name and name in names]


def orders(batch: pa.RecordBatch, columns: list[str]) -> pa.Array:
    """Text that sorts as the columns do; empty where there is no value."""
    parts = [pc.coalesce(_sortable(batch.column(name)), pa.scalar("")) for name in columns]
    if not parts:
        return pa.array([""] * batch.num_rows, pa.string())
    return pc.binary_join_element_wise(*parts, "~") if len(parts) > 1 else parts[0]


def versions(batch: pa.RecordBatch, columns: list[str]) -> pa.Array:
    """`_version` of staged rows."""
    return pc.binary_join_element_wise(orders(batch, columns), batch.column(HASH), "|")


def order_of(version: pa.Array) -> pa.Array:
    """The order in a stored `_version`."""
    return pc.utf8_slice_codeunits(version, 0, -(HASH_CHARACTERS + 1))


def hash_of(version: pa.Array) -> pa.Array:
    """Mapping and content in a stored `_version`."""
    return pc.utf8_slice_codeunits(version, -HASH_CHARACTERS)


def mapping_of(version: pa.Array) -> pa.Array:
    """The fingerprint of the mapping in a stored `_version`. Of a row that an earlier release
    landed it is the beginning of a hash, and so no mapping's.
    """
    return pc.utf8_slice_codeunits(
        version, -HASH_CHARACTERS, FINGERPRINT_CHARACTERS - HASH_CHARACTERS
    )


def _sortable(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_integer(column.type):
        return _sortable_long(column)
    if pa.types.is_string(column.type):
        return column
    raise FatalError(
        "CONFIG_INVALID", "policy.cursorField must be a timestamp, date, long or string column."
    )


def _sortable_long(column: pa.Array) -> pa.Array:
    negative = pc.less(column, 0)
    distance = pc.if_else(
        negative, pc.add(pc.add(pc.if_else(negative, column, -1), _LONG_MAX), 1), column
    )
    digits = pc.utf8_lpad(distance.cast(pa.string()), 19, "0")
    return pc.binary_join_element_wise(pc.if_else(negative, "0", "1"), digits, "")
