from __future__ import annotations

from collections.abc import Iterator

import pytest

from inlet_sdk.testing.contexts import LOGIN
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from ..deleting_jira import DeletingJira


@pytest.fixture
def site() -> Iterator[DeletingJira]:
    with DeletingJira() as site:
        yield site


@pytest.fixture
def jira(site: DeletingJira) -> Iterator[JiraEndpoint]:
    source = JiraEndpoint({"baseUrl": site.url}, LOGIN, allow_private_networks=True)
    yield source
    source.close()
