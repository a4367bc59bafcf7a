"""The key of a row as one text."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def key_text(batch: pa.RecordBatch, keys: Sequence[str]) -> pa.Array:
    """One text per row that is equal only for equal keys."""
    parts = [batch.column(name).cast(pa.string()) for name in keys]
    if len(parts) == 1:
        return parts[0]
    # Lengths go first: ("a", "bc") is not ("ab", "c"), whatever the values hold.
    sized = [
        pc.binary_join_element_wise(pc.utf8_length(p).cast(pa.string()), p, ":") for p in parts
    ]
    return pc.binary_join_element_wise(*sized, "")
