from __future__ import annotations

import pytest

from inlet_sdk.errors import FatalError
from inlet_worker.config import RunSettings, parse_temporal_secret, read_settings

from .settings import ENVIRONMENT, settings_with


def test_the_environment_is_read_with_its_defaults() -> None:
    settings = settings_with(INLET_ENVIRONMENT="prod", INLET_ALLOW_PRIVATE_NETWORKS="")
    assert (settings.max_activities, settings.max_probes, settings.run_memory_bytes) == (
        4,
        4,
        1536 * 2**20,
    )
    assert not settings.allow_private_networks
    assert settings_with().max_activities == 3


@pytest.mark.parametrize(
    "name", [name for name in ENVIRONMENT if name != "INLET_ALLOW_PRIVATE_NETWORKS"]
)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(FatalError, match=name) as refused:
        read_settings({other: value for other, value in ENVIRONMENT.items() if other != name})
    assert refused.value.code == "CONFIG_INVALID"


def test_a_wrong_value_is_named_and_not_shown() -> None:
    with pytest.raises(FatalError, match="INLET_LAKE_CATALOG") as refused:
        settings_with(INLET_LAKE_CATALOG="canary-{", INLET_MAX_ACTIVITIES="many")
    assert "INLET_MAX_ACTIVITIES" in refused.value.message and "canary" not in refused.value.message


def test_the_key_is_not_part_of_what_settings_show() -> None:
    assert "AAECAwQF" not in repr(settings_with())


def test_temporal_is_reached_with_a_key_a_certificate_or_neither() -> None:
    plain = parse_temporal_secret('{"address": "h:7233", "namespace": "n"}')
    assert (plain.address, plain.namespace, plain.api_key) == ("h:7233", "n", None)
    assert (
        parse_temporal_secret('{"address": "h:1", "namespace": "n", "apiKey": "canary"}').api_key
        == "canary"
    )
    both = parse_temporal_secret('{"address": "h:1", "namespace": "n", "cert": "C", "key": "K"}')
    assert (both.certificate, both.private_key) == (b"C", b"K")
    assert "b'K'" not in repr(both)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"address": "h:1"}', "null"])
def test_a_temporal_secret_of_another_form_names_its_variable(text: str) -> None:
    with pytest.raises(FatalError, match="INLET_TEMPORAL_SECRET"):
        parse_temporal_secret(text)


def test_a_run_is_told_the_networks_of_its_tenants_sinks_and_of_nobody_elses() -> None:
    named = (
        '[{"tenantId": "acme", "cidr": "10.20.30.0/24", "ports": [5432, 443]},'
        ' {"tenantId": "other", "cidr": "10.20.31.0/24", "ports": [443]}]'
    )
    settings = read_settings({**ENVIRONMENT, "INLET_SINK_NETWORKS": named})
    assert settings.of_a_run(None).sink_networks == settings.of_a_run("third").sink_networks == ()
    told = settings.of_a_run("acme")
    sent = RunSettings.model_validate_json(told.model_dump_json(by_alias=True))
    assert sent == told
    assert [(one.tenant_id, str(one.cidr), one.ports) for one in sent.sink_networks] == [
        ("acme", "10.20.30.0/24", (5432, 443))
    ]
