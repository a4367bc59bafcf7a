"""A ListedSource of a site that says which one it is, and whose records are in groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint, Cursor
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.ports.source_identity import Scope, System

from .listed_source import ListedSource


@dataclass
class SitedSource(ListedSource):
    """`ids` is what it says of itself; `asked` what was known whenever it was asked. `group_of`:
    of a record, by its id. The history that is owed is read before what changed, unless `closed`.
    """

    ids: Mapping[str, str] = field(default_factory=lambda: {"siteId": "one", "address": "one.test"})
    group_of: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    asked: list[System] = field(default_factory=list)

    def entity_map(self, unit_id: str) -> EntityMap | None:
        return EntityMap("Thing", "id", {"title": "title"})

    def system(self, known: System, context: IngestionContext | None = None) -> System:
        self.asked.append(dict(known))
        return self.ids

    def scope(self, unit_id: str, policy: Policy) -> Scope:
        named = policy.filters.get("groups")
        return None if named is None else tuple(sorted(named))

    def owing_history(self, cursor: Cursor, groups: Scope) -> Cursor:
        return {**cursor, "owed": ["*"] if groups is None else list(groups)}

    def history_owed(self, cursor: Cursor) -> Scope | bool:
        owed = cursor.get("owed") or ()
        return True if "*" in owed else tuple(owed) or False

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        return self._pages(self._of(self.scope(unit_id, policy)), context, 0)

    def read_incremental(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        cursor = checkpoint.cursor if checkpoint else {}
        since, owed = cursor.get("position", 0), list(cursor.get("owed") or ())
        if owed and not self.closed:
            history = self._of(None if "*" in owed else tuple(owed))
            place = {"offset": 0}
            yield SourceBatch([self._row(r) for r in history], place, {"position": since})
            owed = []

        wanted = [r for r in self._of(self.scope(unit_id, policy)) if r["updated"] >= since]
        for batch in self._pages(wanted, context, since):
            reached = {**(batch.cursor or {}), "owed": owed}
            yield SourceBatch(batch.rows, batch.resume, reached)

    def _of(self, groups: Scope) -> list[dict[str, Any]]:
        return [
            record
            for record in self.records
            if groups is None or self.group_of.get(record["id"], "A") in groups
        ]
