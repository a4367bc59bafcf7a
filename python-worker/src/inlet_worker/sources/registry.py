"""Every source by name. A new source is a folder beside `jira/` and one line here."""

from __future__ import annotations

from inlet_worker.sources.jira.endpoint import JiraEndpoint

SOURCES = {JiraEndpoint.descriptor.name: JiraEndpoint}
