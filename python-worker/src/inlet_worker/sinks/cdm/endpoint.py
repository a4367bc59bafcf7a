"""Sink `cdm`: what is mapped before staging (`pipeline/common_data_source.py`) lands as the sink
does that it is written through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pyarrow as pa

from inlet_sdk.ports.landed_files import KeepsFiles, LandedFile
from inlet_sdk.ports.sink_endpoint import (
    CommitReceipt,
    LandedTarget,
    SinkEndpoint,
    SinkTarget,
    SliceCommit,
    WantedVersions,
)
from inlet_sdk.ports.sink_maintenance import MaintenanceReport, Upkeep, maintain
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.cdm.descriptor import DESCRIPTOR


class CdmSink:
    """A SinkEndpoint around the one that it is written through, which says what it can do and
    keeps the promises of a commit.
    """

    def __init__(self, through: SinkEndpoint) -> None:
        able = through.descriptor
        self._through = through
        self.descriptor = replace(
            DESCRIPTOR,
            modes=able.modes,
            compares_versions=able.compares_versions,
            deletes=able.deletes,
            sweeps_after_days=able.sweeps_after_days,
        )

    @property
    def place(self) -> str:
        return self._through.place

    def test(self) -> dict[str, Any]:
        return {"through": self._through.descriptor.name, **self._through.test()}

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        return self._through.find_commit(target, commit_id)

    def fence(self, target: SinkTarget, epoch: int) -> None:
        self._through.fence(target, epoch)

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        return self._through.commit(target, reader, commit)

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield from self._through.live_keys(target, columns)

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        yield from self._through.landed_rows(target, wanted)

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        return self._through.landed_target(target)

    def maintain(self, target: SinkTarget, upkeep: Upkeep) -> MaintenanceReport:
        return maintain(self._through, target, upkeep)

    def sweep(self, target: SinkTarget) -> int:
        return self._through.sweep(target)


class CdmFiles(CdmSink):
    """The same through a sink that keeps files."""

    def commit_files(self, target: SinkTarget, receipt: CommitReceipt) -> Iterator[LandedFile]:
        if not isinstance(self._through, KeepsFiles):
            raise TypeError("a sink that keeps files")
        yield from self._through.commit_files(target, receipt)


def through_sink(through: SinkEndpoint) -> SinkEndpoint:
    """The sink of the model that is written through this one."""
    sink = CdmFiles(through) if isinstance(through, KeepsFiles) else CdmSink(through)
    # Its descriptor is of the instance, which no class can say.
    return cast(SinkEndpoint, sink)
