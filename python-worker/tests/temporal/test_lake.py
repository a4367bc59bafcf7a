from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential
from inlet_worker.contracts.models import SinkRef
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.sinks.registry import SINKS, sink_type
from inlet_worker.sinks.sink_type import SinkAccess
from inlet_worker.temporal.lake import lake_config, namespace_of, sink_guard

from .plans import a_sink
from .settings import settings_with

LOGIN = Credential("database_login", {"user": "inlet", "password": "of a test"})

OURS = {"INLET_LAKE_BUCKET": "our-lake", "INLET_STAGING_BUCKET": "our-staging"}
GLUE = settings_with(
    INLET_ENVIRONMENT="prod",
    INLET_LAKE_CATALOG=(
        '{"type": "glue", "warehouse": "s3://our-lake/lake", "glue.region": "eu-central-1"}'
    ),
    INLET_ALLOW_PRIVATE_NETWORKS="false",
    **OURS,
)
LOCAL = settings_with(**OURS)
KEYS = AwsKeys("AKIAEXAMPLE", "secret", "token")
EXAMPLES = Path(__file__).parents[3] / "schemas/examples"
CONFIGS = json.loads((EXAMPLES / "sink-config/vectors.json").read_text())["configs"]
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,40}", fullmatch=True)


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")


def sink(**changes: Any) -> SinkRef:
    return SinkRef.model_validate(a_sink(**changes))


def test_an_empty_config_is_the_tenants_part_of_the_lake() -> None:
    assert lake_config(sink(), "acme", GLUE) == {
        "catalog": "glue",
        "warehouse": "s3://our-lake/lake/acme",
        "region": "eu-central-1",
    }
    assert (
        lake_config(sink(type="files.parquet"), "acme", GLUE)["location"]
        == "s3://our-lake/files/acme"
    )


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
    own = sink(config={"catalog": "glue", "warehouse": "s3://theirs/x", "region": "us-east-2"})
    assert lake_config(own, "acme", GLUE) == {**own.config, "needsKeys": True}
    assert namespace_of("jira", own, "acme", GLUE) == "jira"


@pytest.mark.parametrize(
    "case", CONFIGS, ids=[f"{case['type']}: {case['why']}" for case in CONFIGS]
)
def test_a_config_is_refused_before_a_library_sees_it_as_the_api_refuses_it(
    case: dict[str, Any],
) -> None:
    settings = LOCAL if case["local"] else GLUE
    try:
        place = lake_config(sink(type=case["type"], config=case["config"]), "acme", settings)
        login = LOGIN if case["type"] == "jdbc" else None
        access = SinkAccess(sink_guard("acme", settings), keys=KEYS, credential=login)
        sink_type(case["type"]).open(place, access)
    except FatalError as error:
        assert (error.code, bool(case["fields"])) == ("CONFIG_INVALID", True)
        assert str(error.details["field"]).startswith("config")
    else:
        assert not case["fields"]


@pytest.mark.parametrize("name", sorted(set(SINKS) - {"cdm"}))  # cdm opens with its inner sink
def test_the_config_that_the_manifest_prints_opens(name: str) -> None:
    sample = SINKS[name].descriptor.sample_config
    login = LOGIN if name == "jdbc" else None
    access = SinkAccess(sink_guard("acme", GLUE), keys=KEYS, credential=login)
    SINKS[name].open(lake_config(sink(type=name, config=sample), "acme", GLUE), access)


@pytest.mark.parametrize("name", sorted(n for n in SINKS if SINKS[n].is_in_aws))
def test_a_place_of_the_tenants_own_is_never_asked_as_ourselves(name: str) -> None:
    sample = SINKS[name].descriptor.sample_config
    place = lake_config(sink(type=name, config=sample), "acme", GLUE)
    with pytest.raises(FatalError) as raised:
        SINKS[name].open(place, SinkAccess(sink_guard("acme", GLUE)))
    assert raised.value.details == {"field": "credentials"}


