"""A sink in a place of the tenant's own. What that place answers is reported as its word: a place
that refuses us is not our fault, and asking it again for an hour changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from inlet_sdk.errors import FatalError, RetryableError
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

REFUSED = frozenset(
    {"AccessDenied", "AccessDeniedException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
)


class OwnPlace:
    """A SinkEndpoint around one. Raises FatalError `SINK_REJECTED` for what the place refuses,
    RetryableError `SINK_UNAVAILABLE` for what else goes wrong there.
    """

    def __init__(self, sink: SinkEndpoint) -> None:
        self._sink = sink
        self.descriptor = sink.descriptor

    @property
    def place(self) -> str:
        return self._sink.place

    def test(self) -> dict[str, Any]:
        with _told():
            return self._sink.test()

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        with _told():
            return self._sink.find_commit(target, commit_id)

    def fence(self, target: SinkTarget, epoch: int) -> None:
        with _told():
            self._sink.fence(target, epoch)

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        with _told():
            return self._sink.commit(target, reader, commit)

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with _told():
            yield from self._sink.live_keys(target, columns)

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        with _told():
            yield from self._sink.landed_rows(target, wanted)

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        with _told():
            return self._sink.landed_target(target)

    def sweep(self, target: SinkTarget) -> int:
        with _told():
            return self._sink.sweep(target)

    def maintain(self, target: SinkTarget, upkeep: Upkeep) -> MaintenanceReport:
        with _told():
            return maintain(self._sink, target, upkeep)


class OwnFiles(OwnPlace):
    """The same around a sink that keeps files."""

    def commit_files(self, target: SinkTarget, receipt: CommitReceipt) -> Iterator[LandedFile]:
        if not isinstance(self._sink, KeepsFiles):
            raise TypeError("a sink that keeps files")
        with _told():
            yield from self._sink.commit_files(target, receipt)


def in_own_place(sink: SinkEndpoint) -> SinkEndpoint:
    """The sink, which speaks for itself as one in a place of the tenant's own."""
    around = OwnFiles(sink) if isinstance(sink, KeepsFiles) else OwnPlace(sink)
    # Its descriptor is the inner one's, which no class can say.
    return cast(SinkEndpoint, around)


@contextmanager
def _told() -> Iterator[None]:
    """Their texts may hold an answer of the place, and stay out."""
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError):
        raise _rejected() from None
    except ClientError as e:
        raise (_rejected() if e.response["Error"]["Code"] in REFUSED else _unavailable()) from None
    except (BaseError, BotoCoreError, OSError):
        raise _unavailable() from None


def _rejected() -> FatalError:
    return FatalError(
        "SINK_REJECTED",
        "The sink's own place refuses us. Give the role, or the keys, the rights to read and "
        "write there, and test the "
        "sink.",
        details={"field": "credentials"},
    )


def _unavailable() -> RetryableError:
    return RetryableError(
        "SINK_UNAVAILABLE", "The sink's own place cannot be read or written now. Test the sink."
    )
