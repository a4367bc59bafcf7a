"""What has landed of a unit: records by their group, or children by the record they hang on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.census import LandedRows

GroupsOf = Callable[[pa.Array], pa.Array]
"""The groups (string) of a column's values, one for one."""


@dataclass(frozen=True)
class LandedRecords:
    """Ids (int64) and groups (string) of the live rows."""

    ids: pa.Array
    groups: pa.Array

    @classmethod
    def read(
        cls, landed: LandedRows, key: str, group: str, wanted: Sequence[str] | None
    ) -> LandedRecords:
        """Those of the wanted groups; all for None. `key` and `group` are columns."""
        names = None if wanted is None else _in_capitals(wanted)
        ids, groups = [pa.array([], pa.int64())], [pa.array([], pa.string())]
        for batch in landed.batches(key, group):
            if names is not None:
                of_rows = pc.utf8_upper(batch.column(group).cast(pa.string()))
                batch = batch.filter(pc.is_in(of_rows, names))
            ids.append(batch.column(key).cast(pa.int64()))
            groups.append(batch.column(group).cast(pa.string()))
        return cls(pa.concat_arrays(ids), pa.concat_arrays(groups))

    def absent_from(self, shown: pa.Array) -> dict[int, str | None]:
        """id -> group of the landed records that are not shown."""
        absent = pc.invert(pc.is_in(self.ids, shown))
        ids, groups = (part.filter(absent).to_pylist() for part in (self.ids, self.groups))
        return dict(zip(ids, groups, strict=True))

    def by_group(self) -> Mapping[str | None, int]:
        counted = pc.value_counts(self.groups).to_pylist()
        return Counter({entry["values"]: entry["counts"] for entry in counted})


@dataclass(frozen=True)
class LandedChildren:
    """`table`: id and parent (int64), and the columns asked for (string), of live rows."""

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
        parts = [_empty(columns)]

        for batch in landed.batches(key, parent, *columns):
            ids, owners = (batch.column(name).cast(pa.int64()) for name in (key, parent))
            others = {name: batch.column(name).cast(pa.string()) for name in columns}
            part = pa.table({"id": ids, "parent": owners, **others})
            if wanted is not None:
                part = part.filter(pc.is_in(part.column("parent"), wanted))
            parts.append(part)
        return cls(pa.concat_tables(parts))

    @property
    def count(self) -> int:
        return int(self.table.num_rows)

    def of_groups(
        self, column: str, groups_of: GroupsOf, wanted: Sequence[str] | None
    ) -> LandedChildren:
        """Those whose column tells a wanted group; all for None."""
        if wanted is None:
            return self
        groups = pc.utf8_upper(groups_of(self.table.column(column)))
        return LandedChildren(self.table.filter(pc.is_in(groups, _in_capitals(wanted))))

    def of_parents(self, parents: pa.Array) -> LandedChildren:
        return LandedChildren(self.table.filter(pc.is_in(self.table.column("parent"), parents)))

    def of_absent_parents(self, shown: pa.Array) -> LandedChildren:
        """Those whose parent is not shown."""
        absent = pc.invert(pc.is_in(self.table.column("parent"), shown))
        return LandedChildren(self.table.filter(absent))

    def ids(self) -> list[int]:
        return list(self.table.column("id").to_pylist())

    def parents(self) -> list[int]:
        return sorted(set(self.table.column("parent").to_pylist()))

    def by_parent(self, column: str) -> dict[int, str | None]:
        """parent -> what its children say in a column."""
        columns = (self.table.column(name).to_pylist() for name in ("parent", column))
        return dict(zip(*columns, strict=True))


def _in_capitals(groups: Sequence[str]) -> pa.Array:
    return pa.array([group.upper() for group in groups], pa.string())


def _empty(columns: Sequence[str]) -> pa.Table:
    numbers, text = pa.array([], pa.int64()), pa.array([], pa.string())
    return pa.table({"id": numbers, "parent": numbers, **dict.fromkeys(columns, text)})
