"""Which landed keys a reading did not hand on. Both are sorted through the disk and compared range
by range, so the keys of a table are never in memory together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

import pyarrow as pa
import pyarrow.compute as pc

from inlet_worker.staging.key_runs import KeyRuns

KEY = "key"


def unread_keys(landed: Iterable[pa.Array], read: Iterable[pa.Array]) -> tuple[pa.Array, int]:
    """Of key texts in any order: the landed ones that were not read, and how many have landed, each
    counted once. Rows without one (a table that lacks the column) count as one key.
    """
    with closing(KeyRuns([KEY])) as there, closing(KeyRuns([KEY])) as came:
        lacks, lacked = _filled(there, landed), _filled(came, read)
        unread, count = _unread(_ranges(there), _ranges(came))
    if lacks and not lacked:
        unread = pa.concat_arrays([unread, pa.nulls(1, pa.string())])
    return unread, count + lacks


def _filled(runs: KeyRuns, keys: Iterable[pa.Array]) -> bool:
    """Takes the keys; whether there is a row without one."""
    lacks = False
    for texts in keys:
        lacks = lacks or texts.null_count > 0
        there = texts.drop_null()
        if len(there):
            runs.add(_rows(there))
    return lacks


def _unread(landed: Iterator[pa.Array], read: Iterator[pa.Array]) -> tuple[pa.Array, int]:
    unread, count = [pa.array([], pa.string())], 0
    ahead: list[pa.Array] = []
    for keys in landed:
        last = keys[-1].as_py()
        while not ahead or ahead[-1][-1].as_py() < last:
            more = next(read, None)
            if more is None:
                break
            ahead.append(more)

        came = pa.concat_arrays([pa.array([], pa.string()), *ahead])
        unread.append(keys.filter(pc.invert(pc.is_in(keys, came))))
        count += len(keys)
        ahead = ahead[-1:]
    return pa.concat_arrays(unread), count


def _rows(texts: pa.Array) -> pa.RecordBatch:
    """As they are sorted: they have no versions."""
    nothing = pa.repeat(pa.scalar(0, pa.int8()), len(texts))
    return pa.RecordBatch.from_arrays([texts, nothing, nothing], names=[KEY, "order", "ordinal"])


def _ranges(runs: KeyRuns) -> Iterator[pa.Array]:
    return (rows.column(KEY) for rows in runs.ranges())
