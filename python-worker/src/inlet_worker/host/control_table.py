"""What the data plane writes of a run while it works: live figures and the slice about to be
committed. Every write holds only while the run is active under our epoch, so that an ended or
replaced run writes nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from inlet_sdk.errors import FencedError, IngestError, RetryableError
from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.contracts import models, names
from inlet_worker.host.kept_value import keep, opened, reference_of
from inlet_worker.pipeline.pending_slice import PendingSlice

PART_SECONDS = 90 * 86_400
"""A slice that nobody settled by then is read again."""
SLICE, RESULT = "pendingSlice", "pendingResult"
ACTIVE = "epoch = :epoch AND #status IN (:running, :waiting)"


@dataclass(frozen=True)
class RunItem:
    """One run's item of the control table. `client` is a boto3 DynamoDB client. Raises FencedError
    when the run has ended or another epoch owns it, RetryableError when the table does not answer.
    """

    client: Any
    table: str
    tenant_id: str
    run_id: str
    epoch: int

    def save_progress(self, progress: Progress, slice_: int, now: datetime | None = None) -> None:
        live = models.RunFigures(
            rows=progress.rows,
            pages=progress.pages,
            bytes=progress.bytes,
            requests=progress.requests,
            waited_ms=progress.waited_ms,
            slice=slice_,
            updated_at=now or datetime.now(UTC),
        )
        self._set({"progress": live.model_dump(mode="json", by_alias=True)})

    def save_pending(self, pending: PendingSlice) -> None:
        """A large cursor or continuation is kept beside the run, and the result beside the slice:
        what the control plane settles stays as an earlier release of it reads it.
        """
        model = models.PendingSlice.model_validate(pending.dump())
        value = model.model_dump(mode="json", by_alias=True)
        result = value.pop("result")
        checkpoint = value["nextCheckpoint"]
        owner = f"PENDING#{value['slice']}"
        if checkpoint:
            cursor = self._beside(checkpoint["cursor"], owner)
            value["nextCheckpoint"] = {**checkpoint, "cursor": cursor}
        result["continuation"] = self._beside(result["continuation"], owner)
        self._set({SLICE: value, RESULT: result})

    def load_pending(self) -> PendingSlice | None:
        """None when nothing is left to settle or the run is unknown."""
        try:
            found = self.client.get_item(
                TableName=self.table,
                Key=self._key(),
                ConsistentRead=True,
                ProjectionExpression=f"{SLICE}, {RESULT}",
            )
        except (ClientError, BotoCoreError) as e:
            raise _unanswered(e) from None

        stored = {name: _json_of(value) for name, value in found.get("Item", {}).items()}
        if stored.get(SLICE) is None:
            return None
        pending, result = stored[SLICE], stored.get(RESULT)
        if checkpoint := pending.get("nextCheckpoint"):
            cursor = self._whole(checkpoint["cursor"])
            pending = {**pending, "nextCheckpoint": {**checkpoint, "cursor": cursor}}
        if result is not None:
            result = {**result, "continuation": self._whole(result["continuation"])}
        return PendingSlice.parse({"result": result, **pending})

    def _beside(self, value: Any, owner: str) -> Any:
        """What stands in the item: the value, or a reference where it is large."""
        kept = keep(value, owner)
        if kept is None:
            return value
        for sk, data in kept.parts:
            self._put_part(sk, data)
        return kept.reference

    def _whole(self, value: Any) -> Any:
        reference = reference_of(value)
        if reference is None:
            return value
        keys = (f"{reference['key']}#{number:04d}" for number in range(int(reference["parts"])))
        return opened([*map(self._part, keys)], reference)

    def _part(self, sk: str) -> bytes:
        try:
            found = self.client.get_item(
                TableName=self.table, Key=self._key(sk), ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as e:
            raise _unanswered(e) from None
        return bytes(found.get("Item", {}).get("data", {}).get("B", b""))

    def _put_part(self, sk: str, data: bytes) -> None:
        """It means nothing until the run's item names it, and that holds only under our epoch."""
        ttl = str(int(time.time()) + PART_SECONDS)

        try:
            self.client.update_item(
                TableName=self.table,
                Key=self._key(sk),
                UpdateExpression="SET entity = :part, #data = :data, #ttl = :ttl",
                ExpressionAttributeNames={"#data": "data", "#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":part": {"S": "part"},
                    ":data": {"B": data},
                    ":ttl": {"N": ttl},
                },
            )
        except (ClientError, BotoCoreError) as e:
            raise _unanswered(e) from None

    def _set(self, attributes: dict[str, Any]) -> None:
        given = {f":{name}": _storable(value) for name, value in attributes.items()}
        given |= {":epoch": self.epoch, ":running": "RUNNING", ":waiting": "WAITING"}

        try:
            self.client.update_item(
                TableName=self.table,
                Key=self._key(),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
                ConditionExpression=ACTIVE,
                ExpressionAttributeNames={
                    "#status": "status",
                    **{f"#{name}": name for name in attributes},
                },
                ExpressionAttributeValues={
                    key: TypeSerializer().serialize(inner) for key, inner in given.items()
                },
            )
        except (ClientError, BotoCoreError) as e:
            raise _unanswered(e) from None

    def _key(self, sk: str = names.CONTROL_KEY_RUN_SK) -> dict[str, Any]:
        pk = names.CONTROL_KEY_RUN_PK.format(tenantId=self.tenant_id, runId=self.run_id)
        return {"pk": {"S": pk}, "sk": {"S": sk}}


def _unanswered(error: ClientError | BotoCoreError) -> IngestError:
    if (
        isinstance(error, ClientError)
        and error.response["Error"]["Code"] == "ConditionalCheckFailedException"
    ):
        return FencedError(
            "The run has ended or a newer one owns the unit. Nothing was changed. See that run "
            "instead."
        )
    return RetryableError("INTERNAL", "The control table does not answer. Try again later.")


def _storable(value: dict[str, Any]) -> Any:
    return json.loads(json.dumps(value), parse_float=Decimal)


def _json_of(stored: Any) -> Any:
    return _plain(TypeDeserializer().deserialize(stored))


def _plain(value: Any) -> Any:
    """DynamoDB's numbers back as JSON's."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
