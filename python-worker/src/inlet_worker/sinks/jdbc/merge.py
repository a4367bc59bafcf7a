"""What a slice changes, decided and done by the database. One mark for each staged row:

i  lands, its key is new       u  lands in the place of what has its key
s  is there in this version    -  gives way to what is there
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_worker.sinks.jdbc.columns import (
    DELETED_AT,
    KEY,
    LANDED_AT,
    ORDER,
    ROW,
    ROW_ID,
    RUN_ID,
    VERSION,
    key_columns,
)
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.home import Home
from inlet_worker.sinks.jdbc.staging_table import StagingTable
from inlet_worker.staging.content_hash import HASH_CHARACTERS


@dataclass(frozen=True)
class Merged:
    """Rows that a commit changed."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    deduplicated: int = 0
    unchanged: int = 0
    bytes: int = 0


def merge(
    database: Database, home: Home, staging: StagingTable, commit: SliceCommit, at: datetime
) -> Merged:
    """Land what is staged, within a transaction that has locked the target's row. FULL lands what
    is staged in whatever version; the others let the newest version win, and a tombstone give way
    to any. What is not staged stays. Rows without a primary key are appended, but for FULL, which
    lands them by `_row_id` and, where the commit is whole, removes the others.
    """
    return _Merge(database, home, staging, commit, at).run()


