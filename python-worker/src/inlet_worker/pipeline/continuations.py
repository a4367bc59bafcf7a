"""Where a run goes on: JSON that an activity answers and the next one is given (`resume`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import Resume


@dataclass(frozen=True)
class ReadOn:
    """The next slice is read. `source` is the source's own; `since` the first sealed slice that
    waits for its commit, and `reached` the checkpoint that those slices gave. `uncertain`: whether
    the run before left its census owing, None where nobody has looked. `aside`: what is set aside
    after those slices (`quarantine_state.py`), None at the start. `after`: the checkpoint that the
    readings of an open window gave, which this one goes on from; None where the run's own counts.
    `rows` and `bytes` of the slices that wait. `due`: those readings found that a census is.
    """

    source: Resume | None
    since: int
    reached: Checkpoint | None = None
    uncertain: bool | None = None
    aside: Mapping[str, Any] | None = None
    after: Checkpoint | None = None
    rows: int = 0
    bytes: int = 0
    due: bool = False

    def dump(self) -> Resume:
        dumped: dict[str, Any] = {
            "source": self.source,
            "since": self.since,
            "cursor": self.reached.dump() if self.reached else None,
        }
        if self.aside is not None:
            dumped["aside"] = dict(self.aside)
        if self.after is not None:
            dumped["after"] = self.after.dump()
        if self.rows:
            dumped |= {"rows": self.rows, "bytes": self.bytes}
        if self.due:
            dumped["due"] = True
        return dumped if self.uncertain is None else {**dumped, "uncertain": self.uncertain}


@dataclass(frozen=True)
class CompareOn:
    """All is read, up to `checkpoint`; the next slice is the census's own. `due` and `uncertain` as
    in CensusOrder.
    """

    checkpoint: Checkpoint
    due: bool
    uncertain: bool

    def dump(self) -> Resume:
        owed = {
            "checkpoint": self.checkpoint.dump(),
            "due": self.due,
            "uncertain": self.uncertain,
        }
        return {"census": owed}


@dataclass(frozen=True)
class ReplayOn:
    """Slices of the replayed run before `since` have landed again."""

    since: int = 0

    @classmethod
    def parse(cls, given: Resume | None) -> ReplayOn:
        return cls((given or {}).get("since", 0))

    def dump(self) -> Resume:
        return {"since": self.since}


@dataclass(frozen=True)
class RedriveOn:
    """Records up to `after` (the name of their part, their line) were tried; None before any.
    `aside`: what is set aside after them, None at the start.
    """

    after: tuple[str, int] | None = None
    aside: Mapping[str, Any] | None = None

    @classmethod
    def parse(cls, given: Resume | None) -> RedriveOn:
        given = given or {}
        after = given.get("after")
        return cls((after[0], after[1]) if after else None, given.get("aside"))

    def dump(self) -> Resume:
        return {"after": list(self.after) if self.after else None, "aside": self.aside}


def reading_of(given: Resume | None, slice_: int) -> ReadOn | CompareOn:
    """Of a run that reads; it begins with `slice_` where nothing is given."""
    given = given or {}
    owed: Mapping[str, Any] | None = given.get("census")
    if owed is not None:
        checkpoint = Checkpoint.parse(owed["checkpoint"])
        return CompareOn(checkpoint, owed["due"], owed["uncertain"])

    reached, after = given.get("cursor"), given.get("after")
    return ReadOn(
        given.get("source"),
        given.get("since", slice_),
        Checkpoint.parse(reached) if reached else None,
        given.get("uncertain"),
        given.get("aside"),
        Checkpoint.parse(after) if after else None,
        given.get("rows", 0),
        given.get("bytes", 0),
        given.get("due", False),
    )
