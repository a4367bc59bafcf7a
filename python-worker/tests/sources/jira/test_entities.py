from __future__ import annotations

from datetime import UTC, datetime

from inlet_worker.contracts.models import NormalizedRecord
from inlet_worker.sources.jira.fields import SYSTEM_COLUMNS
from inlet_worker.sources.jira.issues import ISSUE_ENTITY
from inlet_worker.sources.jira.projects import PROJECT_COLUMNS
from inlet_worker.sources.jira.units import UNITS
from inlet_worker.sources.jira.users import PERSON_ENTITY, USER_COLUMNS

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_an_issue_is_related_to_project_parent_and_people_by_their_ids() -> None:
    row = {
        "id": "10001",
        "key": "DEMO-1",
        "summary": "x" * 400,
        "created": AT,
        "projectId": "1",
        "parentId": "10000",
        "assigneeAccountId": "712020:a",
        "assigneeDisplayName": "Anna",
        "reporterAccountId": "unknown",
        "description": "never",
    }

    record = ISSUE_ENTITY.entity(row, AT)
    NormalizedRecord.model_validate(record)
    assert record["cursor"] == "2026-01-02T03:04:05.000Z"
    assert record["payload"] == {
        "key": "DEMO-1",
        "summary": "x" * 300,
        "created": "2026-01-02T03:04:05.000Z",
    }
    assert [(r["type"], r["entityType"], r["id"]) for r in record["relations"]] == [
        ("IN_PROJECT", "entity.project", "1"),
        ("CHILD_OF", "entity.issue", "10000"),
        ("ASSIGNED_TO", "entity.person", "712020:a"),
    ]


def test_people_are_known_by_account_never_by_name() -> None:
    rows = [
        {"accountId": account, "displayName": "Alex", "emailAddress": "a@b.c"}
        for account in ("1", "2")
    ]
    records = [PERSON_ENTITY.entity(row, None) for row in rows]
    assert [record["id"] for record in records] == ["1", "2"]
    assert all(record["payload"] == {"displayName": "Alex"} for record in records)


def test_maps_read_columns_that_the_units_have() -> None:
    columns = {
        "jira.issues": {c.name for c in SYSTEM_COLUMNS} | {"id", "key"},
        "jira.users": {c.name for c in USER_COLUMNS},
        "jira.projects": {c.name for c in PROJECT_COLUMNS},
    }
    mapped = {unit.descriptor.unit_id: unit.entities for unit in UNITS if unit.entities}
    assert set(mapped) == set(columns)
    for unit_id, entities in mapped.items():
        assert set(entities.columns) <= columns[unit_id]


def test_the_manifest_says_which_units_have_entities() -> None:
    assert {unit.unit_id: unit.entity_type for unit in UNITS.descriptors} == {
        "jira.projects": "entity.project",
        "jira.issues": "entity.issue",
        "jira.users": "entity.person",
        "jira.comments": None,
        "jira.worklogs": None,
        "jira.changelog": None,
    }
