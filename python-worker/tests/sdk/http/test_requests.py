"""What cannot be put into a request is refused before anything is sent."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential, CredentialSource, StaticCredential
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request, segment
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_site import FakeSite


def ask(site: FakeSite, path: str = "/thing", credentials: CredentialSource = LOGIN) -> Any:
    return HttpEndpoint(site.url, credentials, allow_private_networks=True).fetch_json(
        Request(path), Any
    )


@pytest.mark.parametrize(
    "token", ["t\u00f6k\u20acn-12345678", "tok\ud800en12345", "x y\u2028abcdef", "line\r\nX: 1"]
)
def test_a_token_that_no_header_carries_is_an_auth_error(site: FakeSite, token: str) -> None:
    for held in (
        Credential("oauth2", {"accessToken": token}),
        Credential("header", {"name": token, "value": "x"}),
    ):
        with pytest.raises(FatalError) as refused:
            ask(site, credentials=StaticCredential(held))
        assert refused.value.code == "AUTH_ERROR" and not site.requests


def test_a_password_beyond_ascii_is_sent_as_utf_8(site: FakeSite) -> None:
    held = Credential("basic", {"email": "\u00e4nn@example.com", "apiToken": "s\u20accret-canary"})
    got = ask(site, credentials=StaticCredential(held))
    assert (
        base64.b64decode(got["auth"].removeprefix("Basic ")).decode()
        == "\u00e4nn@example.com:s\u20accret-canary"
    )
    broken = Credential("basic", {"email": "a\ud800", "apiToken": "\ud800secret-canary"})
    assert ask(site, credentials=StaticCredential(broken))["auth"]


@pytest.mark.parametrize(
    "page",
    ["@evil.example/x", "evil.example", "http:/evil.example", "https://[x/", "\\\\evil\\x", ""],
)
def test_a_next_page_without_a_place_on_the_site_is_refused(site: FakeSite, page: str) -> None:
    with pytest.raises(FatalError) as refused:
        ask(site, page)
    assert refused.value.code == "UNEXPECTED_RESPONSE" and not site.requests


def test_a_path_segment_cannot_climb() -> None:
    assert segment("../../x?y") == "%2E%2E%2F%2E%2E%2Fx%3Fy"