class _Merge:
    def __init__(
        self,
        database: Database,
        home: Home,
        staging: StagingTable,
        commit: SliceCommit,
        at: datetime,
    ) -> None:
        self._database, self._home, self._staging = database, home, staging
        self._commit, self._at = commit, at
        self._table = database.table(home.table)
        self._rows, self._marks = database.table(staging.name), database.table(staging.marks)
        self._row, self._key = database.quote(ROW), database.quote(KEY)
        self._dead = f"t.{database.quote(DELETED_AT)} IS NOT NULL"

    def run(self) -> Merged:
        if self._commit.operation == "delete":
            return Merged(deleted=self._bury())
        if self._commit.replaces:
            return self._replace()

        keyless = key_columns(self._commit) == (ROW_ID,)
        full = self._commit.mode == "FULL"
        if keyless and not full:
            self._mark_all()
        else:
            self._mark()

        gone = self._remove_others() if full and self._commit.whole and keyless else 0
        self._run(self._database.delete_marked(self._table, self._key, self._marks, "p.act = 'u'"))
        return self._landed(deleted=gone)

    def _mark(self) -> None:
        """Compare the staged versions with the landed ones."""
        full = self._commit.mode == "FULL"
        # Rows that landed twice (appended by runs without a key) become one again.
        twice = " OR landed > 1" if full else ""
        self._run(
            f"INSERT INTO {self._marks} (n, k, act) SELECT n, k, CASE WHEN landed = 0 THEN 'i' "
            f"WHEN changed = 1{twice} THEN 'u' WHEN same = 1 THEN 's' ELSE '-' END "
            f"FROM (SELECT s.n, s.k, count(t.{self._row}) AS landed, "
            f"max(CASE WHEN {self._changed()} THEN 1 ELSE 0 END) AS changed, "
            f"max(CASE WHEN {self._same()} THEN 1 ELSE 0 END) AS same "
            f"FROM {self._rows} s LEFT JOIN {self._table} t ON t.{self._key} = s.k "
            "GROUP BY s.n, s.k) x"
        )

    def _changed(self) -> str:
        order, hashes = self._orders(), self._hashes()
        newer, other = f"s.o > {order}", "{} <> {}".format(*hashes)
        full = self._commit.mode == "FULL"
        if self._commit.late and not full:
            return newer
        if full or self._commit.anew:
            return f"s.o <> {order} OR {other} OR {self._dead}"
        return f"{newer} OR (s.o = {order} AND {other}) OR {self._dead}"

    def _same(self) -> str:
        return f"s.o = {self._orders()} AND " + "{} = {}".format(*self._hashes())

    def _orders(self) -> str:
        return f"t.{self._database.quote(ORDER)}"

    def _hashes(self) -> tuple[str, str]:
        """Mapping and content of a staged row, and of a landed one."""
        at = [column.name for column in self._staging.columns].index(VERSION)
        last = self._database.last
        landed = f"t.{self._database.quote(VERSION)}"
        return last(f"s.c{at}", HASH_CHARACTERS), last(landed, HASH_CHARACTERS)

    def _mark_all(self) -> None:
        # Every staged row is its own: equal rows of a slice have different ids.
        self._run(f"INSERT INTO {self._marks} (n, k, act) SELECT s.n, s.k, 'i' FROM {self._rows} s")

    def _replace(self) -> Merged:
        """Everything that has landed leaves, tombstones too, and every staged row lands."""
        self._run(
            f"INSERT INTO {self._marks} (n, k, act) SELECT s.n, s.k, CASE WHEN EXISTS (SELECT 1 "
            f"FROM {self._table} t WHERE t.{self._key} = s.k AND NOT {self._dead}) "
            f"THEN 'u' ELSE 'i' END FROM {self._rows} s"
        )
        gone = self._count(
            f"SELECT count(*) FROM {self._table} t WHERE NOT {self._dead} AND NOT EXISTS "
            f"(SELECT 1 FROM {self._rows} s WHERE s.k = t.{self._key})"
        )
        self._run(f"DELETE FROM {self._table}")
        return self._landed(deleted=gone)

    def _remove_others(self) -> int:
        others = (
            f"SELECT t.{self._row} FROM {self._table} t WHERE NOT EXISTS "
            f"(SELECT 1 FROM {self._marks} p WHERE p.k = t.{self._key})"
        )
        # Named again: MySQL reads no table that it deletes from, unless it was read before.
        return self._run(
            f"DELETE FROM {self._table} WHERE {self._row} IN (SELECT x.{self._row} FROM "
            f"({others}) x)"
        )

    def _bury(self) -> int:
        self._mark_all()
        if self._commit.policy.deletes == "hard":
            statement = self._database.delete_marked(self._table, self._key, self._marks, "1 = 1")
            return self._run(statement)
        change = f"{self._database.quote(DELETED_AT)} = {self._database.mark}"
        statement = self._database.update_marked(self._table, self._key, self._marks, change)
        return self._run(statement, self._at)

    def _landed(self, *, deleted: int) -> Merged:
        """Write the rows that land, and count."""
        counted = self._database.rows(f"SELECT act, count(*) FROM {self._marks} GROUP BY act")
        marked = {str(act): int(count) for act, count in counted}
        inserted, updated = marked.get("i", 0), marked.get("u", 0)
        landing = f"FROM {self._rows} s JOIN {self._marks} p ON p.n = s.n WHERE p.act IN ('i', 'u')"
        self._insert(landing)
        return Merged(
            inserted=inserted,
            updated=updated,
            deleted=deleted,
            deduplicated=self._staging.rows - inserted - updated,
            unchanged=marked.get("s", 0),
            bytes=self._count(f"SELECT coalesce(sum(s.b), 0) {landing}"),
        )

    def _insert(self, landing: str) -> None:
        quote, physical = (
            self._database.quote,
            {column.name: column.physical for column in self._home.landed.columns},
        )
        staged = [quote(column.physical) for column in self._staging.columns]
        given = [quote(physical[name]) for name in (RUN_ID, LANDED_AT)]
        into = [self._key, quote(ORDER), *given, *staged]
        mark = self._database.mark
        columns = [f"s.c{at}" for at in range(len(staged))]
        selected = [
            "s.k",
            "s.o",
            self._database.typed(mark, "text"),
            self._database.typed(mark, "timestamp"),
            *columns,
        ]
        self._run(
            f"INSERT INTO {self._table} ({', '.join(into)}) "
            f"SELECT {', '.join(selected)} {landing} ORDER BY s.n",
            self._commit.run_id,
            self._at,
        )

    def _count(self, sql: str) -> int:
        return int(self._database.rows(sql)[0][0])

    def _run(self, sql: str, *parameters: object) -> int:
        return self._database.run(sql, [self._database.parameter(p) for p in parameters])
