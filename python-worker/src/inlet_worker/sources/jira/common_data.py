"""How Jira's rows become records of the Common Data Model. Whoever changes what a field is made of
raises the mapping's version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from inlet_sdk.ports.common_data import CommonMap, made

BLOCKS = frozenset(
    {"paragraph", "heading", "listItem", "codeBlock", "blockquote", "rule", "tableRow", "panel"}
)
DEEPEST = 200


def text_of_document(document: str) -> str:
    """The words of a document in Atlassian's format, a line for each block; text that is none as it
    is.
    """
    try:
        tree = msgspec.json.decode(document)
    except (msgspec.DecodeError, RecursionError):
        return document
    if not isinstance(tree, dict):
        return tree if isinstance(tree, str) else document
    lines = "".join(_words(tree, 0)).split("\n")
    return "\n".join(line for line in (one.strip() for one in lines) if line)


def _words(node: Any, depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth > DEEPEST:
        return
    kind, attributes = node.get("type"), node.get("attrs")
    if isinstance(node.get("text"), str):
        yield node["text"]
    elif kind == "hardBreak":
        yield "\n"
    elif isinstance(attributes, dict) and kind in ("mention", "emoji", "date", "status"):
        yield str(attributes.get("text") or attributes.get("timestamp") or "")

    content = node.get("content")
    for inner in content if isinstance(content, list) else ():
        yield from _words(inner, depth + 1)
    if kind in BLOCKS:
        yield "\n"


ISSUES = CommonMap(
    "work_item",
    1,
    {
        "id": "id",
        "key": "key",
        "title": "summary",
        "description": made("description", text_of_document),
        "type": "issuetypeName",
        "status": "statusName",
        "priority": "priorityName",
        "resolution": "resolutionName",
        "project_id": "projectId",
        "project_key": "projectKey",
        "parent_id": "parentId",
        "assignee_id": "assigneeAccountId",
        "reporter_id": "reporterAccountId",
        "creator_id": "creatorAccountId",
        "labels": "labels",
        "created_at": "created",
        "updated_at": "updated",
        "resolved_at": "resolutiondate",
        "due_on": "duedate",
        "estimated_seconds": "timeoriginalestimate",
        "remaining_seconds": "timeestimate",
        "spent_seconds": "timespent",
    },
)
USERS = CommonMap(
    "person",
    1,
    {
        "id": "accountId",
        "display_name": "displayName",
        "email": "emailAddress",
        "kind": "accountType",
        "is_active": "active",
        "time_zone": "timeZone",
        "locale": "locale",
    },
)
PROJECTS = CommonMap(
    "project",
    1,
    {
        "id": "id",
        "key": "key",
        "name": "name",
        "kind": "projectTypeKey",
        "category": "categoryName",
        "is_private": "isPrivate",
    },
)
COMMENTS = CommonMap(
    "comment",
    1,
    {
        "id": "id",
        "work_item_id": "issueId",
        "work_item_key": "issueKey",
        "project_id": "projectId",
        "author_id": "authorAccountId",
        "editor_id": "updateAuthorAccountId",
        "body": made("body", text_of_document),
        "is_public": "jsdPublic",
        "created_at": "created",
        "updated_at": "updated",
    },
)
WORKLOGS = CommonMap(
    "work_log",
    1,
    {
        "id": "id",
        "work_item_id": "issueId",
        "author_id": "authorAccountId",
        "editor_id": "updateAuthorAccountId",
        "comment": made("comment", text_of_document),
        "started_at": "started",
        "spent_seconds": "timeSpentSeconds",
        "created_at": "created",
        "updated_at": "updated",
    },
)
