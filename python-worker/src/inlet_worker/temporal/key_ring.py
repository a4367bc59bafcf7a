"""The payload keys of an environment, as `adapters/temporal/key-ring.ts` reads them too."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_worker.contracts import names

WRAPPED = "kms:"
WRAP_CONTEXT = {"purpose": "inlet-temporal-payload"}
KEY_BYTES = 32


@dataclass(frozen=True)
class KeyRing:
    """`current` encrypts, every kept key decrypts."""

    current: str
    keys: dict[str, bytes] = field(repr=False)


def read_key_ring(value: str, secrets: Any, kms: Any) -> KeyRing:
    """Reads the ring from the value of INLET_PAYLOAD_KEY: the document {"current", "keys": {id:
    base64}} itself, or the name of the secret that holds it. A key written `kms:<base64>` is
    unwrapped by KMS. Raises FatalError `CONFIG_INVALID`; `secrets` and `kms` are boto3 clients.
    """
    text = (
        value
        if value.lstrip().startswith("{")
        else secrets.get_secret_value(SecretId=value)["SecretString"]
    )
    try:
        document = json.loads(text)
        current = str(document["current"])
        keys = {str(key_id): _unwrap(str(key), kms) for key_id, key in document["keys"].items()}
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, binascii.Error, ValueError):
        raise _invalid('is not {"current", "keys": {id: base64}}') from None

    if current not in keys:
        raise _invalid(f"lacks its current key {current!r}")
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise _invalid(f"holds a key that is not {KEY_BYTES} bytes long")
    return KeyRing(current, keys)


def _unwrap(key: str, kms: Any) -> bytes:
    if not key.startswith(WRAPPED):
        return base64.b64decode(key, validate=True)
    wrapped = base64.b64decode(key.removeprefix(WRAPPED), validate=True)
    plain: bytes = kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=WRAP_CONTEXT)["Plaintext"]
    return plain


def _invalid(what: str) -> FatalError:
    return FatalError(
        "CONFIG_INVALID", f"The key ring of {names.ENV_PAYLOAD_KEY} {what}. Write it again."
    )
