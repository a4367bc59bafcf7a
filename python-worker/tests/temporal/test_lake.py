from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.contracts.models import SinkRef
from inlet_worker.errors import FatalError
from inlet_worker.temporal.lake import lake_config, namespace_of

from .plans import a_sink
from .settings import settings_with

GLUE = settings_with(
    INLET_ENVIRONMENT="prod",
    INLET_LAKE_CATALOG='{"type": "glue", "warehouse": "s3://lake/lake", "glue.region": "eu-central-1"}',
    INLET_ALLOW_PRIVATE_NETWORKS="false",
)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,40}", fullmatch=True)


def sink(**changes: Any) -> SinkRef:
    return SinkRef.model_validate(a_sink(**changes))


def test_an_empty_config_is_the_tenants_part_of_the_lake() -> None:
    config = lake_config(sink(), "acme", GLUE)
    assert (config["catalog"], config["warehouse"]) == ("glue", "s3://lake/lake/acme")
    assert config["properties"]["glue.region"] == "eu-central-1"
    assert lake_config(sink(type="files.parquet"), "acme", GLUE)["location"] == "s3://lake/files/acme"


def test_a_local_lake_has_a_catalogue_for_each_tenant() -> None:
    config = lake_config(sink(), "acme", settings_with())
    assert config["uri"] == "sqlite:////nowhere/acme.db"
    shared = settings_with(INLET_LAKE_CATALOG='{"type": "sql", "uri": "sqlite:////one.db"}')
    with pytest.raises(FatalError, match="tenantId"):
        lake_config(sink(), "acme", shared)


@given(tenants=st.lists(IDS, min_size=2, max_size=2, unique=True))
def test_two_tenants_never_share_a_database_of_glue(tenants: list[str]) -> None:
    first, second = (namespace_of("jira", sink(), tenant, GLUE) for tenant in tenants)
    assert first != second and first.startswith("inlet_prod_")


def test_a_customers_own_lake_keeps_the_endpoints_name() -> None:
    own = sink(config={"catalog": "glue", "warehouse": "s3://theirs/x"})
    assert lake_config(own, "acme", GLUE) == own.config
    assert namespace_of("jira", own, "acme", GLUE) == "jira"


@pytest.mark.parametrize(
    "config",
    [
        {"catalog": "glue", "warehouse": "s3://lake/lake/other"},
        {"catalog": "glue", "warehouse": "s3://staging/x"},
        {"catalog": "glue", "warehouse": "file:///etc"},
        {"catalog": "sql", "uri": "sqlite:////other.db", "warehouse": "s3://theirs/x"},
        {"location": "file:///etc"},
    ],
)
def test_a_config_that_points_into_the_platform_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(FatalError, match="bucket of yours"):
        lake_config(sink(config=config), "acme", GLUE)
