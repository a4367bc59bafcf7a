"""Sink `jdbc`: the slice into a staging table, then one transaction that checks, merges and
records; on a lost race, or an answer that was lost, look again and start over.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pyarrow as pa

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.described_endpoint import SinkDescriptor
from inlet_sdk.ports.sink_endpoint import (
    CommitReceipt,
    LandedTarget,
    SinkTarget,
    SliceCommit,
    WantedVersions,
)
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.jdbc.bookkeeping import (
    STAGING,
    TARGETS,
    find_receipt,
    find_target,
    old_staging,
    put_receipt,
    put_target,
    refuse_if_fenced,
)
from inlet_worker.sinks.jdbc.columns import key_columns, shown_columns
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.databases import open_database
from inlet_worker.sinks.jdbc.descriptor import DESCRIPTOR
from inlet_worker.sinks.jdbc.failures import DatabaseConflict, DatabaseLost
from inlet_worker.sinks.jdbc.home import Home, evolved, find_home, open_home
from inlet_worker.sinks.jdbc.landed_rows import live_keys, live_rows
from inlet_worker.sinks.jdbc.login import DatabaseLogin, require_login
from inlet_worker.sinks.jdbc.merge import Merged, merge
from inlet_worker.sinks.jdbc.names import table_name
from inlet_worker.sinks.jdbc.place import JdbcPlace, check_place
from inlet_worker.sinks.jdbc.rekeying import rekey
from inlet_worker.sinks.jdbc.staging_table import StagingTable, drop_staging
from inlet_worker.sinks.sink_config import typed_place

ATTEMPTS = 20
"""Lost races before the activity gives up and is retried from outside."""
LOST_ATTEMPTS = 3
"""Lost connections before that."""


class JdbcSink:
    """`config` is a `JdbcPlace`; every connection passes `guard`. `on_step` is called with each
    step of a commit; raising from it leaves what a killed process would leave.
    """

    descriptor: ClassVar[SinkDescriptor] = DESCRIPTOR

    def __init__(
        self,
        config: dict[str, Any],
        guard: EgressGuard,
        login: DatabaseLogin | None = None,
        *,
        on_step: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._place = typed_place(JdbcPlace, DESCRIPTOR.name, config)
        local = guard.allow_private_networks
        check_place(self._place, DESCRIPTOR.name, local=local)
        require_login(login, local=local)
        self._guard, self._login = guard.of_hosts(), login
        self._on_step = on_step
        self._now = now

    @property
    def place(self) -> str:
        return self._place.as_text

    def test(self) -> dict[str, Any]:
        with self._open() as database:
            trial = f"_inlet_t_{uuid.uuid4().hex[:24]}"
            with database.making():
                database.create(trial, [("n", database.types["count"])])
                database.run(f"INSERT INTO {database.table(trial)} (n) VALUES (1)")
                database.run(f"DELETE FROM {database.table(trial)}")
                database.drop(trial)
            return {"server": database.server()}

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        with self._reading(target) as (database, home):
            return find_receipt(database, home.table, commit_id) if home else None

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        if commit.mode not in DESCRIPTOR.modes:
            raise FatalError(
                "CONFIG_INVALID", f"jdbc does not land mode {commit.mode}: use FULL or SCD1."
            )
        if commit.mode == "SCD1" and not commit.policy.primary_keys:
            raise FatalError("CONFIG_INVALID", "Mode SCD1 merges by key: set policy.primaryKeys.")

        lost = 0
        for attempt in range(ATTEMPTS):
            try:
                with self._open() as database:
                    return self._attempt(database, target, reader, commit)
            except DatabaseConflict:
                pass
            except DatabaseLost:
                # The ledger says whether it had committed.
                lost += 1
                if lost == LOST_ATTEMPTS:
                    raise
            _back_off(attempt)

        raise _busy(target)

    def fence(self, target: SinkTarget, epoch: int) -> None:
        for attempt in range(ATTEMPTS):
            try:
                with self._open() as database:
                    self._fence(database, target, epoch)
                    return
            except DatabaseConflict:
                _back_off(attempt)
        raise _busy(target)

    def sweep(self, target: SinkTarget) -> int:
        try:
            with self._open() as database:
                return self._sweep(database, table_name(target.namespace, target.table))
        except DatabaseConflict:
            raise _busy(target) from None

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with self._reading(target) as (database, home):
            if home is not None:
                yield from live_keys(database, home, columns)

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        with self._reading(target) as (database, home):
            if home is not None:
                yield from live_rows(database, home, wanted)

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        with self._reading(target) as (_, home):
            if home is None:
                return None
            landed = home.landed
            return LandedTarget(landed.made, landed.facts, shown_columns(landed.columns))

    @contextmanager
    def _reading(self, target: SinkTarget) -> Iterator[tuple[Database, Home | None]]:
        """The target as it is at one instant."""
        try:
            with self._open() as database, database.snapshot():
                yield database, find_home(database, target)
        except DatabaseConflict:
            raise _busy(target) from None

    def _open(self) -> Database:
        return open_database(self._place, self._guard, self._login)

    def _attempt(
        self, database: Database, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        home = open_home(database, target, commit)
        if found := find_receipt(database, home.table, commit.commit_id):
            return found
        refuse_if_fenced(home.landed, commit.epoch)
        self._sweep(database, home.table)
        self._on_step("checked")

        _refuse_empty(database, home, reader, commit)
        home = evolved(database, target, commit, home)
        unit = f"{target.namespace}.{target.table}"
        staging = StagingTable(database, home.table, unit, commit, self._now())
        try:
            names = [field.name for field in target.fields]
            staging.fill(reader, home.landed.columns, names)
            self._on_step("written")
            receipt = self._commit(database, home, staging, commit)
        except (IngestError, DatabaseConflict) as error:
            if not isinstance(error, DatabaseLost):
                staging.drop()
            raise

        self._on_step("committed")
        staging.drop()
        return receipt

    def _commit(
        self, database: Database, home: Home, staging: StagingTable, commit: SliceCommit
    ) -> CommitReceipt:
        with database.transaction():
            landed = find_target(database, home.table, locked=True)
            if found := find_receipt(database, home.table, commit.commit_id):
                return found
            if landed is None or landed.made != home.landed.made:
                raise DatabaseConflict  # made anew meanwhile
            refuse_if_fenced(landed, commit.epoch)

            keys = key_columns(commit)
            if landed.keys != keys:
                rekey(database, home, keys)
            merged = merge(database, home, staging, commit, self._now())

            ordinal = landed.commits + 1
            receipt = _receipt(self._place, home, commit, merged, ordinal)
            facts = {**landed.facts, **commit.facts}
            after = replace(landed, epoch=commit.epoch, commits=ordinal, keys=keys, facts=facts)
            put_target(database, home.table, after, there=True)
            put_receipt(database, home.table, receipt, ordinal)
            self._on_step("merged")
            return receipt

    def _fence(self, database: Database, target: SinkTarget, epoch: int) -> None:
        home = find_home(database, target)
        if home is None:
            return
        with database.transaction():
            landed = find_target(database, home.table, locked=True)
            if landed is None:
                return
            refuse_if_fenced(landed, epoch)
            if landed.epoch < epoch:
                put_target(database, home.table, replace(landed, epoch=epoch), there=True)

    def _sweep(self, database: Database, table: str) -> int:
        if database.columns_of(STAGING) is None or database.columns_of(TARGETS) is None:
            return 0
        before = self._now() - timedelta(days=DESCRIPTOR.sweeps_after_days)
        left = old_staging(database, table, before)
        for staging in left:
            drop_staging(database, staging)
        return len(left)


def _receipt(
    place: JdbcPlace, home: Home, commit: SliceCommit, merged: Merged, ordinal: int
) -> CommitReceipt:
    return CommitReceipt(
        commit_id=commit.commit_id,
        epoch=commit.epoch,
        landed=merged.inserted + merged.updated,
        deduplicated=merged.deduplicated,
        unchanged=merged.unchanged,
        inserted=merged.inserted,
        updated=merged.updated,
        deleted=merged.deleted,
        bytes=merged.bytes,
        location=place.location_of(home.table),
        snapshot_id=f"{home.landed.made[:8]}-{ordinal}",
        schema_hash=f"{home.landed.made[:8]}-{len(home.landed.columns)}",
    )


def _back_off(attempt: int) -> None:
    time.sleep(random.uniform(0, min(2.0, 0.02 * 2**attempt)))


def _busy(target: SinkTarget) -> RetryableError:
    return RetryableError(
        "SINK_UNAVAILABLE",
        f"{target.table} has too many writers at once; the slice is tried again.",
    )


def _refuse_empty(
    database: Database, home: Home, reader: RecordReader, commit: SliceCommit
) -> None:
    if (
        commit.mode != "FULL"
        or commit.policy.allow_empty
        or commit.replaces
        or any(m.rows for m in reader.manifests())
    ):
        return

    held = database.rows(f"SELECT count(*) FROM {database.table(home.table)}")[0][0]
    if held:
        raise FatalError(
            "SUSPICIOUS_EMPTY",
            f"The source shows no rows where {held} have landed; nothing was replaced. Check the "
            "account's permissions, or set policy.allowEmpty if the source is really empty.",
            details={"landed": int(held)},
        )
