"""A ListedSource that can be compared: a record that is no longer listed is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy

from .listed_source import ListedSource


@dataclass
class CensusedSource(ListedSource):
    """`orders` remembers what was asked. `before_census` may raise. `shown`: what the site has,
    asked by id; None for what it lists.
    """

    findings: tuple[Finding, ...] = ()
    orders: list[CensusOrder] = field(default_factory=list)
    before_census: Callable[[], None] = lambda: None
    shown: Iterable[int] | None = None

    def has_census(self, unit_id: str) -> bool:
        return True

    def census(
        self,
        unit_id: str,
        policy: Policy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        self.before_census()
        self.orders.append(order)
        context.progress.requests += 1
        listed = [record["id"] for record in self.records]
        there = {str(number) for number in (listed if self.shown is None else self.shown)}
        keys = [key for batch in landed.batches("id") for key in batch.column("id").to_pylist()]
        gone = (
            [Tombstone(key, {"listed": False}) for key in keys if key not in there]
            if order.deletes
            else []
        )
        return CensusReport(
            order.due,
            self.findings if order.due else (),
            tuple(gone),
            {"censuses": len(self.orders)},
        )
