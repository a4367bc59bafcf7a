"""What of a unit is set aside and not in the sink as the source shows it: `cursor.quarantine`.

- records: {epoch: [identity:content[:ask], …]}: what is outstanding, by the run that put it on the
  shelf. An identity is the record's key, or `~` and a hash where it has none or a long one
- beyond: how many more there are than `records` may name, on the shelf since the epoch beyondSince
- since: epoch of the run since which something has been outstanding
- asked: the identity that was asked for again last
- discarded: contents that people discarded, the latest last
- passed: identities of records that the source shows with a discarded content, as last read

A row that is read after its record was set aside settles it. A full reading that misses nothing
settles what it does not set aside itself. The shelf (`staging/quarantine_shelf.py`) keeps the
records for some days; this outlives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.results import Evidence
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_worker.pipeline.kept_members import QUARANTINE, kept, with_kept
from inlet_worker.pipeline.outstanding import Named, dumped, identity_of, parsed
from inlet_worker.staging.quarantine import content_of

MOST_NAMED = 4_000
MOST_DISCARDED = 4_000
AGAIN_AT_ONCE = 100
"""Records that one run asks for again: a page of the vendors that we know."""
SHELVED_AGAIN_MS = 14 * 86_400_000
"""The bucket forgets after 30 days: what is still set aside is put on the shelf again before."""


@dataclass
class QuarantineState:
    """Fed with what a run reads, in its order. `earlier` and `earlier_beyond` are what was
    outstanding before a full reading, as far as that has not come by it.
    """

    records: dict[str, Named] = field(default_factory=dict)
    beyond: int = 0
    beyond_since: int = 0
    since: int | None = None
    asked: str = ""
    discarded: dict[str, None] = field(default_factory=dict)
    passed: dict[str, None] = field(default_factory=dict)
    earlier: dict[str, Named] = field(default_factory=dict)
    earlier_beyond: int = 0
    ignored: int = 0
    """Records of this slice whose content is discarded."""
    came: list[str] = field(default_factory=list)
    """Keys of records that this slice set aside: they are not absent."""

    @classmethod
    def of(cls, checkpoint: Checkpoint | None) -> QuarantineState:
        return cls.parse(kept(checkpoint, QUARANTINE))

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> QuarantineState:
        return cls(
            records=parsed(stored.get("records")),
            beyond=int(stored.get("beyond") or 0),
            beyond_since=int(stored.get("beyondSince") or 0),
            since=stored.get("since"),
            asked=str(stored.get("asked") or ""),
            discarded=dict.fromkeys(stored.get("discarded") or ()),
            passed=dict.fromkeys(stored.get("passed") or ()),
            earlier=parsed(stored.get("earlier")),
            earlier_beyond=int(stored.get("earlierBeyond") or 0),
        )

    def dump(self) -> dict[str, Any]:
        """Without members that say nothing; empty when nothing is outstanding or discarded."""
        members = {
            "records": dumped(self.records),
            "beyond": self.beyond,
            "beyondSince": self.beyond_since if self.beyond else 0,
            "since": self.since,
            "asked": self.asked,
            "discarded": list(self.discarded),
            "passed": list(self.passed),
            "earlier": dumped(self.earlier),
            "earlierBeyond": self.earlier_beyond,
        }
        return {name: value for name, value in members.items() if value}

    def facts(self) -> dict[str, Any]:
        """With what belongs to the slice alone."""
        return {**self.dump(), "ignored": self.ignored, "came": self.came}

    def within(self, checkpoint: Checkpoint) -> Checkpoint:
        return with_kept(checkpoint, QUARANTINE, self.dump())

    @property
    def count(self) -> int:
        return len(self.records) + self.beyond + len(self.earlier) + self.earlier_beyond

    @property
    def has_names(self) -> bool:
        """Whether a row can settle anything."""
        return bool(self.records or self.earlier or self.passed)

    @property
    def apart(self) -> frozenset[str]:
        """Keys of records that the source shows and that are rightly not in the sink as it shows
        them.
        """
        names = (*self.records, *self.earlier, *self.passed)
        return frozenset(name for name in names if not name.startswith("~"))

    def begin_full(self) -> None:
        """Everything is read now: what was outstanding has to prove itself."""
        self.earlier, self.earlier_beyond = {**self.earlier, **self.records}, self.beyond
        self.records, self.beyond = {}, 0

    def end_full(self, *, whole: bool) -> None:
        """`whole`: nothing is known to be missing of what was read. Else what did not come by stays
        outstanding.
        """
        if not whole:
            self.records = {**self.earlier, **self.records}
            self.beyond += self.earlier_beyond
            self._count_without_names()
        self.earlier, self.earlier_beyond = {}, 0

    def takes(self, record: QuarantinedRecord, epoch: int) -> QuarantinedRecord | None:
        """The record as it goes on the shelf; None where the same is there, or is discarded."""
        if record.key is not None and len(self.came) < MOST_NAMED:
            self.came.append(record.key)
        content = content_of(record.raw)
        if content in self.discarded:
            self.ignored += 1
            self.settle(identity_of(record.key, content))
            self._pass(identity_of(record.key, content))
            return None

        identity = identity_of(record.key, content)
        self.passed.pop(identity, None)
        before = self.earlier.pop(identity, None) or self.records.get(identity)
        is_shelved = (
            before is not None
            and before.content == content
            and epoch - before.epoch < SHELVED_AGAIN_MS
        )
        if self.since is None:
            self.since = epoch
        if before is None and len(self.records) >= MOST_NAMED:
            self.beyond_since = self.beyond_since if self.beyond else epoch
            self.beyond += 1
            return replace(record, unnamed=True)

        shelved_at = before.epoch if before is not None and is_shelved else epoch
        self.records[identity] = Named(content, shelved_at, record.ask or "")
        return None if is_shelved else record

    def settle(self, identity: str) -> None:
        """The record is in the sink, in the version that was set aside or a later one."""
        self.records.pop(identity, None)
        self.earlier.pop(identity, None)
        self.passed.pop(identity, None)

    def again(self) -> tuple[str, ...]:
        """What this run asks the source for again: each in its turn."""
        known = sorted(name for name in self.records if not name.startswith("~"))
        known += sorted(
            name for name, named in self.records.items() if name.startswith("~") and named.ask
        )
        after = known.index(self.asked) + 1 if self.asked in known else 0
        turn = (known[after:] + known[:after])[:AGAIN_AT_ONCE]
        self.asked = turn[-1] if len(turn) < len(known) else ""
        return tuple(dict.fromkeys(self.records[name].ask or name for name in turn))

    def is_settled_by(self, record: QuarantinedRecord, epoch: int) -> None:
        """A shelved record has landed, or is discarded. A later content of the same record stays
        outstanding.
        """
        content = content_of(record.raw)
        identity = identity_of(record.key, content)
        if content in self.discarded:
            del self.discarded[content]
            self.passed.pop(identity, None)
        if self._is_named(record, content):
            self.settle(identity)
        elif record.unnamed and self.beyond and epoch >= self.beyond_since:
            self.beyond -= 1

    def was_settled_by(self, record: QuarantinedRecord, epoch: int, *, discarded: bool) -> None:
        """The shelf says so of a record that was put there in `epoch`: a redrive before was not
        heard. What is counted without a name cannot be told apart from what is counted off.
        """
        content = content_of(record.raw)
        identity = identity_of(record.key, content)
        if self._is_named(record, content) and self.records[identity].epoch <= epoch:
            self.settle(identity)
            if discarded:
                self._remember(content)
                self._pass(identity)

    def discard(self, record: QuarantinedRecord, epoch: int) -> None:
        """Its content counts no more, whenever it is set aside."""
        content = content_of(record.raw)
        identity = identity_of(record.key, content)
        is_shown = self._is_named(record, content) or identity in self.passed
        self.is_settled_by(record, epoch)
        self._remember(content)
        if is_shown:
            self._pass(identity)

    def _is_named(self, record: QuarantinedRecord, content: str) -> bool:
        named = self.records.get(identity_of(record.key, content))
        return named is not None and named.content == content

    def _remember(self, content: str) -> None:
        self.discarded.pop(content, None)
        self.discarded[content] = None
        _forget_oldest(self.discarded)

    def _pass(self, identity: str) -> None:
        if identity.startswith("~"):
            return
        self.passed[identity] = None
        _forget_oldest(self.passed)

    def _count_without_names(self) -> None:
        """What a checkpoint has no room to name."""
        excess = list(self.records)[MOST_NAMED:]
        if not excess:
            return
        self.beyond_since = self.beyond_since if self.beyond else self.since or 0
        self.beyond += len(excess)
        for identity in excess:
            del self.records[identity]

    def evidence(self) -> tuple[Evidence, ...]:
        """What a run says of it when it has read everything."""
        if not self.count:
            return ()
        since = datetime.fromtimestamp((self.since or 0) / 1000, UTC).isoformat(timespec="seconds")
        message = f"{self.count} records are in quarantine and not in the sink, some since {since}."
        remedy = " Mend them at the source, or redrive or discard them."
        if self.beyond:
            remedy = (
                f" {self.beyond} of them are too many to be followed one by one: a full run, a "
                "redrive or a discard settles them."
            )
        return (Evidence("QUARANTINED", message + remedy, "partial"),)

    def ended(self) -> QuarantineState:
        """The state once its slice has landed."""
        return self if self.count else replace(self, since=None, asked="")


def without_gone(checkpoint: Checkpoint, keys: Iterable[str]) -> Checkpoint:
    """Records that are proven to be gone are outstanding no more."""
    state = QuarantineState.of(checkpoint)
    if not state.has_names:
        return checkpoint
    for key in keys:
        state.settle(identity_of(key, ""))
    return state.ended().within(checkpoint)


def _forget_oldest(names: dict[str, None]) -> None:
    for oldest in list(names)[:-MOST_DISCARDED]:
        del names[oldest]
