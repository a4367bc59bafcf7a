"""What has landed beneath issues (comments, worklogs), by the issue it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.census import LandedRows


@dataclass(frozen=True)
class LandedChildren:
    """`table`: id and issue (int64), and the columns asked for, of live rows."""

    table: pa.Table

    @classmethod
    def read(
        cls, landed: LandedRows, *columns: str, issues: Sequence[int] | None = None
    ) -> LandedChildren:
        """All of them, or those of some issues."""
        wanted = None if issues is None else pa.array(issues, pa.int64())
        parts = [_empty(columns)]
        for batch in landed.batches("id", "issueId", *columns):
            ids, parents = (batch.column(name).cast(pa.int64()) for name in ("id", "issueId"))
            others = {name: batch.column(name).cast(pa.string()) for name in columns}
            part = pa.table({"id": ids, "issue": parents, **others})
            parts.append(
                part if wanted is None else part.filter(pc.is_in(part.column("issue"), wanted))
            )
        return cls(pa.concat_tables(parts))

    @property
    def count(self) -> int:
        return int(self.table.num_rows)

    def of_projects(self, key: str, wanted: Sequence[str] | None) -> LandedChildren:
        """Those whose issue key, in the column `key`, is of a wanted project; all for None."""
        if wanted is None:
            return self
        projects = pc.utf8_upper(pc.replace_substring_regex(self.table.column(key), "-[0-9]+$", ""))
        return LandedChildren(
            self.table.filter(
                pc.is_in(projects, pa.array([k.upper() for k in wanted], pa.string()))
            )
        )

    def of_issues(self, issues: pa.Array) -> LandedChildren:
        return LandedChildren(self.table.filter(pc.is_in(self.table.column("issue"), issues)))

    def of_absent_issues(self, shown: pa.Array) -> LandedChildren:
        """Those whose issue is not shown."""
        return LandedChildren(
            self.table.filter(pc.invert(pc.is_in(self.table.column("issue"), shown)))
        )

    def ids(self) -> list[int]:
        return list(self.table.column("id").to_pylist())

    def issues(self) -> list[int]:
        return sorted(set(self.table.column("issue").to_pylist()))


def _empty(columns: Sequence[str]) -> pa.Table:
    numbers, text = pa.array([], pa.int64()), pa.array([], pa.string())
    return pa.table({"id": numbers, "issue": numbers, **dict.fromkeys(columns, text)})
