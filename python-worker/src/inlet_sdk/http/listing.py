"""A vendor's list that is being paged: whose it is, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass

from inlet_sdk.http.retry import check_cancelled
from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.ports.ingestion_context import IngestionContext


@dataclass(frozen=True)
class Listing:
    """`name` is what evidence calls it, as in "the list of projects". What contradicts it goes to
    `doubts`: those of the run, or of whoever reads it once more if there are any.
    """

    name: str
    context: IngestionContext | None
    doubts: Doubts

    @classmethod
    def of(cls, name: str, context: IngestionContext | None) -> Listing:
        """One whose doubts are the run's."""
        return cls(name, context, Doubts() if context is None else context.doubts)

    def doubt(self, what: str) -> str:
        """Keeps that the list `what` ("ends with an error"). Returns the whole message."""
        message = (
            f"The source's list of {self.name} {what}. Rows may be missing: run again, and report "
            "it if it stays."
        )
        self.doubts.add(message)
        return message

    def check(self) -> None:
        """Between requests. Raises FatalError `CANCELLED` when the run is to stop."""
        check_cancelled(self.context)
