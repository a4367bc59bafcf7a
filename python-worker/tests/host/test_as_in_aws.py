"""The data plane as in AWS (no private networks): each address in each field of each source and
sink that has one. Of those that lead inside none is looked up or connected to, and all are refused
in the same words; public ones work.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from host.tls_site import PUBLIC, Network, public_network
from inlet_sdk.contracts import names
from inlet_sdk.errors import FatalError, IngestError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.egress.addresses import parse_address
from inlet_sdk.http.egress.config_addresses import KEYWORD
from inlet_worker.contracts.models import SinkRef, SourceRef
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.sinks.registry import SINKS
from inlet_worker.sinks.sink_type import SinkAccess
from inlet_worker.sources.registry import SOURCES
from inlet_worker.temporal import endpoints
from inlet_worker.temporal.lake import sink_guard
from inlet_worker.temporal.work import Work
from sdk.http.egress.vectors import EXAMPLES, LEGAL, REFUSED_IN_AWS
from temporal.settings import settings_with

AS_IN_AWS = settings_with(
    INLET_ENVIRONMENT="prod",
    INLET_ALLOW_PRIVATE_NETWORKS="false",
    INLET_LAKE_CATALOG='{"type": "glue", "warehouse": "s3://lake/lake", '
    '"glue.region": "eu-central-1"}',
)
LOGIN = StaticCredential(Credential("basic", {"email": "a@b.example", "apiToken": "t"}))
NEEDED_BESIDE = {"gatewayUrl": {"cloudId": "11223344-a123-b456-c789-1a2b3c4d5e6f"}}
"""What makes a source use the field."""


def marked(schema: dict[str, Any], kind: str = "url") -> list[str]:
    """Fields that are addresses of a kind; a config of ours nests none."""
    return [
        name
        for name, one in schema["properties"].items()
        if isinstance(one, dict) and one.get(KEYWORD) == kind
    ]


FIELDS = [
    *(
        (name, field)
        for name, source in SOURCES.items()
        for field in marked(source.descriptor.config_schema)
    ),
    *((name, field) for name in SINKS for field in marked(SINKS[name].descriptor.config_schema)),
]


HOST_FIELDS = [
    (name, field)
    for name in SINKS
    for field in marked(SINKS[name].descriptor.config_schema, "host")
]
HOSTS = json.loads((EXAMPLES / "hosts.json").read_text())


def access_of_a_test(_: SinkRef, tenant_id: str, work: Work) -> SinkAccess:
    keys = AwsKeys("AKIATEST", "secret-of-a-test")
    return SinkAccess(sink_guard(tenant_id, work.settings), keys=keys)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    hosts = {
        address.host
        for url in LEGAL
        if (address := parse_address(url, allow_private_networks=False))
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        public_network(hosts, tmp_path_factory.mktemp("tls")) as network,
    ):
        patch.setattr(endpoints, "_credential", lambda *_: LOGIN)
        patch.setattr(endpoints, "_budget", lambda *_: None)
        patch.setattr(endpoints, "sink_access", access_of_a_test)
        for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
            patch.delenv(variable, raising=False)
        yield network


def opener(connector: str, field: str) -> Callable[[str], dict[str, Any]]:
    """Opens the connector with an address in the field, and tests it as a probe does."""
    work = Work(AS_IN_AWS, datetime.now(UTC) + timedelta(minutes=1))

    def source(address: str) -> dict[str, Any]:
        config = {
            **SOURCES[connector].descriptor.sample_config,
            **NEEDED_BESIDE.get(field, {}),
            field: address,
        }
        given = {
            "endpointId": "e",
            "connector": connector,
            "slug": "s",
            "config": config,
            "authType": "basic",
        }
        reference = SourceRef.model_construct(**_snake(given), credential=None)
        opened = endpoints.open_source(reference, "acme", work, people=True)
        try:
            return opened.test()
        finally:
            opened.close()

    def sink(address: str) -> dict[str, Any]:
        config = {**SINKS[connector].descriptor.sample_config, field: address}
        reference = SinkRef.model_construct(
            sink_id="snk_1", type=connector, config=config, credential=None
        )
        return endpoints.open_sink(reference, "acme", work).test()

    return source if connector in SOURCES else sink


def _snake(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "".join(f"_{c.lower()}" if c.isupper() else c for c in name): value
        for name, value in given.items()
    }


def test_sources_and_sinks_have_such_fields() -> None:
    assert {name for name, _ in FIELDS} >= {"jira", "files.parquet"}


@pytest.mark.parametrize(("connector", "field"), FIELDS)
def test_what_leads_inside_is_refused_without_a_lookup_or_connection(
    network: Network, connector: str, field: str
) -> None:
    attempt = opener(connector, field)
    network.opened.clear()
    network.looked_up.clear()

    said = set()
    for address in REFUSED_IN_AWS:
        with pytest.raises(FatalError) as refused:
            attempt(address)
        said.add((refused.value.code, refused.value.message, str(refused.value.details)))

    assert len(REFUSED_IN_AWS) >= 600
    words = f"config.{field} {names.EGRESS_FAULT}. Correct it."
    assert said == {("CONFIG_INVALID", words, str({"field": f"config.{field}"}))}
    assert (network.opened, network.looked_up) == ([], [])


@pytest.mark.parametrize(("connector", "field"), FIELDS)
def test_nothing_that_listens_on_this_machine_is_reached(
    network: Network, connector: str, field: str
) -> None:
    """Whatever opens the socket: the libraries of sinks do it outside Python."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        port = canary.getsockname()[1]
        for host in (
            "127.0.0.1",
            "localhost",
            "[::1]",
            "2130706433",
            "0x7f.1",
            "[::ffff:127.0.0.1]",
            "0",
            "127.1",
        ):
            for scheme in ("https", "http"):
                with pytest.raises(FatalError):
                    opener(connector, field)(f"{scheme}://{host}:{port}")
        with pytest.raises(BlockingIOError):
            canary.accept()


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:{port}/x", "https://127.0.0.1:{port}/x", "https://inside.example/x"]
)
@pytest.mark.parametrize(("connector", "field"), FIELDS)
def test_a_redirect_leads_nowhere(network: Network, connector: str, field: str, to: str) -> None:
    network.opened.clear()
    network.looked_up.clear()
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        network.site.redirects_to = to.format(port=canary.getsockname()[1])
        try:
            with pytest.raises(IngestError):
                opener(connector, field)("https://jira.acme.example")
        finally:
            network.site.redirects_to = None
        with pytest.raises(BlockingIOError):
            canary.accept()
    # HDFS is the one that sends content on, to names that are judged where they lead.
    follows = {"inside.example"} if connector == "hdfs.parquet" else set()
    assert {"jira.acme.example"} <= set(network.looked_up) <= {"jira.acme.example", *follows}
    assert set(network.opened) == {(PUBLIC, 443)}


