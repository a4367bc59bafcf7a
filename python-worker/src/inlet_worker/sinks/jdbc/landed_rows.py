"""Reads what has landed and is no tombstone, page by page in the order of landing, with one page in
memory. A page is a query of its own: a reader that takes its time holds nothing up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from inlet_sdk.ports.sink_endpoint import WantedVersions
from inlet_worker.sinks.jdbc.columns import DELETED_AT, MORE, ROW, VERSION, Column
from inlet_worker.sinks.jdbc.database import Database, Row
from inlet_worker.sinks.jdbc.home import Home
from inlet_worker.sinks.jdbc.packing import unpacked
from inlet_worker.sinks.jdbc.values import landed_array

PAGE_ROWS = 4096
PAGE_BYTES = 4 * 1024 * 1024


def live_keys(database: Database, home: Home, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """`columns` and `_version`; null where the table lacks a column."""
    landed = {column.name: column for column in home.landed.columns}
    names = [*columns, VERSION]
    there = [landed[name] for name in dict.fromkeys(names) if name in landed]

    for rows in _pages(database, home, there):
        arrays = dict(zip((c.name for c in there), arrays_of(there, rows), strict=True))
        yield pa.RecordBatch.from_arrays(
            [arrays.get(name, pa.nulls(len(rows), pa.string())) for name in names], names=names
        )


def live_rows(database: Database, home: Home, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
    """All columns of the rows whose version is wanted. Of the others only the version is read."""
    columns = home.landed.columns
    version = [column for column in columns if column.name == VERSION]
    for page in _pages(database, home, version):
        marks = wanted(*arrays_of(version, page)).to_pylist()
        chosen = [row[0] for row, marked in zip(page, marks, strict=True) if marked]
        for start in range(0, len(chosen), 256):
            part = chosen[start : start + 256]
            among = f" AND {database.quote(ROW)} IN ({database.marks(len(part))})"
            for rows in _pages(database, home, columns, among, part):
                yield _batch(columns, rows)


def _pages(
    database: Database,
    home: Home,
    columns: Sequence[Column],
    among: str = "",
    parameters: Sequence[Any] = (),
) -> Iterator[list[Row]]:
    """Rows with their number first, by number."""
    number = database.quote(ROW)
    selected = ", ".join([number, *map(database.quote, physical_of(columns))])
    deleted = next(c.physical for c in home.landed.columns if c.name == DELETED_AT)
    sql = (
        f"SELECT {selected} FROM {database.table(home.table)} WHERE {number} > {database.mark}"
        f" AND {database.quote(deleted)} IS NULL{among} ORDER BY {number} LIMIT {PAGE_ROWS}"
    )

    after = 0
    while page := _page(database.stream(sql, [after, *parameters])):
        yield page
        after = int(page[-1][0])


def _page(stream: Iterator[Row]) -> list[Row]:
    """As many rows as fit a page, at least one where there is one."""
    page: list[Row] = []
    held = 0
    for row in stream:
        page.append(row)
        held += sum(len(value) if isinstance(value, str) else 16 for value in row)
        if held >= PAGE_BYTES:
            break
    return page


def physical_of(columns: Sequence[Column]) -> list[str]:
    """What a query selects for these columns, each once."""
    return list(dict.fromkeys(column.physical for column in columns))


def arrays_of(columns: Sequence[Column], rows: Sequence[Row]) -> list[pa.Array]:
    """The columns of rows that begin with their number, then `physical_of`."""
    at = {name: place for place, name in enumerate(physical_of(columns), start=1)}
    more = [column for column in columns if column.packed]
    found = {
        column.name: landed_array(column.kind, [row[at[column.physical]] for row in rows])
        for column in columns
        if not column.packed
    }
    if more:
        texts = [row[at[MORE]] for row in rows]
        found |= dict(zip((c.name for c in more), unpacked(more, texts), strict=True))
    return [found[column.name] for column in columns]


def _batch(columns: Sequence[Column], rows: Sequence[Row]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        arrays_of(columns, rows), names=[column.name for column in columns]
    )
