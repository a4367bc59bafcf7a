"""The manifest says what the registry needs, in JSON."""

from __future__ import annotations

import json

from inlet_worker.contracts.models import Connector
from inlet_worker.sources.manifest import source_manifest
from inlet_worker.sources.registry import SOURCES


def test_every_registered_source_is_in_the_manifest_under_its_own_name() -> None:
    entries = json.loads(json.dumps(source_manifest()))
    assert [entry["name"] for entry in entries] == sorted(SOURCES)
    assert all(SOURCES[entry["name"]].descriptor.version == entry["version"] for entry in entries)


def test_a_manifest_entry_names_units_and_resources() -> None:
    (jira,) = source_manifest()
    assert {unit["unitId"] for unit in jira["units"]} >= {"jira.issues", "jira.users"}
    assert {"name", "method", "path", "schema", "sample", "description"} == set(jira["resources"][0])


def test_the_manifest_is_what_the_registry_accepts() -> None:
    for entry in json.loads(json.dumps(source_manifest())):
        Connector.model_validate(entry)