def reached_a_site(attempt: Callable[[str], dict[str, Any]], url: str) -> bool:
    """What answers here is no HDFS, which only an answer can tell."""
    try:
        return bool(attempt(url))
    except FatalError as refused:
        return "What answers at config.url is no WebHDFS" in refused.message


@pytest.mark.parametrize(("connector", "field"), FIELDS)
def test_public_addresses_work(network: Network, connector: str, field: str) -> None:
    attempt = opener(connector, field)
    # The client of S3 makes no TLS connection to an IPv6 address through a proxy: it takes the
    # brackets for the name.
    urls = LEGAL if connector in SOURCES else [url for url in LEGAL if "[" not in url]
    assert len(urls) >= 50
    for url in urls:
        network.opened.clear()
        assert reached_a_site(attempt, url)
        address = parse_address(url, allow_private_networks=False)
        assert address is not None
        reached = {ip for ip, _ in network.opened}
        assert reached in ({PUBLIC}, {address.host}), url
        assert {port for _, port in network.opened} == {443}


def leads_inside(_: Any, port: Any, *__: Any, **___: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", port))]


def access_by_login(_: SinkRef, tenant_id: str, work: Work) -> SinkAccess:
    login = Credential("database_login", {"user": "inlet", "password": "of a test"})
    return SinkAccess(sink_guard(tenant_id, work.settings), credential=login)


@pytest.mark.parametrize(("connector", "field"), HOST_FIELDS)
def test_a_host_that_leads_inside_is_refused_before_a_connection(
    network: Network, monkeypatch: pytest.MonkeyPatch, connector: str, field: str
) -> None:
    monkeypatch.setattr(endpoints, "sink_access", access_by_login)
    attempt = opener(connector, field)
    network.opened.clear()
    network.looked_up.clear()

    said = set()
    for host in (*HOSTS["refused"], *HOSTS["local"]):
        with pytest.raises(FatalError) as refused:
            attempt(host)
        said.add((refused.value.code, refused.value.message))
    assert network.looked_up == []

    # Of a name only the answer tells where it leads.
    monkeypatch.setattr(socket, "getaddrinfo", leads_inside)
    with pytest.raises(FatalError) as refused:
        attempt("inside.example")
    said.add((refused.value.code, refused.value.message))
    words = f"config.{field} {names.EGRESS_HOST_FAULT}. Correct it."
    assert said == {("CONFIG_INVALID", words)}
    assert network.opened == []
