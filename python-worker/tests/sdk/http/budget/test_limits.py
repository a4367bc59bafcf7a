"""Limits and levels, as `core/effective-limits.ts` and `core/budget-level.ts` show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from inlet_sdk.http.budget.bucket import FULL_PACE, MICRO, refilled, used_since
from inlet_sdk.http.budget.limits import RATE_LIMIT_SCHEMA, effective_limits
from inlet_worker.contracts.models import ConnectorRateLimit
from inlet_worker.host.table_bucket import bucket_of
from inlet_worker.sources.jira.descriptor import RATE_LIMIT

VECTORS = json.loads(
    (Path(__file__).parents[5] / "schemas/examples/budget/vectors.json").read_text()
)


@pytest.mark.parametrize("vector", VECTORS["limits"])
def test_the_endpoint_wins_over_the_connector_over_the_environment(vector: Any) -> None:
    limits = effective_limits(
        vector["environment"], vector["connector"], vector["config"].get("rateLimit")
    )
    told = vector["effective"]
    assert limits.requests_per_second == told["requestsPerSecond"][0]
    assert limits.burst == told["burst"][0]
    assert limits.reserved_share == told["reservedShare"][0]
    assert limits.reserved == vector["reserved"]


@pytest.mark.parametrize("vector", VECTORS["levels"])
def test_a_bucket_shows_the_same_on_both_sides(vector: Any) -> None:
    now = vector["now"]
    bucket = refilled(bucket_of(vector["bucket"]), effective_limits(vector["limits"]), now)
    assert bucket.tokens // MICRO == vector["tokens"]
    assert bucket.pace / FULL_PACE == vector["pace"]
    assert (bucket.hold is not None) == vector["held"]
    assert len(bucket.leases) == vector["leases"]
    assert list(used_since(bucket, now)) == vector["used"]


def test_the_schema_of_an_endpoints_limit_is_the_contracts() -> None:
    told = {field.alias or name for name, field in ConnectorRateLimit.model_fields.items()}
    assert set(RATE_LIMIT_SCHEMA["properties"]) == told - {"pointsFor"}
    jsonschema.validate(
        {name: RATE_LIMIT[name] for name in RATE_LIMIT if name != "pointsFor"}, RATE_LIMIT_SCHEMA
    )
    ConnectorRateLimit.model_validate(RATE_LIMIT)


def test_jiras_flow_and_burst_stay_within_the_hundred_reads_a_second_that_it_publishes() -> None:
    assert RATE_LIMIT["requestsPerSecond"] + RATE_LIMIT["burst"] <= 100
