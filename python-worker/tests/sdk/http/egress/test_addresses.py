"""What may be connected to, judged by looking at it: the same vectors as
`core/egress-guard.test.ts`.
"""

from __future__ import annotations

import json
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.http.egress.addresses import may_connect, may_connect_to, parse_address
from inlet_sdk.http.egress.config_addresses import config_addresses
from sdk.http.egress.vectors import ALWAYS_REFUSED, EXAMPLES, LEGAL, LOCAL, REFUSED_IN_AWS, VECTORS


def test_600_spellings_of_what_is_inside_are_known_and_50_of_what_is_public() -> None:
    assert len(REFUSED_IN_AWS) >= 600
    assert len(LEGAL) >= 50


@pytest.mark.parametrize("kind", VECTORS["refused"])
@pytest.mark.parametrize("local", [False, True])
def test_what_is_inside_or_malformed_is_refused_in_every_environment(
    kind: str, local: bool
) -> None:
    taken = [
        url for url in VECTORS["refused"][kind] if parse_address(url, allow_private_networks=local)
    ]
    assert taken == []


@pytest.mark.parametrize("kind", VECTORS["local"])
def test_private_networks_are_open_on_one_machine_and_nowhere_else(kind: str) -> None:
    assert [
        url for url in VECTORS["local"][kind] if parse_address(url, allow_private_networks=False)
    ] == []
    assert [
        url for url in VECTORS["local"][kind] if not parse_address(url, allow_private_networks=True)
    ] == []


@pytest.mark.parametrize("url", LEGAL)
def test_public_addresses_are_taken_in_every_environment(url: str) -> None:
    for local in (False, True):
        address = parse_address(url, allow_private_networks=local)
        assert address is not None
        assert address.url.lower().startswith("https://")
        assert parse_address(address.url, allow_private_networks=local) == address


def test_what_a_resolver_answers_is_judged() -> None:
    resolved = VECTORS["resolved"]
    assert [ip for ip in resolved["inside"] if may_connect(ip, allow_private_networks=False)] == []
    assert [
        ip for ip in resolved["public"] if not may_connect(ip, allow_private_networks=False)
    ] == []


@pytest.mark.parametrize(
    "given_", [None, 5, True, b"https://acme.example", ["https://acme.example"], {}]
)
def test_what_is_no_text_is_no_address(given_: object) -> None:
    assert parse_address(given_, allow_private_networks=True) is None


@given(
    st.text(max_size=80),
    st.sampled_from(["", "https://", "https://[", "http://127.0.0.1"]),
    st.booleans(),
)
def test_no_text_breaks_the_judge(text: str, before: str, local: bool) -> None:
    address = parse_address(before + text, allow_private_networks=local)
    assert address is None or (before + text).isascii()


@given(
    st.sampled_from([*LEGAL, *REFUSED_IN_AWS]),
    st.integers(0, 40),
    st.integers(0, 2),
    st.sampled_from("0x.:/[]%@?#\\- \t\n\x00\u3002\uff11a1"),
)
def test_what_is_taken_reads_the_same_to_another_parser(
    url: str, at: int, cut: int, added: str
) -> None:
    changed = url[:at] + added + url[at + cut :]
    address = parse_address(changed, allow_private_networks=False)
    if address is not None:
        parts = urlsplit(changed)
        assert (parts.scheme, parts.hostname, parts.port or 443) == (
            address.scheme,
            address.host,
            address.port,
        )
        assert (parts.username, parts.query, parts.fragment) == (None, "", "")


def test_the_longest_nonsense_is_judged_at_once() -> None:
    started = time.monotonic()
    for text in ("a.", "[", "1:", "a-", "%"):
        parse_address("https://" + text * 500_000, allow_private_networks=False)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "case", json.loads((EXAMPLES / "config-addresses.json").read_text()), ids=lambda c: c["finds"]
)
def test_a_schema_says_which_values_are_addresses(case: dict[str, object]) -> None:
    found = config_addresses(case["schema"], case["config"])  # type: ignore[arg-type]
    assert {path: value for path, (value, _) in found.items()} == case["addresses"]


HOSTS = json.loads((EXAMPLES / "hosts.json").read_text())


@pytest.mark.parametrize(
    ("kind", "in_aws", "locally"),
    [("legal", True, True), ("local", False, True), ("refused", False, False)],
)
def test_a_host_by_itself_is_judged_as_that_of_a_url(
    kind: str, in_aws: bool, locally: bool
) -> None:
    for host in HOSTS[kind]:
        assert may_connect_to(host, allow_private_networks=False) is in_aws, host
        assert may_connect_to(host, allow_private_networks=True) is locally, host


def test_the_kind_of_an_address_is_told() -> None:
    schema = {"properties": {"host": {"x-address": "host"}, "url": {"x-address": "url"}}}
    found = config_addresses(schema, {"host": "a", "url": "b"})
    assert found == {"host": ("a", "host"), "url": ("b", "url")}


def test_local_and_refused_kinds_do_not_overlap() -> None:
    assert not set(LOCAL) & set(ALWAYS_REFUSED)
    assert not set(LEGAL) & set(REFUSED_IN_AWS)
