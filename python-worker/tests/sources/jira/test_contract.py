"""The Jira connector keeps the contract of sources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.contract_source import SourceContract
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import FakeJira


class TestJiraSource(SourceContract):
    units = ("jira.projects", "jira.issues", "jira.users", "jira.comments", "jira.worklogs")
    incremental = ("jira.issues", "jira.comments", "jira.worklogs")
    planned = ("jira.changelog",)

    @pytest.fixture
    def site(self) -> Iterator[FakeJira]:
        with FakeJira() as site:
            yield site

    @pytest.fixture
    def source(self, site: FakeJira) -> Iterator[JiraEndpoint]:
        source = JiraEndpoint({"baseUrl": site.url}, LOGIN, allow_private_networks=True)
        yield source
        source.close()

    @pytest.fixture
    def truth(self, site: FakeJira) -> dict[str, dict[str, str]]:
        return site.truth()
