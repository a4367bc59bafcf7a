"""Sink `warehouse.iceberg`: check, plan, write, commit; on a lost race look again and start
over.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pyarrow as pa
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    NoSuchTableError,
    ValidationException,
)
from pyiceberg.table import Table

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.ports.described_endpoint import SinkDescriptor
from inlet_sdk.ports.landed_files import LandedFile
from inlet_sdk.ports.sink_endpoint import (
    CommitReceipt,
    LandedTarget,
    SinkTarget,
    SliceCommit,
    WantedVersions,
)
from inlet_sdk.ports.sink_maintenance import MaintenanceReport, Upkeep
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.aws_keys import AwsKeys, require_keys
from inlet_worker.sinks.iceberg.bookkeeping import (
    facts_of,
    find_receipt,
    highest_epoch,
    refuse_if_fenced,
)
from inlet_worker.sinks.iceberg.catalog import open_catalog
from inlet_worker.sinks.iceberg.commit_files import files_added
from inlet_worker.sinks.iceberg.deleted_rows import live_count
from inlet_worker.sinks.iceberg.descriptor import DESCRIPTOR
from inlet_worker.sinks.iceberg.live_keys import live_keys, live_rows
from inlet_worker.sinks.iceberg.maintenance import TableUpkeep
from inlet_worker.sinks.iceberg.merge_plan import (
    MergePlan,
    landed_files,
    plan_append,
    plan_merge,
    plan_tombstones,
)
from inlet_worker.sinks.iceberg.orphans import sweep_orphans
from inlet_worker.sinks.iceberg.place import IcebergPlace
from inlet_worker.sinks.iceberg.position_deletes import write_position_deletes
from inlet_worker.sinks.iceberg.replacement import plan_replacement
from inlet_worker.sinks.iceberg.staged_keys import staged_keys
from inlet_worker.sinks.iceberg.table_schema import (
    ROW_ID,
    add_columns,
    columns_of,
    key_columns,
    missing_columns,
    open_table,
)
from inlet_worker.sinks.iceberg.transactions import WrittenFiles, commit_slice, raise_epoch
from inlet_worker.sinks.iceberg.written_rows import write_rows
from inlet_worker.sinks.sink_config import typed_place

ATTEMPTS = 20
"""Lost races before the activity gives up and is retried from outside."""


class IcebergSink:
    """`config` is an `IcebergPlace`. `on_step` is called with each step of a commit; raising from
    it leaves what a killed process would leave.
    """

    descriptor: ClassVar[SinkDescriptor] = DESCRIPTOR

    def __init__(
        self,
        config: dict[str, Any],
        *,
        keys: AwsKeys | None = None,
        on_step: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._place = typed_place(IcebergPlace, DESCRIPTOR.name, config)
        require_keys(DESCRIPTOR.name, self._place.needs_keys, keys)
        self._keys = keys
        self._on_step = on_step
        self._now = now
        self._catalog_: Any = None

    @property
    def _catalog(self) -> Any:
        if self._catalog_ is None:
            self._catalog_ = open_catalog(self._place, self._keys)
        return self._catalog_

    @property
    def place(self) -> str:
        return self._place.as_text

    def test(self) -> dict[str, Any]:
        location = f"{self._place.warehouse.rstrip('/')}/inlet-test-{uuid.uuid4().hex}"
        try:
            namespaces = len(self._catalog.list_namespaces())
            io = self._catalog._load_file_io(location=location)
            with io.new_output(location).create() as out:
                out.write(b"inlet")
            io.delete(location)
        except Exception as error:
            raise FatalError(
                "CONFIG_INVALID",
                f"The lake cannot be written ({type(error).__name__}): check warehouse, region "
                "and rights.",
                details={"field": "config.warehouse"},
            ) from error

        return {"warehouse": self._place.warehouse, "namespaces": namespaces}

    def commit_files(self, target: SinkTarget, receipt: CommitReceipt) -> Iterator[LandedFile]:
        table = self._load(target)
        if table is not None and receipt.snapshot_id is not None:
            yield from files_added(table, int(receipt.snapshot_id))

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        table = self._load(target)
        return find_receipt(table, commit_id) if table else None

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        if commit.mode not in DESCRIPTOR.modes:
            raise FatalError(
                "CONFIG_INVALID",
                f"warehouse.iceberg does not land mode {commit.mode}: use FULL or SCD1.",
            )
        if commit.mode == "SCD1" and not commit.policy.primary_keys:
            raise FatalError("CONFIG_INVALID", "Mode SCD1 merges by key: set policy.primaryKeys.")

        for attempt in range(ATTEMPTS):
            try:
                receipt = self._attempt(target, reader, commit)
                if receipt is not None:
                    return receipt
            except (CommitFailedException, ValidationException):
                _back_off(attempt)
            except OSError as error:
                raise RetryableError(
                    "SINK_UNAVAILABLE",
                    f"{target.table} cannot be read or written now; the slice is tried again.",
                ) from error

        raise _busy(target)

    def fence(self, target: SinkTarget, epoch: int) -> None:
        for attempt in range(ATTEMPTS):
            table = self._load(target)
            if table is None or highest_epoch(table) == epoch:
                return
            refuse_if_fenced(table, epoch)
            try:
                raise_epoch(table, epoch)
                return
            except (CommitFailedException, CommitStateUnknownException):
                _back_off(attempt)
        raise _busy(target)

    def sweep(self, target: SinkTarget) -> int:
        table = self._load(target)
        age = timedelta(days=DESCRIPTOR.sweeps_after_days)
        return sweep_orphans(table, self._now() - age) if table else 0

    def maintain(self, target: SinkTarget, upkeep: Upkeep) -> MaintenanceReport:
        age = timedelta(days=DESCRIPTOR.sweeps_after_days)
        return TableUpkeep(lambda: self._load(target), self._now, age, self._on_step).run(upkeep)

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        table = self._load(target)
        if table is not None:
            yield from live_keys(table, columns)

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        table = self._load(target)
        if table is not None:
            yield from live_rows(table, wanted)

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        table = self._load(target)
        if table is None:
            return None
        return LandedTarget(table.metadata.table_uuid.hex, facts_of(table), columns_of(table))

    def _load(self, target: SinkTarget) -> Table | None:
        try:
            table: Table = self._catalog.load_table((target.namespace, target.table))
            return table
        except NoSuchTableError:
            return None

    def _attempt(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt | None:
        """One try; None when the catalogue did not say whether it took the commit: the next try
        looks.
        """
        table = open_table(self._catalog, target, commit)
        if found := find_receipt(table, commit.commit_id):
            return found
        refuse_if_fenced(table, commit.epoch)
        self._on_step("checked")

        keys, unit = key_columns(commit), f"{target.namespace}.{target.table}"
        _refuse_empty(table, reader, commit)
        if missing := missing_columns(table, target, commit):
            table = add_columns(table, missing, target)

        names = [field.name for field in target.fields]
        plan = _plan(table, reader, commit, unit, keys, names)
        self._on_step("planned")

        written = WrittenFiles(
            write_rows(table, reader, commit, unit, keys, plan, self._now()),
            write_position_deletes(table, commit, plan.changes),
        )
        self._on_step("written")

        receipt = commit_slice(table, commit, plan, written)
        if receipt is not None:
            self._on_step("committed")
        return receipt


def _back_off(attempt: int) -> None:
    time.sleep(random.uniform(0, min(2.0, 0.02 * 2**attempt)))


def _busy(target: SinkTarget) -> RetryableError:
    return RetryableError(
        "SINK_UNAVAILABLE",
        f"{target.table} has too many writers at once; the slice is tried again.",
    )


def _refuse_empty(table: Table, reader: RecordReader, commit: SliceCommit) -> None:
    if (
        commit.mode != "FULL"
        or commit.policy.allow_empty
        or commit.replaces
        or any(m.rows for m in reader.manifests())
    ):
        return

    held = sum(live_count(table, task) for task in landed_files(table))
    if held:
        raise FatalError(
            "SUSPICIOUS_EMPTY",
            f"The source shows no rows where {held} have landed; nothing was replaced. Check the "
            "account's permissions, or set policy.allowEmpty if the source is really empty.",
            details={"landed": held},
        )


def _plan(
    table: Table,
    reader: RecordReader,
    commit: SliceCommit,
    unit: str,
    keys: Sequence[str],
    names: Sequence[str],
) -> MergePlan:
    upserts = commit.operation == "upsert"
    if upserts and list(keys) == [ROW_ID] and commit.mode != "FULL" and not commit.replaces:
        return plan_append(sum(manifest.rows for manifest in reader.manifests()))

    with staged_keys(reader, commit, unit, keys, names) as staged:
        if commit.replaces:
            return plan_replacement(table, keys, staged)
        if upserts:
            return plan_merge(table, commit, keys, staged)
        return plan_tombstones(table, commit, keys, staged)
