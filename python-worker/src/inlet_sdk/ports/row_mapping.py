"""How records become rows, as far as the columns do not say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

FIRST_VERSION = 1


@dataclass(frozen=True)
class RowMapping:
    """version: of the unit's making of columns; its developer raises it when the same record makes
    other values. keep_raw: whether `_raw` lands beside the columns. transform: the digest of what
    `policy.transform` makes of the rows, empty for none.
    """

    version: int = FIRST_VERSION
    keep_raw: bool = True
    transform: str = ""


@runtime_checkable
class SupportsMappingVersion(Protocol):
    """Sources that say when they make rows otherwise than before."""

    def mapping_version(self, unit_id: str) -> int:
        """1 until the making of the unit's columns changes, then one more each time."""


def mapping_version_of(source: object, unit_id: str) -> int:
    """The first version where the source says nothing."""
    if isinstance(source, SupportsMappingVersion):
        return source.mapping_version(unit_id)
    return FIRST_VERSION
