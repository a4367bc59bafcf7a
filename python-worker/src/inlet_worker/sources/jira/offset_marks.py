"""What a page of a list that is paged by offset says of itself, whatever type each member has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Raw

from inlet_sdk.http.end_marks import NOTHING, count, flag, words
from inlet_sdk.http.offset_pages import OffsetPage

T = TypeVar("T")


class OffsetMarks(msgspec.Struct, kw_only=True):
    """A page adds the member that holds its entries."""

    startAt: Raw = NOTHING
    maxResults: Raw = NOTHING
    total: Raw = NOTHING
    isLast: Raw = NOTHING
    errorMessages: Raw = NOTHING

    def page(self, items: Sequence[T]) -> OffsetPage[T]:
        """The page of these entries."""
        return OffsetPage(
            items,
            count(self.startAt),
            count(self.maxResults),
            count(self.total),
            flag(self.isLast),
            words(self.errorMessages),
        )
