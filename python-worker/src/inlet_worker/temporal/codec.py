"""Payloads leave this process encrypted, failures included, and large ones leave as a reference
(decision 3).

    encrypted: metadata {encoding: binary/encrypted, encryption-key-id}, data iv(12) || ciphertext
    || tag(16),
               AES-256-GCM over the serialized Payload, additional data the key id
    claimed:   metadata {encoding: binary/claimed}, data JSON {key, sha256, length} of an object in
    the staging bucket,
               whose bytes are a serialized encrypted Payload

The same format is written in TypeScript by `adapters/temporal/codec.ts`; golden vectors:
`schemas/examples/codec/`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from inlet_sdk.errors import FatalError, RetryableError
from inlet_worker.contracts import names
from inlet_worker.temporal.key_ring import KeyRing

ENCRYPTED = names.PAYLOAD_ENCODING_ENCRYPTED.encode()
CLAIMED = names.PAYLOAD_ENCODING_CLAIMED.encode()
KEY_ID = "encryption-key-id"
IV_BYTES = 12
CLAIM_ABOVE_BYTES = 64 * 1024


class ClaimStore(Protocol):
    """Where large payloads wait. Objects are named by their bytes, so that writing one twice
    changes nothing.
    """

    def put(self, key: str, content: bytes) -> None: ...

    def get(self, key: str) -> bytes: ...


class PayloadEncryption(PayloadCodec):
    """Encrypts with the ring's current key and decrypts with any of its keys. Raises FatalError
    `INTERNAL` for a payload that was changed or whose key is gone: a retry would read the same.
    """

    def __init__(
        self, ring: KeyRing, claims: ClaimStore, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._current = ring.current
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}
        self._claims = claims
        self._random = random

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        encrypted = [self._encrypt(payload) for payload in payloads]
        return [
            await asyncio.to_thread(self._claim, p) if p.ByteSize() > CLAIM_ABOVE_BYTES else p
            for p in encrypted
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        redeemed = [
            await asyncio.to_thread(self._redeem, p) if _encoding(p) == CLAIMED else p
            for p in payloads
        ]
        return [self._decrypt(p) if _encoding(p) == ENCRYPTED else p for p in redeemed]

    def _encrypt(self, payload: Payload) -> Payload:
        iv = self._random(IV_BYTES)
        sealed = self._ciphers[self._current].encrypt(
            iv, payload.SerializeToString(), self._current.encode()
        )
        return Payload(
            metadata={"encoding": ENCRYPTED, KEY_ID: self._current.encode()}, data=iv + sealed
        )

    def _decrypt(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get(KEY_ID, b"").decode(errors="replace")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise FatalError(
                "INTERNAL",
                f"A payload is encrypted with the key {key_id!r}. "
                f"Keep that key in {names.ENV_PAYLOAD_KEY}.",
            )

        try:
            plain = cipher.decrypt(
                payload.data[:IV_BYTES], payload.data[IV_BYTES:], key_id.encode()
            )
            return Payload.FromString(plain)
        except (InvalidTag, ValueError, DecodeError):
            raise _changed("payload") from None

    def _claim(self, payload: Payload) -> Payload:
        content = payload.SerializeToString(deterministic=True)
        digest = hashlib.sha256(content).hexdigest()
        claim = {"key": f"{names.PREFIX_CLAIM}/{digest}", "sha256": digest, "length": len(content)}
        self._claims.put(str(claim["key"]), content)
        return Payload(
            metadata={"encoding": CLAIMED}, data=json.dumps(claim, separators=(",", ":")).encode()
        )

    def _redeem(self, payload: Payload) -> Payload:
        try:
            claim = json.loads(payload.data)
            key, digest, length = str(claim["key"]), claim["sha256"], claim["length"]
        except (ValueError, KeyError, TypeError):
            raise _changed("claim") from None
        if not key.startswith(names.PREFIX_CLAIM + "/"):
            raise _changed("claim")

        content = self._claims.get(key)
        if len(content) != length or hashlib.sha256(content).hexdigest() != digest:
            raise _changed("claimed payload")
        try:
            return Payload.FromString(content)
        except DecodeError:
            raise _changed("claimed payload") from None


class BucketClaims:
    """Claims in the staging bucket. `client` is a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def get(self, key: str) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            content: bytes = answer["Body"].read()
        except Exception as e:
            raise RetryableError(
                "INTERNAL", f"The claimed payload {key} cannot be read. Try again later."
            ) from e
        return content


def data_converter(codec: PayloadCodec) -> DataConverter:
    """Models by pydantic, everything encrypted, messages and stacks of failures too."""
    return dataclasses.replace(
        DataConverter(
            payload_converter_class=PydanticPayloadConverter,
            failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
        ),
        payload_codec=codec,
    )


def _encoding(payload: Payload) -> bytes:
    encoding: bytes = payload.metadata.get("encoding", b"")
    return encoding


def _changed(what: str) -> FatalError:
    return FatalError(
        "INTERNAL", f"A {what} was changed or cut after it was written. Start the run again."
    )
