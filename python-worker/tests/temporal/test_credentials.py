from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.auth import auth_headers
from inlet_sdk.redaction import shown
from inlet_worker.contracts.models import CredentialRef
from inlet_worker.host.credentials import StoredCredential

CANARY = "canary-token-5521"
REFERENCE = CredentialRef.model_validate(
    {
        "secretId": "inlet/test/acme/ep_1/v1",
        "versionId": "v1",
        "tenantId": "acme",
        "ownerId": "ep_1",
    }
)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def sealed(
    tenant: str, owner: str, key: bytes, secret: dict[str, str], wrapped: bytes | None = None
) -> str:
    """As `adapters/secrets/envelope.ts` writes it."""
    iv = os.urandom(12)
    plain = json.dumps({"authType": "basic", "secret": secret}).encode()
    both = AESGCM(key).encrypt(iv, plain, f"{tenant}/{owner}".encode())
    parts = {
        "encryptedKey": b64(wrapped or b"wrapped" + key),
        "iv": b64(iv),
        "tag": b64(both[-16:]),
        "ciphertext": b64(both[:-16]),
    }
    return json.dumps({"v": 1, **parts})


class Store:
    """Secrets Manager and KMS in a few lines: a data key is wrapped by a prefix and bound to its
    context.
    """

    def __init__(self, stored: str = "", refusal: str = "") -> None:
        self.stored, self.refusal, self.reads = stored, refusal, 0
        self.context = {"tenantId": "acme", "ownerId": "ep_1", "purpose": "credential"}

    def get_secret_value(self, **asked: str) -> dict[str, str]:
        assert asked == {"SecretId": "inlet/test/acme/ep_1/v1"}
        self.reads += 1
        if self.refusal:
            raise ClientError(
                {"Error": {"Code": self.refusal, "Message": CANARY}}, "GetSecretValue"
            )
        return {"SecretString": self.stored}

    def decrypt(
        self, *, CiphertextBlob: bytes, EncryptionContext: dict[str, str]
    ) -> dict[str, Any]:
        if EncryptionContext != self.context:
            raise ClientError(
                {"Error": {"Code": "InvalidCiphertextException", "Message": ""}}, "Decrypt"
            )
        return {"Plaintext": CiphertextBlob.removeprefix(b"wrapped")}


def opened(store: Store, reference: CredentialRef = REFERENCE) -> StoredCredential:
    return StoredCredential(reference, store, store)


def test_a_credential_is_opened_once_and_signs_requests() -> None:
    store = Store(
        sealed("acme", "ep_1", b"k" * 32, {"email": "ann@example.com", "apiToken": CANARY})
    )
    credential = opened(store)
    pair = b64(f"ann@example.com:{CANARY}".encode())
    assert auth_headers(credential.read()) == {"Authorization": f"Basic {pair}"}
    assert credential.force_refresh("v1").version == "v1"
    assert store.reads == 1
    assert CANARY not in repr(credential)


def test_an_opened_credential_is_guarded_in_every_form() -> None:
    opened(
        Store(sealed("acme", "ep_1", b"k" * 32, {"email": "ann@example.com", "apiToken": CANARY}))
    ).read()
    pair = b64(f"ann@example.com:{CANARY}".encode())
    assert CANARY not in shown(f"failed with {CANARY}") and pair not in shown(f"sent Basic {pair}")
    assert "ann@example.com" in shown("ann@example.com is unknown")


def test_a_credential_of_another_owner_does_not_open() -> None:
    store = Store(sealed("acme", "ep_2", b"k" * 32, {"apiToken": CANARY}))
    with pytest.raises(FatalError, match="Store it again") as refused:
        opened(store).read()
    assert refused.value.code == "AUTH_ERROR" and CANARY not in str(refused.value)


def test_a_data_key_of_another_owner_is_not_unwrapped() -> None:
    store = Store(sealed("acme", "ep_1", b"k" * 32, {"apiToken": CANARY}))
    store.context = {**store.context, "ownerId": "ep_2"}
    with pytest.raises(FatalError, match="Store it again"):
        opened(store).read()


@pytest.mark.parametrize(
    "stored", ["", "{}", '{"v": 2}', '{"v": 1, "encryptedKey": "?"}', "[]", "null"]
)
def test_a_secret_of_another_form_is_refused(stored: str) -> None:
    with pytest.raises(FatalError, match="Store it again"):
        opened(Store(stored)).read()


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [("ResourceNotFoundException", FatalError), ("ThrottlingException", RetryableError)],
)
def test_a_refusal_is_told_apart_from_a_bad_moment(refusal: str, kind: type[IngestError]) -> None:
    with pytest.raises(kind) as refused:
        opened(Store(refusal=refusal)).read()
    assert CANARY not in str(refused.value)
