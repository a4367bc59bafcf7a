"""What Jira's records are called in the knowledge base. Comments and worklogs are no entities: what
they say is their body, and who said it is in the lake.
"""

from __future__ import annotations

from inlet_sdk.ports.entities import RelationMap

ISSUE, PERSON, PROJECT = "entity.issue", "entity.person", "entity.project"

# The account that Jira shows where it shows nobody: not one person, but all whose accounts are
# gone.
NOBODY = frozenset({"unknown"})


def person(type_: str, member: str) -> RelationMap:
    return RelationMap(type_, PERSON, f"{member}AccountId", NOBODY)
