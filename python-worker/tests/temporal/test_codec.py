from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from inlet_sdk.errors import FatalError
from inlet_worker.temporal.codec import CLAIM_ABOVE_BYTES, PayloadEncryption, data_converter
from inlet_worker.temporal.key_ring import KeyRing, read_key_ring

VECTORS = json.loads(
    (Path(__file__).parents[3] / "schemas/examples/codec/vectors.json").read_text()
)
CANARY = "canary-7f3a91"


class Claims:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        self.objects[key] = content

    def get(self, key: str) -> bytes:
        return self.objects[key]


def unb64(text: str) -> bytes:
    return base64.b64decode(text)


def payload_of(stored: dict[str, Any]) -> Payload:
    return Payload(
        metadata={k: unb64(v) for k, v in stored["metadata"].items()}, data=unb64(stored["data"])
    )


def golden(claims: Claims, iv: str = "") -> PayloadEncryption:
    ring = read_key_ring(json.dumps(VECTORS["keyRing"]), None, None)
    return PayloadEncryption(ring, claims, random=lambda size: unb64(iv)[:size])


def ring(*key_ids: str) -> KeyRing:
    return KeyRing(
        key_ids[0], {key_id: hashlib.sha256(key_id.encode()).digest() for key_id in key_ids}
    )


def text_payload(text: str) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(text).encode())


async def test_encrypts_to_the_bytes_that_typescript_writes() -> None:
    vector = VECTORS["encrypted"]
    assert await golden(Claims(), vector["iv"]).encode([payload_of(vector["plain"])]) == [
        payload_of(vector["payload"])
    ]


async def test_decrypts_what_typescript_wrote() -> None:
    vector = VECTORS["encrypted"]
    assert await golden(Claims()).decode([payload_of(vector["payload"])]) == [
        payload_of(vector["plain"])
    ]


async def test_claims_what_is_large_as_typescript_does() -> None:
    vector, claims = VECTORS["claimed"], Claims()
    large = text_payload(vector["character"] * vector["times"])
    codec = golden(claims, vector["iv"])
    assert await codec.encode([large]) == [payload_of(vector["payload"])]
    assert list(claims.objects) == [vector["objectKey"]]
    assert await codec.decode([payload_of(vector["payload"])]) == [large]


@given(
    metadata=st.dictionaries(st.text(max_size=20), st.binary(max_size=40), max_size=4),
    data=st.binary(max_size=2000),
)
async def test_what_was_encoded_comes_back(metadata: dict[str, bytes], data: bytes) -> None:
    codec = PayloadEncryption(ring("a"), Claims())
    payload = Payload(metadata=metadata, data=data)
    assert await codec.decode(await codec.encode([payload])) == [payload]


@pytest.mark.parametrize("extra", [-200, 0, 1, 200_000])
async def test_a_payload_of_any_size_leaves_small(extra: int) -> None:
    codec = PayloadEncryption(ring("a"), Claims())
    payload = Payload(data=b"x" * (CLAIM_ABOVE_BYTES + extra))
    encoded = await codec.encode([payload])
    assert encoded[0].ByteSize() <= CLAIM_ABOVE_BYTES
    assert await codec.decode(encoded) == [payload]


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
async def test_a_changed_bit_is_refused(at: int, bit: int) -> None:
    codec = PayloadEncryption(ring("a"), Claims())
    (encoded,) = await codec.encode([text_payload("hello")])
    changed = bytearray(encoded.data)
    changed[at % len(changed)] ^= 1 << bit
    with pytest.raises(FatalError, match="changed"):
        await codec.decode([Payload(metadata=encoded.metadata, data=bytes(changed))])


async def test_a_key_that_was_replaced_still_reads_what_it_wrote() -> None:
    before = await PayloadEncryption(ring("old"), Claims()).encode([text_payload("hello")])
    assert await PayloadEncryption(ring("new", "old"), Claims()).decode(before) == [
        text_payload("hello")
    ]


async def test_a_key_id_cannot_be_swapped() -> None:
    same = {"old": b"k" * 32, "new": b"k" * 32}
    codec = PayloadEncryption(KeyRing("new", same), Claims())
    (encoded,) = await codec.encode([text_payload("hello")])
    encoded.metadata["encryption-key-id"] = b"old"
    with pytest.raises(FatalError, match="changed"):
        await codec.decode([encoded])


async def test_a_key_that_is_gone_is_named() -> None:
    encoded = await PayloadEncryption(ring("old"), Claims()).encode([text_payload("hello")])
    with pytest.raises(FatalError, match=r"'old'.*INLET_PAYLOAD_KEY"):
        await PayloadEncryption(ring("new"), Claims()).decode(encoded)


@pytest.mark.parametrize("fault", ["cut", "other", "outside"])
async def test_a_claimed_object_must_be_the_one_that_was_put(fault: str) -> None:
    claims = Claims()
    codec = PayloadEncryption(ring("a"), claims)
    encoded = await codec.encode([text_payload("x" * 100_000)])
    (key,) = claims.objects
    if fault == "outside":
        claim = json.loads(encoded[0].data)
        encoded = [
            Payload(
                metadata=encoded[0].metadata,
                data=json.dumps({**claim, "key": "stg/other"}).encode(),
            )
        ]
    else:
        claims.objects[key] = claims.objects[key][:-1] + (b"" if fault == "cut" else b"?")
    with pytest.raises(FatalError, match="changed or cut"):
        await codec.decode(encoded)


async def test_what_the_orchestrator_wrote_itself_passes() -> None:
    own = Payload(metadata={"encoding": b"json/plain"}, data=b"1")
    assert await PayloadEncryption(ring("a"), Claims()).decode([own]) == [own]


async def test_a_failure_shows_its_type_and_nothing_else() -> None:
    converter = data_converter(PayloadEncryption(ring("a"), Claims()))
    failure = Failure()
    await converter.encode_failure(
        ApplicationError(CANARY, {"field": CANARY}, type="AUTH_ERROR"), failure
    )
    assert failure.application_failure_info.type == "AUTH_ERROR"
    assert CANARY.encode() not in failure.SerializeToString()
    decoded = await converter.decode_failure(failure)
    assert isinstance(decoded, ApplicationError)
    assert (decoded.message, decoded.details) == (CANARY, ({"field": CANARY},))


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("nonsense-{", "secret"),
        ("{", "is not"),
        ('{"current": "a", "keys": {"a": "AAAA"}}', "32 bytes"),
        ('{"current": "b", "keys": {}}', "lacks its current key 'b'"),
        ('{"current": "a", "keys": {"a": "not base64!"}}', "is not"),
    ],
)
def test_a_key_ring_that_is_wrong_says_how(document: str, fault: str) -> None:
    class NoSecrets:
        def get_secret_value(self, **_: str) -> dict[str, str]:
            raise FatalError("CONFIG_INVALID", "no such secret")

    with pytest.raises(FatalError, match=fault):
        read_key_ring(document, NoSecrets(), None)


def test_a_key_may_be_wrapped_by_kms() -> None:
    class Kms:
        def decrypt(
            self, *, CiphertextBlob: bytes, EncryptionContext: dict[str, str]
        ) -> dict[str, bytes]:
            assert EncryptionContext == {"purpose": "inlet-temporal-payload"}
            return {"Plaintext": CiphertextBlob[::-1]}

    wrapped = base64.b64encode(bytes(range(32))).decode()
    document = json.dumps({"current": "a", "keys": {"a": f"kms:{wrapped}"}})
    assert read_key_ring(document, None, Kms()).keys == {"a": bytes(reversed(range(32)))}
