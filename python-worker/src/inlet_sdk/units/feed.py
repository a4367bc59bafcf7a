"""How a site shows records that change, to the readings and censuses that stand on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning

HIDDEN_GROUP = "PROJECT_FORBIDDEN"
"""Code of the warning that a group is unknown to the account or closed for it: the others go on."""


class ChangingRecord(Protocol):
    """`updated` is epoch milliseconds, None where the record has no such time."""

    @property
    def id(self) -> int: ...

    @property
    def updated(self) -> int | None: ...


R = TypeVar("R", bound=ChangingRecord)


@dataclass(frozen=True)
class FeedPage(Generic[R]):
    """`groups` are those that could be read; None where none was named. `is_open`: the last page,
    of which nothing proves that there is no more.
    """

    records: Sequence[R]
    quarantined: Sequence[QuarantinedRecord]
    warnings: Sequence[SourceWarning]
    is_last: bool
    groups: Sequence[str] | None = None
    is_open: bool = False


class Feed(Protocol[R]):
    """The records of a unit's groups. Each listing has at least one page. What it goes on from is
    asked for again where it has to be stated anew: after a hidden group, or an oversized page.
    """

    def latest_change(self) -> int | None:
        """The latest change that the site shows now; None where it shows nothing."""

    def after(self, record_id: Callable[[], int]) -> Iterator[FeedPage[R]]:
        """Every record with a higher id, by id."""

    def since(self, at_ms: Callable[[], int]) -> Iterator[FeedPage[R]]:
        """Every record changed since, oldest change first."""

    def of_ids(self, ids: Sequence[int]) -> Iterator[FeedPage[R]]:
        """Those of the records, whatever their age."""

    def changed_after(
        self,
        groups: Sequence[str] | None,
        at_ms: int,
        record_id: Callable[[], int],
        until: int | None = None,
    ) -> Iterator[FeedPage[R]]:
        """Every record of these groups (None: of all that the account sees) changed since, by id
        from a higher one on, up to the id `until`: so reading can go on after any, however many
        share a minute.
        """
