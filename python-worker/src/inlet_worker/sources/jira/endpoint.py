"""The Jira connector: a configured site, and which file reads which unit of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, ClassVar, cast

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import CredentialSource
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.columns import ColumnReader
from inlet_sdk.http.endpoint import HttpEndpoint, HttpLimits, Request
from inlet_sdk.http.retry import Clock
from inlet_sdk.ports.census import CensusOrder, CensusReport, LandedRows
from inlet_sdk.ports.described_endpoint import (
    EndpointDescriptor,
    EndpointUnitDescriptor,
    FieldDescriptor,
)
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import (
    CollectedCatalog,
    QuarantinedRecord,
    Row,
    SourceBatch,
)
from inlet_worker.sources.jira.census.comments import comment_census
from inlet_worker.sources.jira.census.issues import issue_census
from inlet_worker.sources.jira.census.worklogs import worklog_census
from inlet_worker.sources.jira.comments import COMMENT_FIELDS, comment_batches
from inlet_worker.sources.jira.descriptor import CONFIG_SCHEMA, DESCRIPTOR, GATEWAY
from inlet_worker.sources.jira.entities import ENTITIES
from inlet_worker.sources.jira.fields import issue_columns
from inlet_worker.sources.jira.issue_slices import IssueSlice, changed_slices, full_slices
from inlet_worker.sources.jira.issues import ISSUE_FIELDS, issue_batches
from inlet_worker.sources.jira.metadata import API_SURFACE, DICTIONARIES, JiraMetadataSubsystem
from inlet_worker.sources.jira.policy import JiraPolicy, check, read_policy
from inlet_worker.sources.jira.projects import project_batches
from inlet_worker.sources.jira.reread import reread
from inlet_worker.sources.jira.scope import API
from inlet_worker.sources.jira.units import UNITS, units_of
from inlet_worker.sources.jira.users import user_batches
from inlet_worker.sources.jira.worklogs import worklog_batches

CENSUSES = {
    "jira.issues": issue_census,
    "jira.comments": comment_census,
    "jira.worklogs": worklog_census,
}
_UNITS = {unit.unit_id: unit for unit in UNITS}


class JiraEndpoint(HttpEndpoint):
    """A SourceEndpoint with SupportsIngestionUnits. Raises FatalError `CONFIG_INVALID` for a config
    off its schema.
    """

    descriptor: ClassVar[EndpointDescriptor] = DESCRIPTOR

    def __init__(
        self,
        config: Mapping[str, Any],
        credentials: CredentialSource,
        *,
        allow_private_networks: bool = False,
        limits: HttpLimits | None = None,
        clock: Clock | None = None,
        budget: VendorBudget | None = None,
    ) -> None:
        check(config, CONFIG_SCHEMA, "config")
        self._base_url = str(config["baseUrl"]).rstrip("/")
        self._cloud_id: str | None = config.get("cloudId")
        self._project_keys: list[str] | None = config.get("projectKeys")
        gateway = str(config.get("gatewayUrl", GATEWAY)).rstrip("/")
        root = f"{gateway}/ex/jira/{self._cloud_id}" if self._cloud_id else self._base_url
        super().__init__(
            root,
            credentials,
            allow_private_networks=allow_private_networks,
            field="gatewayUrl" if self._cloud_id else "baseUrl",
            limits=limits,
            clock=clock,
            budget=budget,
        )
        self.metadata = JiraMetadataSubsystem(
            self, self._base_url, self._cloud_id, DESCRIPTOR.resources
        )

    def test(self) -> dict[str, Any]:
        """Ask Jira who we are. Raises FatalError with the field to mend."""
        me = self.fetch_json(Request(f"{API}/myself"), dict[str, Any])
        server = self.fetch_json(Request(f"{API}/serverInfo"), dict[str, Any])
        if not me.get("accountId"):
            raise FatalError(
                "UNEXPECTED_RESPONSE",
                "The site does not answer as Jira Cloud. Check baseUrl.",
                details={"field": "baseUrl"},
            )
        return {
            "account": me.get("displayName"),
            "accountId": me["accountId"],
            "timeZone": me.get("timeZone"),
            "site": server.get("serverTitle"),
            "baseUrl": server.get("baseUrl"),
        }

    def collect(self) -> CollectedCatalog:
        return self.metadata.collect()

    def list_units(self, catalog: Sequence[str]) -> Sequence[EndpointUnitDescriptor]:
        return units_of(catalog)

    def preview(self, dataset: str, limit: int) -> Sequence[Row]:
        """The first rows as they would land, or the values of a dictionary."""
        if dataset in DICTIONARIES:
            return self.metadata.dictionary(dataset).entries[:limit]
        if dataset == API_SURFACE:
            return self.metadata.api_surface().entries[:limit]
        context = IngestionContext(
            tenant_id="", run_id="preview", endpoint_id="", endpoint_slug="", unit_id=dataset, dataset=dataset,
            mode="FULL", epoch=0,
        )  # fmt: skip
        batches = self.read_full(dataset, {}, context)
        rows = (row for batch in batches for row in cast("Sequence[Row]", batch.rows))
        return list(islice(rows, limit))

    def read_full(
        self, unit_id: str, policy: dict[str, Any], context: IngestionContext
    ) -> Iterator[SourceBatch]:
        rules = self._rules(unit_id, policy)
        match unit_id:
            case "jira.issues":
                return self._issues(full_slices(self, ISSUE_FIELDS, rules, context), context)
            case "jira.comments":
                return comment_batches(
                    full_slices(self, COMMENT_FIELDS, rules, context), self, context
                )
            case "jira.worklogs":
                return worklog_batches(self, None, rules, context)
            case "jira.users":
                return user_batches(self, context)
            case _:
                return project_batches(self, rules, context)

    def read_incremental(
        self,
        unit_id: str,
        checkpoint: dict[str, Any] | None,
        policy: dict[str, Any],
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        rules = self._rules(unit_id, policy)
        cursor = (checkpoint or {}).get("cursor")
        match unit_id:
            case "jira.issues":
                return self._issues(
                    changed_slices(self, ISSUE_FIELDS, cursor, rules, context), context
                )
            case "jira.comments":
                slices = changed_slices(self, COMMENT_FIELDS, cursor, rules, context)
                return comment_batches(
                    slices, self, context, lists=cursor is not None and rules.deletes
                )
            case "jira.worklogs":
                return worklog_batches(self, cursor, rules, context)
        raise FatalError(
            "CONFIG_INVALID",
            f"The unit {unit_id} has no cursor. Set its mode to FULL.",
            details={"field": "mode"},
        )

    def reread(
        self, unit_id: str, record: QuarantinedRecord, fields: Sequence[FieldDescriptor]
    ) -> Row:
        return reread(unit_id, record, fields)

    def entity_map(self, unit_id: str) -> EntityMap | None:
        return ENTITIES.get(unit_id)

    def has_census(self, unit_id: str) -> bool:
        return unit_id in CENSUSES

    def census(
        self,
        unit_id: str,
        policy: dict[str, Any],
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        return CENSUSES[unit_id](self, self._rules(unit_id, policy), order, landed, context)

    def _issues(
        self, slices: Iterator[IssueSlice], context: IngestionContext
    ) -> Iterator[SourceBatch]:
        yield from issue_batches(slices, ColumnReader(issue_columns(self, context)), context)

    def _rules(self, unit_id: str, policy: dict[str, Any]) -> JiraPolicy:
        """The unit's policy within the endpoint's projects."""
        unit = _UNITS.get(unit_id)
        if unit is None:
            raise FatalError(
                "UNIT_UNKNOWN", f"Jira has no unit {unit_id}. Use one of {', '.join(_UNITS)}."
            )
        rules = read_policy(policy, unit.policy_schema)
        allowed = self._project_keys
        if allowed is None:
            return rules
        outside = [key for key in rules.project_keys or () if key not in allowed]
        if outside:
            raise FatalError(
                "CONFIG_INVALID",
                f"The policy filters on projects outside the endpoint's projectKeys: {', '.join(outside)}. Drop them.",
                details={"field": "policy.filters.projectKeys"},
            )
        return replace(rules, project_keys=rules.project_keys or tuple(allowed))
