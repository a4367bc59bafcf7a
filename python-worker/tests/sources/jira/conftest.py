from __future__ import annotations

from collections.abc import Iterator

import pytest

from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import FakeJira


@pytest.fixture
def site() -> Iterator[FakeJira]:
    with FakeJira() as site:
        yield site


@pytest.fixture
def time() -> FakeClock:
    return FakeClock()


@pytest.fixture
def jira(site: FakeJira, time: FakeClock) -> Iterator[JiraEndpoint]:
    source = JiraEndpoint(
        {"baseUrl": site.url}, LOGIN, allow_private_networks=True, clock=time.clock()
    )
    yield source
    source.close()
