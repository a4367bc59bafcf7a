"""What a change of `policy.primaryKeys` does: the landed rows get the hashes of their new keys, in
the transaction of the first commit that knows them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from inlet_worker.sinks.jdbc.columns import KEY, ROW
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.home import Home
from inlet_worker.sinks.jdbc.landed_rows import arrays_of, physical_of
from inlet_worker.staging.key_text import key_text

PAGE_ROWS = 2000


def rekey(database: Database, home: Home, keys: Sequence[str]) -> None:
    """Within the commit's transaction. A row that lacks a value in what has become a key has no
    key: it stays, and nothing takes its place.
    """
    number, key = database.quote(ROW), database.quote(KEY)
    table, mark = database.table(home.table), database.mark
    landed = {column.name: column for column in home.landed.columns}
    if any(name not in landed for name in keys):
        database.run(f"UPDATE {table} SET {key} = NULL")
        return

    columns = [landed[name] for name in keys]
    selected = ", ".join([number, *map(database.quote, physical_of(columns))])
    page = (
        f"SELECT {selected} FROM {table} WHERE {number} > {mark} "
        f"ORDER BY {number} LIMIT {PAGE_ROWS}"
    )

    change = f"UPDATE {table} SET {key} = {mark} WHERE {number} = {mark}"
    after = 0
    while rows := database.rows(page, (after,)):
        arrays = arrays_of(columns, rows)
        texts = key_text(pa.RecordBatch.from_arrays(arrays, names=list(keys)), keys).to_pylist()
        for row, text in zip(rows, texts, strict=True):
            digest = None if text is None else hashlib.sha256(text.encode()).digest()
            database.run(change, (digest, row[0]))
        after = int(rows[-1][0])
