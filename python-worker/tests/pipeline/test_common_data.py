"""Jira's units in the Common Data Model: through the whole pipeline, into the sinks that it is
written through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.common_data import ENTITIES, CommonMap, made
from inlet_worker.sources.jira.common_data import text_of_document
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from sandbox_server import SandboxServer, sandbox_server

from .common_plane import codes_of, of_jira
from .control_plane import ControlPlane, Crash
from .test_modes import fields_of, policy_of

UNITS = {
    "jira.issues": "work_item",
    "jira.users": "person",
    "jira.projects": "project",
    "jira.comments": "comment",
    "jira.worklogs": "work_log",
}


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "220") as server:
        yield server


@pytest.mark.parametrize(("unit", "entity"), UNITS.items())
def test_every_record_lands_once_in_the_table_of_its_entity(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path, unit: str, entity: str
) -> None:
    plane = of_jira(jira, tmp_path, unit)
    mode = "INCREMENTAL" if "cursorField" in plane.policy else "FULL"
    plane.run("r1", mode)

    landed = plane.landed()
    assert sorted(landed) == sorted(server.truth(unit.removeprefix("jira.")))
    known = {field.name for field in ENTITIES[entity]}
    for row in landed.values():
        assert (row["source_system"], row["source_endpoint"]) == ("jira", "site")
        assert {name for name in row if not name.startswith("_")} == known
    assert plane.run("r2", mode)[-1].stats["landed"] == 0


def test_a_record_is_what_its_row_says(jira: JiraEndpoint, tmp_path: Path) -> None:
    unit = "jira.issues"
    plain = ControlPlane(
        jira, tmp_path / "plain", policy=policy_of(unit), fields=fields_of(jira, unit), unit=unit
    )
    plain.run("r1", "INCREMENTAL")
    table = plain.sink()._catalog.load_table(("list", "issues")).scan().to_arrow().to_pylist()
    rows = {row["id"]: row for row in table}
    plane = of_jira(jira, tmp_path / "common", unit)
    plane.run("r1", "INCREMENTAL")

    for key, item in plane.landed().items():
        row = rows[key]
        assert (item["title"], item["status"]) == (row["summary"], row["statusName"])
        assert (item["updated_at"], item["due_on"]) == (row["updated"], row["duedate"])
        assert (item["assignee_id"], item["_raw"]) == (row["assigneeAccountId"], row["_raw"])


@pytest.mark.parametrize("unit", ["jira.issues", "jira.comments", "jira.worklogs"])
def test_a_census_says_of_records_what_it_says_of_rows(
    jira: JiraEndpoint, tmp_path: Path, unit: str
) -> None:
    often = {"censusEveryHours": 0}
    plain = ControlPlane(
        jira,
        tmp_path / "plain",
        policy={**policy_of(unit), **often},
        fields=fields_of(jira, unit),
        unit=unit,
    )
    plane = of_jira(jira, tmp_path / "common", unit, policy=often)
    for run in ("r1", "r2"):
        codes = codes_of(plane.run(run, "INCREMENTAL"))
        assert codes == codes_of(plain.run(run, "INCREMENTAL"))
        assert {"CENSUS_OK", "CENSUS_UNCOMPARED"} & codes
        assert not {"CENSUS_MISMATCH", "CENSUS_UNFINISHED", "CENSUS_OWED"} & codes


def test_another_mapping_replaces_by_key_and_adds_nothing(
    jira: JiraEndpoint, tmp_path: Path
) -> None:
    first = JiraEndpoint.common_map("jira.projects")
    assert first is not None
    plane = of_jira(jira, tmp_path, "jira.projects")
    plane.run("r1", "FULL")
    before = plane.landed()

    newer = CommonMap("project", 2, {**first.fields, "name": made("name", str.upper)})
    plane.source = of_jira(jira, tmp_path, "jira.projects", newer).source
    results = plane.run("r2", "FULL")

    assert results[-1].stats["landed"] == len(before)
    assert {key: row["name"] for key, row in plane.landed().items()} == {
        key: row["name"].upper() for key, row in before.items()
    }
    assert plane.run("r3", "FULL")[-1].stats["landed"] == 0


@pytest.mark.parametrize("step", ["sealed", "pending", "committed"])
def test_a_run_that_is_killed_lands_every_record_once(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path, step: str
) -> None:
    heard: Counter[str] = Counter()

    def crash(reached: str) -> None:
        heard[reached] += 1
        if reached == step and heard[reached] == 1:
            raise Crash

    plane = of_jira(jira, tmp_path, "jira.comments", on_step=crash)
    plane.run("r1", "INCREMENTAL")
    assert heard[step] and sorted(plane.landed()) == sorted(server.truth("comments"))


def test_records_land_in_files_too(
    jira: JiraEndpoint, server: SandboxServer, tmp_path: Path
) -> None:
    policy = {"deletes": "ignore"}
    plane = of_jira(jira, tmp_path, "jira.users", policy=policy, through="files.parquet")
    plane.run("r1", "FULL")
    assert sorted(plane.landed()) == sorted(server.truth("users"))


def test_a_record_that_cannot_be_mapped_is_set_aside(jira: JiraEndpoint, tmp_path: Path) -> None:
    def refuse(name: str) -> str:
        raise ValueError(f"{name[:1]} is no name")

    first = JiraEndpoint.common_map("jira.projects")
    assert first is not None
    odd = CommonMap("project", 1, {**first.fields, "name": made("name", refuse)})
    stats = of_jira(jira, tmp_path, "jira.projects", odd).run("r1", "FULL")[-1].stats
    assert stats["quarantined"] == stats["read"] > 0 and stats["landed"] == 0


def test_a_transform_is_refused_since_the_columns_are_the_models(
    jira: JiraEndpoint, tmp_path: Path
) -> None:
    transform = {"tool": "duckdb", "sql": "SELECT * FROM rows"}
    with pytest.raises(FatalError) as refused:
        of_jira(jira, tmp_path, "jira.projects", policy={"transform": transform})
    assert refused.value.details == {"field": "policy.transform"}
    assert "another sink" in refused.value.message


def test_a_mapping_names_fields_of_its_entity_alone() -> None:
    for fields in ({"id": "id", "colour": "x"}, {"key": "key"}, {"id": "id", "source_system": "x"}):
        with pytest.raises(ValueError, match="cannot be mapped"):
            CommonMap("project", 1, fields)


def test_every_field_of_a_mapping_is_made_of_a_column_that_the_unit_has(
    jira: JiraEndpoint,
) -> None:
    for unit in UNITS:
        mapping = JiraEndpoint.common_map(unit)
        assert mapping is not None
        types = {field.name: field.type for field in fields_of(jira, unit)}
        entity = {field.name: field.type for field in ENTITIES[mapping.entity]}
        for name, source in mapping.sources.items():
            assert source.column in types
            if source.make is None:
                assert types[source.column] == entity[name]


def test_words_of_a_document_are_its_text() -> None:
    document = (
        '{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"One "},'
        '{"type":"mention","attrs":{"text":"@Ann"}}]},{"type":"bulletList","content":[{"type":'
        '"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"two"}]}]}]}]}'
    )
    assert text_of_document(document) == "One @Ann\ntwo"
    assert text_of_document("no document") == "no document"
    assert text_of_document('"text"') == "text" and text_of_document("[1]") == "[1]"
