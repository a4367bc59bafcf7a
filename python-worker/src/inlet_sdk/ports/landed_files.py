"""What a commit landed, file by file: the artifact that a run shows (document 000)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkTarget


@dataclass(frozen=True)
class LandedFile:
    """`location` is the file's whole address; `sha256` of its bytes, in hex, where the sink keeps
    it.
    """

    location: str
    rows: int
    bytes: int
    sha256: str | None = None


@runtime_checkable
class KeepsFiles(Protocol):
    """A sink whose rows lie in files of their own. One that keeps none has no such method."""

    def commit_files(self, target: SinkTarget, receipt: CommitReceipt) -> Iterator[LandedFile]:
        """The files that a commit wrote and that the target still knows, in a fixed order; nothing
        for one whose files were all replaced or forgotten since.
        """
