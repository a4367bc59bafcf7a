"""An endpoint on a fake site, by a clock that only waits move."""

from __future__ import annotations

from inlet_sdk.http.auth import CredentialSource
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import HttpLimits
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import FakeSite


def an_endpoint(
    site: FakeSite,
    time: FakeClock,
    credentials: CredentialSource = LOGIN,
    limits: HttpLimits | None = None,
) -> HttpEndpoint:
    return HttpEndpoint(
        site.url, credentials, allow_private_networks=True, clock=time.clock(), limits=limits
    )
