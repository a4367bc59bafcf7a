"""What has landed of a unit: records by their group, or children by the record they hang on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.census import LandedRows
from inlet_sdk.units.census.columns_of_ids import Times, among, ascends


@dataclass(frozen=True)
class RecordColumns:
    """Columns of a landed record: its id, the immutable id of its group, what people call the
    group, and the time of its last change.
    """

    key: str
    group: str
    name: str
    changed: str


_NAMES = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class LandedRecords:
    """Of the live rows, by ascending id: ids (int64), groups (by id, or by name where the id has
    not landed), names of the groups, and times of change (int64, epoch ms). Groups and names are
    dictionaries of strings.
    """

    ids: pa.Array
    groups: pa.Array
    names: pa.Array
    changed: pa.Array

    @classmethod
    def read(
        cls, landed: LandedRows, columns: RecordColumns, wanted: Collection[str] | None
    ) -> LandedRecords:
        """Those of the wanted groups, named in capitals or by id; all for None."""
        groups = None if wanted is None else pa.array(sorted(wanted), pa.string())
        none, nameless = pa.array([], pa.int64()), pa.array([], _NAMES)
        parts = [pa.table({"ids": none, "groups": nameless, "names": nameless, "changed": none})]

        names = dict.fromkeys((columns.key, columns.group, columns.name, columns.changed))
        for batch in landed.batches(*names):
            name = batch.column(columns.name).cast(pa.string())
            group = pc.coalesce(batch.column(columns.group).cast(pa.string()), name)
            ids = batch.column(columns.key).cast(pa.int64())
            at = times_of(batch.column(columns.changed))
            part = pa.table(
                {
                    "ids": ids,
                    "groups": group.dictionary_encode(),
                    "names": name.dictionary_encode(),
                    "changed": at,
                }
            )
            if groups is not None:
                by_name = pc.is_in(pc.utf8_upper(name), groups)
                part = part.filter(pc.or_(by_name, pc.is_in(group, groups)))
            parts.append(part)

        table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        if not ascends(table.column("ids")):
            table = _newest(table)
        found = (_one(table.column(name)) for name in table.column_names)
        return cls(*found)

    def times(self, of: pa.Array | None = None) -> Times:
        """Times of change, where a record has one; `of` some ascending ids only."""
        if of is None:
            return Times.of(self.ids, self.changed)
        there = among(self.ids, of)
        if there.true_count == len(there):
            return Times.of(self.ids, self.changed)
        return Times.of(self.ids.filter(there), self.changed.filter(there))

    def name_of(self) -> dict[str | None, str | None]:
        """group -> what it is called, by any of its rows."""
        return dict(self._groups_and_names())

    def named_otherwise(self, names: Mapping[str, str]) -> list[int]:
        """Records whose group is called otherwise by now; `names` are what groups are called, by
        id.
        """
        found: list[int] = []
        for group, name in self._groups_and_names():
            now = names.get(group or "")
            if now is not None and name is not None and name != now:
                of_pair = pc.and_(_equal(self.groups, group), _equal(self.names, name))
                found += self.ids.filter(of_pair).to_pylist()
        return sorted(found)

    def absent_from(self, shown: pa.Array) -> dict[int, str | None]:
        """id -> group of the landed records that are not shown. `shown` ascends."""
        absent = pc.invert(among(self.ids, shown))
        ids, groups = (part.filter(absent).to_pylist() for part in (self.ids, self.groups))
        return dict(zip(ids, groups, strict=True))

    def by_group(self) -> Mapping[str | None, int]:
        counted = pc.value_counts(self.groups).to_pylist()
        return Counter({entry["values"]: entry["counts"] for entry in counted})

    def _groups_and_names(self) -> list[tuple[str | None, str | None]]:
        """Each pair that there is."""
        pairs = pa.table({"group": self.groups.indices, "name": self.names.indices})
        unlike = pairs.group_by(["group", "name"]).aggregate([]).to_pylist()
        groups, names = self.groups.dictionary.to_pylist(), self.names.dictionary.to_pylist()
        return [
            (
                None if pair["group"] is None else groups[pair["group"]],
                None if pair["name"] is None else names[pair["name"]],
            )
            for pair in unlike
        ]


@dataclass(frozen=True)
class LandedChildren:
    """`table`: id and parent (int64), and the columns asked for, of live rows: text, or epoch ms
    (int64) of a timestamp.
    """

    table: pa.Table

    @classmethod
    def read(
        cls,
        landed: LandedRows,
        key: str,
        parent: str,
        *columns: str,
        parents: Sequence[int] | None = None,
    ) -> LandedChildren:
        """All of them, or those of some parents. `key` and `parent` are columns."""
        wanted = None if parents is None else pa.array(parents, pa.int64())
        parts: list[pa.Table] = []

        for batch in landed.batches(key, parent, *columns):
            ids, owners = (batch.column(name).cast(pa.int64()) for name in (key, parent))
            others = {name: _plain(batch.column(name)) for name in columns}
            part = pa.table({"id": ids, "parent": owners, **others})
            if wanted is not None:
                part = part.filter(pc.is_in(part.column("parent"), wanted))
            parts.append(part)
        return cls(pa.concat_tables(parts) if parts else _empty(columns))

    @property
    def count(self) -> int:
        return int(self.table.num_rows)

    def of_parents(self, parents: pa.Array) -> LandedChildren:
        return LandedChildren(self.table.filter(pc.is_in(self.table.column("parent"), parents)))

    def of_ids(self, ids: pa.Array) -> LandedChildren:
        return LandedChildren(self.table.filter(pc.is_in(self.table.column("id"), ids)))

    def without_ids(self, ids: pa.Array) -> LandedChildren:
        is_one = pc.is_in(self.table.column("id"), ids)
        return LandedChildren(self.table.filter(pc.invert(is_one)))

    def of_absent_parents(self, shown: pa.Array) -> LandedChildren:
        """Those whose parent is not shown."""
        absent = pc.invert(pc.is_in(self.table.column("parent"), shown))
        return LandedChildren(self.table.filter(absent))

    def ids(self) -> list[int]:
        return list(self.table.column("id").to_pylist())

    def parents(self) -> list[int]:
        return sorted(set(self.table.column("parent").to_pylist()))

    def with_column(self, name: str, values: pa.Array) -> LandedChildren:
        return LandedChildren(self.table.append_column(name, values))

    def times_by_parent(self, column: str) -> dict[int, dict[int, int | None]]:
        """parent -> id -> time (epoch ms) in a column."""
        found: dict[int, dict[int, int | None]] = {}
        names = ("parent", "id", column)
        for parent, record, at in zip(
            *(self.table.column(name).to_pylist() for name in names), strict=True
        ):
            found.setdefault(parent, {})[record] = at
        return found

    def values_by_parent(self, column: str) -> dict[int, set[str]]:
        """parent -> all that its children say in a column."""
        found: dict[int, set[str]] = {}
        columns = (self.table.column(name).to_pylist() for name in ("parent", column))
        for parent, value in zip(*columns, strict=True):
            if value is not None:
                found.setdefault(parent, set()).add(value)
        return found

    def by_parent(self, column: str) -> dict[int, str | None]:
        """parent -> what its children say in a column."""
        columns = (self.table.column(name).to_pylist() for name in ("parent", column))
        return dict(zip(*columns, strict=True))


def _newest(records: pa.Table) -> pa.Table:
    """By id, and of a sink that appends versions the newest of each."""
    order = [("ids", "ascending", "at_start"), ("changed", "ascending", "at_start")]
    records = records.take(pc.sort_indices(records, sort_keys=order))
    ids = records.column("ids").combine_chunks()
    last = pc.not_equal(ids.slice(0, len(ids) - 1), ids.slice(1))
    return records.filter(pa.concat_arrays([last, pa.array([True])])).combine_chunks()


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _equal(column: pa.DictionaryArray, value: str | None) -> pa.Array:
    """Where a column has a value."""
    at = column.dictionary.index(pa.scalar(value, pa.string())).as_py()
    return pc.fill_null(pc.equal(column.indices, at), fill_value=False)


def times_of(column: pa.Array) -> pa.Array:
    """Epoch milliseconds (int64) of a column of timestamps; null where the table has none."""
    if not pa.types.is_timestamp(column.type):
        return pa.nulls(len(column), pa.int64())
    return pc.cast(column, pa.timestamp("ms"), safe=False).cast(pa.int64())


def _plain(column: pa.Array) -> pa.Array:
    return times_of(column) if pa.types.is_timestamp(column.type) else column.cast(pa.string())


def _empty(columns: Sequence[str]) -> pa.Table:
    numbers, text = pa.array([], pa.int64()), pa.array([], pa.string())
    return pa.table({"id": numbers, "parent": numbers, **dict.fromkeys(columns, text)})
