"""The Jira connector: a configured site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.auth import CredentialSource
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import PROBE_LIMITS, HttpLimits, Request
from inlet_sdk.http.retry import Clock
from inlet_sdk.ports.described_endpoint import EndpointDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import CollectedCatalog, Row
from inlet_sdk.ports.source_identity import System
from inlet_sdk.units.endpoint import UnitsEndpoint
from inlet_sdk.units.policy import GroupFilter, check
from inlet_sdk.units.unit import Units
from inlet_worker.sources.jira.descriptor import CONFIG_SCHEMA, DESCRIPTOR, GATEWAY
from inlet_worker.sources.jira.identity import JiraIdentity
from inlet_worker.sources.jira.login import login_refused
from inlet_worker.sources.jira.metadata import API_SURFACE, DICTIONARIES, JiraMetadataSubsystem
from inlet_worker.sources.jira.policy import BY_PROJECT
from inlet_worker.sources.jira.scope import API
from inlet_worker.sources.jira.units import UNITS


class JiraEndpoint(UnitsEndpoint):
    """Raises FatalError `CONFIG_INVALID` for a config off its schema."""

    descriptor: ClassVar[EndpointDescriptor] = DESCRIPTOR
    units: ClassVar[Units] = UNITS
    group_filter: ClassVar[GroupFilter] = BY_PROJECT

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
        base_url = str(config["baseUrl"]).rstrip("/")
        gateway = str(config.get("gatewayUrl", GATEWAY)).rstrip("/")
        cloud_id: str | None = config.get("cloudId")

        super().__init__(
            f"{gateway}/ex/jira/{cloud_id}" if cloud_id else base_url,
            credentials,
            allow_private_networks=allow_private_networks,
            field="gatewayUrl" if cloud_id else "baseUrl",
            limits=limits,
            clock=clock,
            budget=budget,
        )
        self.groups = BY_PROJECT.of(config)

        def open_at(root: str) -> HttpEndpoint:
            return HttpEndpoint(
                root,
                credentials,
                allow_private_networks=allow_private_networks,
                limits=PROBE_LIMITS,
                clock=clock,
                budget=budget,
            )

        self.identity = JiraIdentity(
            self,
            cloud_id,
            base_url,
            open_at=open_at,
            gateway=gateway,
            is_oauth=lambda: credentials.read().type == "oauth2",
        )
        self.metadata = JiraMetadataSubsystem(self, base_url, self.identity, DESCRIPTOR.resources)

    def close(self) -> None:
        self.identity.close()
        super().close()

    def system(self, known: System, context: IngestionContext | None = None) -> System:
        return self.identity.system(known, context)

    def login_refused(self, answer: HttpAnswer) -> str | None:
        return login_refused(answer)

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

    def preview(self, dataset: str, limit: int) -> Sequence[Row]:
        """The first rows as they would land, or the values of a dictionary."""
        if dataset in DICTIONARIES:
            return self.metadata.dictionary(dataset).entries[:limit]
        if dataset == API_SURFACE:
            return self.metadata.api_surface().entries[:limit]
        return super().preview(dataset, limit)
