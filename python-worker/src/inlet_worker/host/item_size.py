"""What a DynamoDB item weighs, and the one place where the data plane's writes are looked at before
they are sent: one that cannot be stored is an `ITEM_TOO_LARGE`, raised once
(`adapters/dynamodb/table/size-guard.ts` does the same).
"""

from __future__ import annotations

from typing import Any

from inlet_sdk.errors import FatalError

LARGEST_ITEM_BYTES = 400 * 1024
_LIST_BYTES = 3


def item_bytes(item: dict[str, Any]) -> int:
    """By DynamoDB's own counting of names and values, in its wire form."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def guard_sizes(client: Any) -> None:
    """Lets a boto3 DynamoDB client refuse what is too large. Its calls raise FatalError
    `ITEM_TOO_LARGE` then.
    """
    client.meta.events.register("before-parameter-build.dynamodb.PutItem", _refuse_large)
    client.meta.events.register("before-parameter-build.dynamodb.UpdateItem", _refuse_large)


def _refuse_large(params: dict[str, Any], **_: Any) -> None:
    """Of an update at least what it sets is known."""
    written = params.get("Item") or params.get("ExpressionAttributeValues") or {}
    if item_bytes(written) > LARGEST_ITEM_BYTES:
        raise FatalError(
            "ITEM_TOO_LARGE",
            "What the run has to write down is larger than the 400 kB of an item. Report its id.",
        )


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode("utf-8", "surrogatepass"))
        case "N":
            return _number_bytes(inner)
        case "B":
            return len(inner)
        case "M":
            return _LIST_BYTES + len(inner) + item_bytes(inner)
        case "L":
            return _LIST_BYTES + sum(1 + _value_bytes(one) for one in inner)
        case "SS":
            return _LIST_BYTES + sum(len(one.encode("utf-8", "surrogatepass")) for one in inner)
        case "NS":
            return _LIST_BYTES + sum(map(_number_bytes, inner))

    return 1


def _number_bytes(digits: str) -> int:
    """About: a byte for two digits, and one or two more."""
    return (len(digits.replace("-", "").replace(".", "")) + 1) // 2 + 2
