"""What a source says of itself beside its rows: which system it talks to, and how much of it a unit
reads. The pipeline compares both with what has landed before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from inlet_sdk.ports.checkpoint import Cursor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy

System = Mapping[str, str]
"""Ids of a source system by their kind, the strongest first. Two systems are the same where the
first kind that both know agrees: a site that was renamed keeps its own id.
"""

Scope = tuple[str, ...] | None
"""Names of groups, in capitals and in order; None where all that the account sees is read."""


@runtime_checkable
class SupportsIdentity(Protocol):
    """Sources whose site says which one it is."""

    def system(self, known: System, context: IngestionContext | None = None) -> System:
        """The ids that the site tells now; empty where it tells none. `known` are those of before:
        a kind that they have is asked for first, at the cost of one request. A refusal is not
        raised, but leaves its kind out.
        """


@runtime_checkable
class SupportsScope(Protocol):
    """Sources whose units read some groups of a site."""

    def scope(self, unit_id: str, policy: Policy) -> Scope:
        """The groups that a policy reads. Raises FatalError `CONFIG_INVALID` for one outside the
        endpoint's own.
        """

    def owing_history(self, cursor: Cursor, groups: Scope) -> Cursor:
        """The cursor with all records of these groups (None: of all) owed, whatever their age, so
        that the readings to come make up for them beside what changes.
        """

    def history_owed(self, cursor: Cursor) -> Scope | bool:
        """The groups whose history is still owed; True for groups without a name, False where
        nothing is.
        """
