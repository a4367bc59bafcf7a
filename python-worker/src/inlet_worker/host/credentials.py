"""A credential by its reference: sealed with a KMS data key, kept in Secrets Manager, opened only
in a run's process.

The sealed form is written by `adapters/secrets`: JSON {v: 1, encryptedKey, iv, tag, ciphertext},
base64 each, over {authType, secret: {...}} with AES-256-GCM. Tenant and owner are bound twice, as
KMS encryption context and as additional data, so that a credential copied to another owner does not
open.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.http.auth import Credential
from inlet_worker.contracts.models import CredentialRef

PURPOSE = "credential"
GONE = {"ResourceNotFoundException", "InvalidRequestException"}
TAMPERED = {
    "InvalidCiphertextException",
    "IncorrectKeyException",
    "AccessDeniedException",
    "KMSInvalidStateException",
}


@dataclass
class StoredCredential:
    """A `CredentialSource` over one reference. Opens it when first asked and holds it while the
    run's process lives.
    """

    reference: CredentialRef
    secrets: Any
    kms: Any
    _opened: Credential | None = None

    def read(self) -> Credential:
        """Raises FatalError `AUTH_ERROR` when the stored credential is gone or not this owner's."""
        if self._opened is None:
            self._opened = open_credential(self.reference, self.secrets, self.kms)
        return self._opened

    def force_refresh(self, version_seen: str) -> Credential:
        """The reference names one version, and the next run is given the next one: there is none
        newer for this run.
        """
        return self.read()


def open_credential(reference: CredentialRef, secrets: Any, kms: Any) -> Credential:
    """Reads the secret that the reference names: each version of a credential has one of its own.
    `secrets` and `kms` are boto3 clients.
    """
    try:
        stored = secrets.get_secret_value(SecretId=reference.secret_id)["SecretString"]
        sealed = json.loads(stored)
        plain = unseal(
            sealed, reference.tenant_id, reference.owner_id, _data_key(sealed, reference, kms)
        )
        auth_type, values = (
            str(plain["authType"]),
            {str(k): str(v) for k, v in plain["secret"].items()},
        )
    except ClientError as e:
        if e.response["Error"]["Code"] in GONE | TAMPERED:
            raise _unreadable() from None
        raise RetryableError(
            "INTERNAL", "The stored credential cannot be read now. Try again later."
        ) from None
    except BotoCoreError:
        raise RetryableError(
            "INTERNAL", "The store of credentials does not answer. Try again later."
        ) from None
    except (InvalidTag, KeyError, ValueError, TypeError, AttributeError):
        raise _unreadable() from None

    return Credential(auth_type, values, version=reference.version_id)


def unseal(
    sealed: dict[str, Any], tenant_id: str, owner_id: str, data_key: bytes
) -> dict[str, Any]:
    """Raises InvalidTag for another owner's or changed bytes, ValueError or KeyError for another
    form.
    """
    if sealed["v"] != 1:
        raise ValueError("unknown version of the sealed form")
    iv, tag, ciphertext = (
        base64.b64decode(sealed[name], validate=True) for name in ("iv", "tag", "ciphertext")
    )
    plain = AESGCM(data_key).decrypt(iv, ciphertext + tag, f"{tenant_id}/{owner_id}".encode())
    opened: dict[str, Any] = json.loads(plain)
    return opened


def _data_key(sealed: dict[str, Any], reference: CredentialRef, kms: Any) -> bytes:
    key: bytes = kms.decrypt(
        CiphertextBlob=base64.b64decode(sealed["encryptedKey"], validate=True),
        EncryptionContext={
            "tenantId": reference.tenant_id,
            "ownerId": reference.owner_id,
            "purpose": PURPOSE,
        },
    )["Plaintext"]
    return key


def _unreadable() -> FatalError:
    return FatalError(
        "AUTH_ERROR",
        "The stored credential cannot be opened. Store it again.",
        details={"field": "credentials"},
    )
