"""Issues, people and projects as entities. Comments and worklogs are none: what they say is their
body, and who said it is in the lake.
"""

from __future__ import annotations

from inlet_sdk.ports.entities import EntityMap, RelationMap

ISSUE, PERSON, PROJECT = "entity.issue", "entity.person", "entity.project"

# The account that Jira shows where it shows nobody: not one person, but all whose accounts are
# gone.
NOBODY = frozenset({"unknown"})


def _person(type_: str, member: str) -> RelationMap:
    return RelationMap(type_, PERSON, f"{member}AccountId", NOBODY)


ISSUE_ENTITY = EntityMap(
    ISSUE,
    "id",
    {
        "key": "key",
        "summary": "summary",
        "type": "issuetypeName",
        "status": "statusName",
        "priority": "priorityName",
        "resolution": "resolutionName",
        "created": "created",
        "resolved": "resolutiondate",
        "due": "duedate",
    },
    (
        RelationMap("IN_PROJECT", PROJECT, "projectId"),
        RelationMap("CHILD_OF", ISSUE, "parentId"),
        _person("ASSIGNED_TO", "assignee"),
        _person("REPORTED_BY", "reporter"),
    ),
)

PERSON_ENTITY = EntityMap(
    PERSON,
    "accountId",
    {"displayName": "displayName", "accountType": "accountType", "active": "active"},
)

PROJECT_ENTITY = EntityMap(
    PROJECT,
    "id",
    {
        "key": "key",
        "name": "name",
        "type": "projectTypeKey",
        "style": "style",
        "category": "categoryName",
    },
)