@pytest.mark.parametrize("name", sorted(SINKS))
@pytest.mark.parametrize(
    "more", [{"properties": {"py-io-impl": "subprocess.Popen"}}, {"s3.endpoint": "http://x"}]
)
def test_a_sink_itself_has_no_key_for_what_a_library_would_read(
    name: str, more: dict[str, Any]
) -> None:
    sample = SINKS[name].descriptor.sample_config
    place = lake_config(sink(type=name, config=sample), "acme", GLUE)
    with pytest.raises(FatalError, match=r"config\."):
        SINKS[name].open({**place, **more}, SinkAccess(sink_guard("acme", GLUE), keys=KEYS))


@pytest.mark.parametrize("name", sorted(n for n in SINKS if not SINKS[n].in_lake))
def test_a_sink_without_a_part_of_the_lake_needs_a_config(name: str) -> None:
    with pytest.raises(FatalError) as raised:
        lake_config(sink(type=name), "acme", GLUE)
    assert raised.value.code == "CONFIG_INVALID"


@pytest.mark.parametrize(
    "address",
    [
        "http://s3.example",
        "https://127.0.0.1",
        "https://169.254.169.254/latest",
        "https://[::1]:9000",
        "https://s3.example:22",
        "https://u:p@1.1.1.1",
        "https://localhost",
        "//1.1.1.1",
        "s3.example",
        "file:///etc",
    ],
)
def test_an_address_passes_the_egress_guard_before_the_sink_is_opened(address: str) -> None:
    config = {"location": "s3://theirs/x", "endpointUrl": address}
    with pytest.raises(FatalError) as raised:
        lake_config(sink(type="files.parquet", config=config), "acme", GLUE)
    assert raised.value.details == {"field": "config.endpointUrl"}


NETWORKS = '[{"tenantId": "acme", "cidr": "10.20.30.0/24", "ports": [443]}, ' + (
    '{"tenantId": "other", "cidr": "10.20.31.0/24", "ports": [443]}]'
)


@pytest.mark.parametrize(
    ("tenant", "leads_to", "opens"),
    [
        ("acme", "10.20.30.7", True),
        ("acme", "10.20.31.7", False),
        ("acme", "10.0.0.7", False),
        ("acme", "169.254.169.254", False),
        ("acme", "::ffff:10.20.30.7", False),
        ("other", "10.20.30.7", False),
    ],
)
def test_a_private_network_is_open_to_the_sinks_of_the_tenant_that_an_environment_names(
    monkeypatch: pytest.MonkeyPatch, tenant: str, leads_to: str, opens: bool
) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (leads_to, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    settings = GLUE.model_copy(
        update={"sink_networks": settings_with(INLET_SINK_NETWORKS=NETWORKS).sink_networks}
    )
    own = sink(
        type="files.parquet",
        config={"location": "s3://theirs/x", "endpointUrl": "https://s3.theirs.example"},
    )
    if opens:
        assert lake_config(own, tenant, settings)["proxyUrl"]
        return
    with pytest.raises(FatalError) as refused:
        lake_config(own, tenant, settings)
    assert refused.value.details == {"field": "config.endpointUrl"}


def test_a_private_address_is_not_named_by_its_number_even_there() -> None:
    settings = GLUE.model_copy(
        update={"sink_networks": settings_with(INLET_SINK_NETWORKS=NETWORKS).sink_networks}
    )
    own = sink(
        type="files.parquet",
        config={"location": "s3://theirs/x", "endpointUrl": "https://10.20.30.7"},
    )
    with pytest.raises(FatalError, match="public host"):
        lake_config(own, "acme", settings)


@pytest.mark.parametrize(
    ("address", "proxied"), [("https://127.0.0.1:9000", True), ("http://127.0.0.1:9000", False)]
)
def test_on_one_machine_https_goes_through_the_proxy_too(address: str, proxied: bool) -> None:
    own = sink(type="files.parquet", config={"location": "s3://theirs/x", "endpointUrl": address})
    assert ("proxyUrl" in lake_config(own, "acme", settings_with())) is proxied
