"""The holder of a credential: who is asked when, whatever the broker answers and however many
ask.
"""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.auth import Credential, auth_headers
from inlet_sdk.redaction import shown
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_worker.contracts.models import BrokeredCredential, CredentialRef
from inlet_worker.host.credentials import (
    LEAST_HELD_SECONDS,
    MOST_HELD_SECONDS,
    NONE_NEWER_SECONDS,
    HeldCredential,
    RunCredentials,
)

from .broker_server import answered

CANARY = "canary-token-5521"
REFERENCE = CredentialRef.model_validate(
    {
        "secretId": "inlet/test/acme/ep_1/v1",
        "versionId": "v1",
        "tenantId": "acme",
        "ownerId": "ep_1",
        "grant": "a.signed.grant",
    }
)
BUSY = RetryableError("INTERNAL", "The credential broker does not answer. Try again later.")
NONE_NEWER = FatalError("AUTH_ERROR", "There are no newer ones. Store others.")


@dataclass
class Vendor:
    """A broker over a vendor whose tokens live `life` seconds; it makes a new one when the last has
    ended, or when somebody saw that it is refused. None: they never end.
    """

    time: FakeClock
    life: float | None = None
    version: int = 1
    ends: float = 0.0
    fails: list[IngestError] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    def ask(self, _: CredentialRef, version_seen: str | None = None) -> BrokeredCredential:
        self.asked.append(version_seen)
        if self.fails:
            raise self.fails.pop(0)
        if version_seen == self.name or (self.life and self.time.slept >= self.ends):
            self.rotate()
        expires = self.time.now() + timedelta(seconds=self.ends - self.time.slept)
        return BrokeredCredential.model_validate(
            answered(
                {"accessToken": self.token, "tokenType": "Bearer"},
                authType="oauth2",
                version=self.name,
                expiresAt=expires.isoformat() if self.life else None,
            )
        )

    def rotate(self) -> None:
        self.version += 1
        self.ends = self.time.slept + (self.life or 0)

    @property
    def name(self) -> str:
        return f"v{self.version}"

    @property
    def token(self) -> str:
        return f"{CANARY}-{self.version}"


def holder_of(vendor: Vendor) -> HeldCredential:
    return HeldCredential(REFERENCE, vendor, vendor.time.clock())


def token_of(credential: Credential) -> str:
    return credential.values["accessToken"]


def test_a_credential_is_read_once_and_signs_requests() -> None:
    vendor = Vendor(FakeClock())
    holder = holder_of(vendor)
    for _ in range(3):
        assert auth_headers(holder.read()) == {"Authorization": f"Bearer {CANARY}-1"}
    assert vendor.asked == [None]
    assert CANARY not in repr(holder.read())


def test_what_is_stored_anew_is_used_after_a_while_though_nobody_refuses_the_old_one() -> None:
    vendor = Vendor(time := FakeClock())
    holder = holder_of(vendor)
    holder.read()
    vendor.rotate()
    assert holder.read().version == "v1"
    time.slept += MOST_HELD_SECONDS
    assert holder.read().version == "v2"


def test_what_the_vendor_refuses_is_read_again_once() -> None:
    vendor = Vendor(FakeClock())
    holder = holder_of(vendor)
    seen = holder.read().version
    assert [holder.force_refresh(seen).version for _ in range(3)] == ["v2"] * 3
    assert holder.read().version == "v2"
    assert vendor.asked == [None, "v1"]


def test_where_there_is_none_newer_the_vendors_refusal_counts_and_the_broker_has_peace() -> None:
    vendor = Vendor(time := FakeClock())
    holder = holder_of(vendor)
    holder.read()
    vendor.fails = [NONE_NEWER] * 2
    assert [holder.force_refresh("v1").version for _ in range(20)] == ["v1"] * 20
    assert vendor.asked == [None, "v1"]
    time.slept += NONE_NEWER_SECONDS
    assert holder.force_refresh("v1").version == "v1"
    assert vendor.asked == [None, "v1", "v1"]


@pytest.mark.parametrize("code", ["FORBIDDEN", "AUTH_ERROR"])
def test_who_may_read_no_more_uses_what_it_holds_no_more(code: str) -> None:
    vendor = Vendor(time := FakeClock())
    holder = holder_of(vendor)
    holder.read()
    time.slept += MOST_HELD_SECONDS
    vendor.fails = [FatalError(code, "The run has ended. Start it again.")]
    with pytest.raises(FatalError) as refused:
        holder.read()
    assert refused.value.code == code


