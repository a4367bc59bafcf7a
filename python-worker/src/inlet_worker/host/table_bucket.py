"""A bucket that all workers share, in the `hot` table."""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from inlet_sdk.errors import RetryableError
from inlet_sdk.http.budget.bucket import Bucket, Hold, Lease, Reported, Usage
from inlet_sdk.http.budget.bucket_store import Step, T
from inlet_worker.contracts import names
from inlet_worker.contracts.models import BudgetBucket

RACES = 60
RACE_SECONDS = 0.2
KEPT_SECONDS = 2 * 86_400  # as long as the longest window that is counted


@dataclass
class TableBucket:
    """A bucket in the `hot` table, by its key. `client` is a boto3 DynamoDB client. A change is one
    write, good for the revision that it was made from only; a lost race brings the newer one along,
    so that it costs no read.
    """

    client: Any
    table: str
    pk: str
    sk: str = names.HOT_KEY_BUDGET_SK

    def __post_init__(self) -> None:
        self._seen: tuple[int, Bucket | None] = (0, None)

    def change(self, step: Step[T]) -> T:
        fresh = False
        for race in range(RACES):
            revision, bucket = self._seen
            after, answer = step(bucket)
            if after is None and fresh:
                return answer
            if after is None:
                self._seen, fresh = self._read(), True
                continue

            found = self._write(after, revision)
            self._seen, fresh = found or (revision + 1, after), True
            if found is None:
                return answer
            time.sleep(random.uniform(0, min(RACE_SECONDS, 0.005 * 2**race)))

        raise RetryableError(
            "INTERNAL", "Too many callers use the same budget at once. Try again later."
        )

    def _read(self) -> tuple[int, Bucket | None]:
        try:
            found = self.client.get_item(TableName=self.table, Key=self._key(), ConsistentRead=True)
        except (ClientError, BotoCoreError):
            raise _unanswered() from None
        return _stored(found.get("Item"))

    def _write(self, bucket: Bucket, revision: int) -> tuple[int, Bucket | None] | None:
        """None when it was written, else what stands there."""
        values = {
            ":bucket": bucket_json(bucket),
            ":seen": revision,
            ":next": revision + 1,
            ":ttl": bucket.at // 1000 + KEPT_SECONDS,
            ":entity": "budget",
        }
        unchanged = "revision = :seen" if revision else "attribute_not_exists(pk)"
        if not revision:
            del values[":seen"]

        try:
            self.client.update_item(
                TableName=self.table,
                Key=self._key(),
                UpdateExpression="SET #bucket = :bucket, revision = :next, #ttl = :ttl, entity = "
                ":entity",
                ConditionExpression=unchanged,
                ExpressionAttributeNames={"#bucket": "bucket", "#ttl": "ttl"},
                ExpressionAttributeValues={
                    name: TypeSerializer().serialize(value) for name, value in values.items()
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as e:
            if e.response["Error"]["Code"] == "ConditionalCheckFailedException":
                found: Any = e.response.get("Item")
                return _stored(found)
            raise _unanswered() from None
        except BotoCoreError:
            raise _unanswered() from None

        return None

    def _key(self) -> dict[str, Any]:
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


def bucket_json(bucket: Bucket) -> dict[str, Any]:
    """The bucket in the contract's form."""
    return BudgetBucket.model_validate(asdict(bucket)).model_dump(mode="json", by_alias=True)


def bucket_of(value: dict[str, Any]) -> Bucket:
    """From the contract's form."""
    given = BudgetBucket.model_validate(value).model_dump(mode="json")
    return Bucket(
        tokens=given["tokens"],
        at=given["at"],
        pace=given["pace"],
        hold=Hold(**given["hold"]) if given["hold"] else None,
        leases={holder: Lease(**lease) for holder, lease in given["leases"].items()},
        used=tuple(Usage(**usage) for usage in given["used"]),
        reported=Reported(**given["reported"]) if given["reported"] else None,
        wall=given["wall"],
    )


def _stored(item: dict[str, Any] | None) -> tuple[int, Bucket | None]:
    if item is None:
        return 0, None
    plain = json.loads(
        json.dumps(
            {k: TypeDeserializer().deserialize(item[k]) for k in ("revision", "bucket")},
            default=int,
        )
    )
    return plain["revision"], bucket_of(plain["bucket"])


def _unanswered() -> RetryableError:
    return RetryableError("INTERNAL", "The table of budgets does not answer. Try again later.")
