"""Rows that come as columns, fitted to a staged schema without a look at any one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, repeat

import pyarrow as pa

from inlet_sdk.ports.columnar_rows import Cells, ColumnarRows
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_worker.staging.columns import HASH, RAW, as_json, content_hashes_of, kept_out, kind_of


class ColumnarFit:
    """For one schema. What it takes it fits as `fit` does."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        own = [field for field in schema if field.name not in (RAW, UNFIT, HASH)]
        self._kinds = {field.name: kind_of(field) for field in own}
        self._required = [field.name for field in own if not field.nullable]
        self._new = kept_out(schema)

    def takes(self, rows: ColumnarRows) -> bool:
        """Whether every row fits, since its columns are the schema's."""
        if self._new or any(None in rows.columns.get(name, [None]) for name in self._required):
            return False
        return all(self._kinds.get(name, type_) == type_ for name, type_ in rows.types.items())

    def fit(self, pages: Sequence[ColumnarRows]) -> pa.RecordBatch:
        """All of them, in order, as one batch."""
        arrays = [
            _array(field, _cells(pages, field.name))
            for field in self._schema
            if field.name not in (UNFIT, HASH)
        ]
        told = [as_json(texts or {}) for texts in _cells(pages, UNFIT)]
        arrays.append(pa.array(told, pa.string()))
        arrays.append(content_hashes_of(self._schema, arrays))
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def unfit_in(rows: ColumnarRows) -> Counter[str]:
    """How many values of the rows fit no column, by column."""
    return Counter(name for texts in rows.columns[UNFIT] if texts for name in texts)


def _cells(pages: Sequence[ColumnarRows], name: str) -> Cells:
    parts = (page.columns.get(name) or repeat(None, len(page)) for page in pages)
    return list(chain.from_iterable(parts))


def _array(field: pa.Field, cells: Cells) -> pa.Array:
    if pa.types.is_temporal(field.type):
        return pa.array(cells, pa.string()).cast(field.type)
    return pa.array(cells, field.type)