def test_while_the_broker_does_not_answer_what_is_held_serves_as_long_as_it_is_good() -> None:
    vendor = Vendor(time := FakeClock(), life=100)
    holder = holder_of(vendor)
    assert holder.read().version == "v2"
    time.slept = 90
    vendor.fails = [BUSY] * 100
    for _ in range(50):
        assert holder.read().version == "v2"
    assert len(vendor.asked) == 2  # not for each request

    time.slept = 100
    with pytest.raises(RetryableError):
        holder.read()
    vendor.fails = []
    assert holder.read().version == "v3"


def test_a_clock_that_is_wrong_does_not_have_each_request_ask() -> None:
    vendor = Vendor(time := FakeClock(), life=60)
    ahead = FakeClock()
    ahead.slept = 3600
    clock = time.clock()
    wrong = type(clock)(now=ahead.now, monotonic=clock.monotonic)
    holder = HeldCredential(REFERENCE, vendor, wrong)
    for _ in range(10):
        holder.read()
    assert len(vendor.asked) == 1
    time.slept += LEAST_HELD_SECONDS
    holder.read()
    assert len(vendor.asked) == 2


@given(
    life=st.floats(1, 7200),
    pauses=st.lists(st.floats(0, 4000), min_size=1, max_size=60),
    kept=st.booleans(),
)
def test_no_request_carries_a_token_that_has_ended_and_few_are_asked_for(
    life: float, pauses: list[float], kept: bool
) -> None:
    """Law: whatever the pauses between requests, a held token is good, and the vendor is asked for
    a new one at most once for each life of one.
    """
    vendor = Vendor(time := FakeClock(), life=life)
    holder = holder_of(vendor)
    for pause in pauses:
        time.slept += pause if not kept else pause % (life / 4)
        read = holder.read()
        assert token_of(read) == vendor.token
        assert time.slept < vendor.ends
    assert vendor.version - 1 <= time.slept / life + 1
    assert len(vendor.asked) <= len(pauses)


STEPS = st.lists(
    st.sampled_from(["read", "refused", "rotated", "busy", "passes"]), min_size=1, max_size=60
)


@given(steps=STEPS)
def test_versions_never_go_back_and_a_refused_one_is_not_used_while_there_is_a_newer(
    steps: list[str],
) -> None:
    vendor = Vendor(time := FakeClock(), life=50)
    holder = holder_of(vendor)
    newest, refused = 0, 0
    for step in steps:
        vendor.fails = [BUSY] if step == "busy" else []
        if step == "rotated":
            vendor.rotate()
        if step == "passes":
            time.slept += 17
        try:
            read = holder.read()
            if step == "refused":
                refused = int(read.version[1:])
                read = holder.force_refresh(read.version)
        except RetryableError:
            assert step == "busy"
            continue
        seen = int(read.version[1:])
        assert seen >= newest and seen > refused
        newest = seen


class Slow:
    """A broker that answers when it is let, and counts who is inside."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor, self.gate = vendor, threading.Event()

    def ask(self, *asked: Any) -> BrokeredCredential:
        assert self.gate.wait(10)
        return self.vendor.ask(*asked)


@pytest.mark.parametrize("forced", [False, True])
def test_of_fifty_threads_one_asks(forced: bool) -> None:
    slow = Slow(Vendor(FakeClock()))
    held = RunCredentials(slow)
    if forced:
        slow.gate.set()
        held.of(REFERENCE).read()
        slow.gate.clear()

    def one(_: int) -> str:
        mine = held.of(REFERENCE)
        return (mine.force_refresh("v1") if forced else mine.read()).version

    with ThreadPoolExecutor(50) as threads:
        got = [threads.submit(one, n) for n in range(50)]
        slow.gate.set()
        assert {future.result() for future in got} == {"v2" if forced else "v1"}
    assert slow.vendor.asked == ([None, "v1"] if forced else [None])


def test_a_renewed_credential_is_guarded_in_every_form_and_what_is_no_secret_is_not() -> None:
    vendor = Vendor(FakeClock())
    holder = holder_of(vendor)
    holder.read()
    token = token_of(holder.force_refresh("v1"))
    assert token.endswith("-2")
    for form in (token, base64.b64encode(token.encode()).decode(), token.upper()):
        assert form not in shown(f"failed with {form}")
    assert shown("Bearer tokens expire") == "Bearer tokens expire"
