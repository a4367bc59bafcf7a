"""The policy that every connector shares: type, parser, JSON Schema and contract say the same."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.policy import SHARED_KEYS, Policy, TransformPolicy

SCHEMAS = Path(__file__).parents[3] / "schemas"
CONTRACT = json.loads((SCHEMAS / "json/contracts.json").read_text())["$defs"]["Policy"]
EVERY_KEY = json.loads((SCHEMAS / "examples/Policy/valid/every-shared-key.json").read_text())


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


KEYS = {camel(field.name): field for field in fields(Policy) if field.name != "given"}


def test_the_type_and_the_contract_have_the_keys_of_the_schema() -> None:
    assert set(KEYS) == set(SHARED_KEYS) == set(CONTRACT["properties"])


def test_a_policy_that_says_nothing_has_the_defaults_of_the_schema() -> None:
    silent = Policy.parse({})
    assert silent == Policy()
    for name, schema in SHARED_KEYS.items():
        if "default" in schema:
            assert getattr(silent, KEYS[name].name) == schema["default"], name
            assert KEYS[name].default is not MISSING


def test_every_key_is_read() -> None:
    read = Policy.parse(EVERY_KEY)
    assert {name: getattr(read, field.name) for name, field in KEYS.items()} == {
        **{name: value for name, value in EVERY_KEY.items() if name in KEYS},
        "primaryKeys": ("id",),
        "transform": TransformPolicy("duckdb", "SELECT * FROM rows WHERE open", filters=True),
    }
    assert read.given == EVERY_KEY and read.given["overlapMinutes"] == 10


def test_what_the_contract_allows_of_a_key_the_schema_offers() -> None:
    for name, schema in SHARED_KEYS.items():
        contract = CONTRACT["properties"][name]
        assert schema.get("enum", []) in (contract.get("enum", []), ["object_store", "in_memory"])
        assert schema.get("type", "string") == contract["type"], name


@pytest.mark.parametrize(
    "example", sorted((SCHEMAS / "examples/Policy/invalid").glob("*.json")), ids=lambda p: p.stem
)
def test_a_policy_off_the_contract_is_refused_by_the_name_of_its_key(example: Path) -> None:
    given: dict[str, Any] = json.loads(example.read_text())
    with pytest.raises(FatalError) as raised:
        Policy.parse(given)
    (name,) = given
    assert raised.value.code == "CONFIG_INVALID"
    assert raised.value.details["field"].startswith(f"policy.{name}")


@pytest.mark.parametrize(
    ("transform", "field"),
    [
        ({"tool": "duckdb"}, "policy.transform.sql"),
        ({"tool": "duckdb", "function": "a.b:c"}, "policy.transform.sql"),
        ({"tool": "spark", "sql": "SELECT 1"}, "policy.transform.function"),
        ({"tool": "pandas", "function": "os:system", "sql": ""}, "policy.transform.sql"),
        ({"tool": "pandas", "function": "os.system"}, "policy.transform.function"),
        ({"tool": "bash", "sql": "SELECT 1"}, "policy.transform.tool"),
        ({"tool": "duckdb", "sql": "SELECT 1", "settings": {}}, "policy.transform"),
    ],
)
def test_a_transform_is_of_the_kind_that_its_tool_runs(
    transform: dict[str, Any], field: str
) -> None:
    with pytest.raises(FatalError) as raised:
        Policy.parse({"transform": transform})
    assert (raised.value.code, raised.value.details["field"]) == ("CONFIG_INVALID", field)
