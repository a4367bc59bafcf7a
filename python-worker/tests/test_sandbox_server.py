"""The sandbox's truth, recomputed in Python from what the sandbox serves."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from sandbox_server import SandboxServer, sandbox_server


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "240", "--seed", "9") as server:
        yield server


def call(sandbox: SandboxServer, path: str, body: dict[str, Any] | None = None) -> Any:
    credentials = base64.b64encode(f"{sandbox.user}:{sandbox.token}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(
        Request(f"{sandbox.url}/rest/api/3{path}", data=data, headers=headers), timeout=60
    ) as response:
        return json.load(response)


def sha256(record: object) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def test_issues_hash_to_the_truth_in_python(sandbox: SandboxServer) -> None:
    found: dict[str, str] = {}
    token: dict[str, str] = {}
    while True:
        fields = ["*all", "-comment", "-worklog"]
        page = call(
            sandbox, "/search/jql", {"jql": "id > 0", "fields": fields, "maxResults": 100, **token}
        )
        found |= {
            issue["id"]: sha256({k: issue[k] for k in ("id", "key", "fields")})
            for issue in page["issues"]
        }
        if page["isLast"]:
            break
        token = {"nextPageToken": page["nextPageToken"]}
    assert found == sandbox.truth("issues")
    assert len(found) == 240


@pytest.mark.parametrize("unit", ["comments", "worklogs"])
def test_threads_hash_to_the_truth_in_python(sandbox: SandboxServer, unit: str) -> None:
    truth = sandbox.truth(unit)
    answer = call(
        sandbox, f"/{unit.removesuffix('s')}/list", {"ids": [int(record_id) for record_id in truth]}
    )
    records = answer["values"] if unit == "comments" else answer
    assert {record["id"]: sha256(record) for record in records} == truth


def test_people_and_projects_hash_to_the_truth_in_python(sandbox: SandboxServer) -> None:
    people = call(sandbox, "/users/search?maxResults=1000")
    assert {person["accountId"]: sha256(person) for person in people} == sandbox.truth("users")
    projects = call(sandbox, "/project/search")["values"]
    assert {project["id"]: sha256(project) for project in projects} == sandbox.truth("projects")


def test_a_sandbox_that_cannot_start_says_so() -> None:
    with pytest.raises(RuntimeError, match="did not start"), sandbox_server("--issues", "many"):
        pass
