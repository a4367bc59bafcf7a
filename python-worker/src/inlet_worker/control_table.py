"""What the data plane writes of a run while it works: live figures and the slice about to be committed. Every write
holds only while the run is active under our epoch, so that an ended or replaced run writes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from inlet_worker.context import Progress
from inlet_worker.contracts import names
from inlet_worker.contracts.models import PendingSlice, RunProgress
from inlet_worker.errors import FencedError, IngestError, RetryableError

ACTIVE = "epoch = :epoch AND #status IN (:running, :waiting)"


@dataclass(frozen=True)
class RunItem:
    """One run's item of the control table. `client` is a boto3 DynamoDB client. Raises FencedError when the run has
    ended or another epoch owns it, RetryableError when the table does not answer."""

    client: Any
    table: str
    tenant_id: str
    run_id: str
    epoch: int

    def save_progress(self, progress: Progress, slice_: int, now: datetime | None = None) -> None:
        live = RunProgress(
            rows=progress.rows,
            pages=progress.pages,
            bytes=progress.bytes,
            requests=progress.requests,
            waited_ms=progress.waited_ms,
            slice=slice_,
            updated_at=now or datetime.now(UTC),
        )
        self._set("progress", live.model_dump(mode="json", by_alias=True))

    def save_pending(self, pending: dict[str, Any]) -> None:
        """`pending` is a PendingSlice in its wire form."""
        self._set("pendingSlice", PendingSlice.model_validate(pending).model_dump(mode="json", by_alias=True))

    def load_pending(self) -> dict[str, Any] | None:
        """The pending slice in its wire form; None when nothing is left to settle or the run is unknown."""
        try:
            found = self.client.get_item(
                TableName=self.table, Key=self._key(), ConsistentRead=True, ProjectionExpression="pendingSlice"
            )
        except (ClientError, BotoCoreError) as e:
            raise _unanswered(e) from None
        stored = found.get("Item", {}).get("pendingSlice")
        pending = None if stored is None else TypeDeserializer().deserialize(stored)
        return None if pending is None else _plain(pending)

    def _set(self, name: str, value: dict[str, Any]) -> None:
        given = {":value": _storable(value), ":epoch": self.epoch, ":running": "RUNNING", ":waiting": "WAITING"}
        try:
            self.client.update_item(
                TableName=self.table,
                Key=self._key(),
                UpdateExpression="SET #name = :value",
                ConditionExpression=ACTIVE,
                ExpressionAttributeNames={"#name": name, "#status": "status"},
                ExpressionAttributeValues={key: TypeSerializer().serialize(inner) for key, inner in given.items()},
            )
        except (ClientError, BotoCoreError) as e:
            raise _unanswered(e) from None

    def _key(self) -> dict[str, Any]:
        pk = names.CONTROL_KEY_RUN_PK.format(tenantId=self.tenant_id, runId=self.run_id)
        return {"pk": {"S": pk}, "sk": {"S": names.CONTROL_KEY_RUN_SK}}


def _unanswered(error: ClientError | BotoCoreError) -> IngestError:
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        return FencedError(
            "The run has ended or a newer one owns the unit. Nothing was changed; look at that run instead."
        )
    return RetryableError("INTERNAL", "The control table does not answer. Try again later.")


def _storable(value: dict[str, Any]) -> Any:
    return json.loads(json.dumps(value), parse_float=Decimal)


def _plain(value: Any) -> Any:
    """DynamoDB's numbers back as JSON's."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
