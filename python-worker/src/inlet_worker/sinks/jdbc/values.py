"""Values as every database holds them, and back. Text cannot hold U+0000 everywhere, so it is
written as `␀0`, and `␀` itself as `␀␀`: any other text is stored as it is.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.errors import FatalError
from inlet_worker.staging.columns import ARROW_TYPES

Kind = Literal["text", "long", "double", "boolean", "timestamp", "date"]
"""What a column is made of."""

KINDS: dict[str, Kind] = {
    "string": "text",
    "json": "text",
    "long": "long",
    "double": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
}
"""By the type of a field."""

ARROW: dict[Kind, pa.DataType] = {
    kind: ARROW_TYPES[type_] for type_, kind in KINDS.items() if type_ != "json"
}
NUL, ESCAPE = "\x00", "\u2400"
_ESCAPED = re.compile(f"{ESCAPE}(.)", re.DOTALL)
# Years 1 to 9999: what every one of the databases holds.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999


def escaped(text: pa.Array) -> pa.Array:
    """Text without U+0000."""
    if not pc.any(pc.match_substring_regex(text, f"[{NUL}{ESCAPE}]")).as_py():
        return text
    doubled = pc.replace_substring(text, ESCAPE, ESCAPE * 2)
    return pc.replace_substring(doubled, NUL, f"{ESCAPE}0")


def unescaped(text: str | None) -> str | None:
    """What `escaped` was given."""
    if text is None or ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: NUL if found[1] == "0" else found[1], text)


def checked_instants(column: pa.Array, name: str) -> pa.Array:
    """The column. Raises FatalError `SINK_REJECTED` for an instant that a database cannot hold."""
    numbers = column.cast(pa.int64())
    outside = pc.or_(pc.less(numbers, _FIRST), pc.greater(numbers, _LAST))
    if pc.any(outside).as_py():
        raise FatalError(
            "SINK_REJECTED",
            f"Column {name} holds an instant outside the years 1 to 9999, which no database takes. "
            "Leave the field out of the unit.",
        )
    return column


def finite(column: pa.Array) -> pa.Array:
    """Null where a number is none: not every database has a place for NaN and infinities."""
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))


def landed_array(kind: Kind, values: list[Any]) -> pa.Array:
    """What a database answered for a column of a kind, as the sink's port gives it."""
    if kind == "text":
        return pa.array(map(unescaped, values), pa.string())
    if kind == "boolean":
        return pa.array((None if v is None else bool(v) for v in values), pa.bool_())
    if kind in ("timestamp", "date") and any(isinstance(v, str) for v in values):
        text = pa.array(values, pa.string())
        naive = text.cast(pa.timestamp("us") if kind == "timestamp" else pa.date32())
        return naive.cast(ARROW[kind])
    return pa.array(values, ARROW[kind])
