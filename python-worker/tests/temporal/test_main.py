from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pyiceberg.catalog import load_catalog

from inlet_worker.__main__ import main
from inlet_worker.contracts.models import ConnectorManifest
from inlet_worker.host.manifest import connector_manifest, manifest_json
from inlet_worker.sinks.registry import SINKS
from inlet_worker.sources.registry import DESCRIPTORS
from inlet_worker.temporal.activities import TASKS
from sandbox_server import SandboxServer

CONTRACTS = Path(__file__).parents[3] / "schemas/json/contracts.json"
MANIFEST = CONTRACTS.with_name("manifest.json")


def test_the_manifest_fits_its_contract_and_is_the_same_each_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["manifest"]) == 0
    first = capsys.readouterr().out
    assert main(["manifest"]) == 0
    assert capsys.readouterr().out == first
    schema = {
        "$ref": "#/$defs/ConnectorManifest",
        "$defs": json.loads(CONTRACTS.read_text())["$defs"],
    }
    assert not list(Draft202012Validator(schema).iter_errors(json.loads(first)))


def test_the_committed_manifest_is_this_one() -> None:
    assert MANIFEST.read_text() == manifest_json() + "\n", (
        "run: python -m inlet_worker manifest > schemas/json/manifest.json"
    )


def test_the_manifest_names_sources_and_sinks() -> None:
    manifest = ConnectorManifest.model_validate(connector_manifest())
    sources, sinks = sorted(DESCRIPTORS), sorted(SINKS)
    assert [c.name for c in manifest.connectors] == [*sources, *sinks]
    kinds = ["source"] * len(sources) + ["sink"] * len(sinks)
    assert [c.kind for c in manifest.connectors] == kinds


@pytest.mark.parametrize(
    "connector", connector_manifest()["connectors"], ids=lambda c: str(c["name"])
)
def test_each_sample_config_fits_its_own_schema(connector: dict[str, object]) -> None:
    schema = connector["configSchema"]
    assert isinstance(schema, dict)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(connector["sampleConfig"])


@pytest.mark.parametrize("kind", ["files.parquet", "warehouse.iceberg"])
def test_a_platforms_own_sink_needs_no_config(kind: str) -> None:
    (sink,) = (c for c in connector_manifest()["connectors"] if c["name"] == kind)
    assert Draft202012Validator(sink["configSchema"]).is_valid({})


@pytest.mark.parametrize("task", TASKS.values())
def test_every_activity_has_its_code(task: str) -> None:
    module, function = task.split(":")
    path = Path(__file__).parents[2] / f"src/inlet_worker/temporal/{module}.py"
    assert re.search(rf"^def {function}\(given: Any, work: Work\)", path.read_text(), re.MULTILINE)


def test_the_process_of_a_worker_imports_nothing_heavy() -> None:
    """Its runs do, once, in the fork server."""
    program = (
        "import sys, inlet_worker.temporal.worker as _\n"
        "print(*{'numpy', 'pyarrow', 'pyiceberg'} & {*sys.modules})"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.check_output([sys.executable, "-c", program], env=path, text=True)
    assert found.split() == []


def test_a_worker_without_its_environment_names_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INLET_CONTROL_TABLE", raising=False)
    assert main(["worker"]) == 2
    assert "INLET_CONTROL_TABLE" in capsys.readouterr().err


def test_a_site_lands_in_a_folder_and_the_second_time_nothing_is_new(
    sandbox: SandboxServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INLET_INGEST_TOKEN", sandbox.token)
    command = ["ingest", "--server", sandbox.url, "--email", sandbox.user, "--lake", str(tmp_path)]
    assert main(command) == 0
    first = figures(capsys.readouterr().out)
    lake = load_catalog("lake", type="sql", uri=f"sqlite:///{tmp_path}/catalog.db")
    for unit in ("issues", "comments", "worklogs", "users", "projects"):
        rows = lake.load_table(f"jira.{unit}").scan().to_arrow().num_rows
        assert rows == len(sandbox.truth(unit)) == first[f"jira.{unit}"]
    assert main(command) == 0
    assert set(figures(capsys.readouterr().out).values()) == {0}
    assert not list((tmp_path / "staging").rglob("*.arrow")) and not list(
        (tmp_path / "staging").rglob("MANIFEST.json")
    )


def test_a_wrong_token_is_said_in_words(
    sandbox: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ingest", "--server", sandbox.url, "--email", sandbox.user, "--token", "canary-1"]
    assert main([*command, "--lake", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("AUTH_ERROR") and "canary-1" not in said


def figures(table: str) -> dict[str, int]:
    """Landed rows by unit."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()[1:]]
    return {row[0]: int(row[3].replace(",", "")) for row in rows}
