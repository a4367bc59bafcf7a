"""Credentials of a run's process: read through the broker when they are first needed, held until
shortly before they expire, read again when the vendor refuses them.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import Protocol

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.http.auth import Credential
from inlet_sdk.http.retry import Clock
from inlet_worker.contracts.models import BrokeredCredential, CredentialRef

MOST_HELD_SECONDS = 300.0
"""One that is stored anew while the vendor still takes the old one is used after this."""
MARGIN_SECONDS = 30.0
MARGIN_SHARE = 0.2
"""How long before its end a credential is used no more: of a short life, a part."""
LEAST_HELD_SECONDS = 1.0
"""One that has ended by our clock, which may be wrong: not each request asks the broker."""
NONE_NEWER_SECONDS = 10.0
"""So long the broker is not asked again for a newer one than what the vendor refused."""


class Broker(Protocol):
    """`CredentialBroker`, as much of it as holding takes."""

    def ask(
        self, reference: CredentialRef, version_seen: str | None = None
    ) -> BrokeredCredential: ...


@dataclass(frozen=True)
class _Held:
    credential: Credential
    fresh_until: float
    """By the monotonic clock: asked for again then."""
    good_until: float
    """Not good any more then. Infinite where nobody says."""


class HeldCredential:
    """A `CredentialSource` over one reference. Of the threads that need one at the same moment, one
    asks.
    """

    def __init__(
        self, reference: CredentialRef, broker: Broker, clock: Clock | None = None
    ) -> None:
        self._reference = reference
        self._broker = broker
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._none_newer: tuple[str, float] | None = None

    def read(self) -> Credential:
        """Raises what the broker refuses. While it does not answer, what is held serves as long as
        it is good.
        """
        with self._lock:
            held = self._held
            if held is not None and self._clock.monotonic() < held.fresh_until:
                return held.credential
            try:
                return self._ask()
            except RetryableError:
                if held is None or self._clock.monotonic() >= held.good_until:
                    raise
                return self._hold_on(held)

    def force_refresh(self, version_seen: str) -> Credential:
        """Whoever comes after another was given a newer one gets that. The same where there is none
        newer: then the vendor's refusal counts.
        """
        with self._lock:
            held = self._held
            if held is None or held.credential.version != version_seen:
                return held.credential if held else self._ask(version_seen)
            if self._is_known_to_be_the_last(version_seen):
                return held.credential
            try:
                return self._ask(version_seen)
            except FatalError as error:
                if error.code != "AUTH_ERROR":
                    raise
                until = self._clock.monotonic() + NONE_NEWER_SECONDS
                self._none_newer = (version_seen, until)
                return held.credential

    def _is_known_to_be_the_last(self, version: str) -> bool:
        if self._none_newer is None:
            return False
        known, until = self._none_newer
        return known == version and self._clock.monotonic() < until

    def _ask(self, version_seen: str | None = None) -> Credential:
        answered = self._broker.ask(self._reference, version_seen)
        credential = Credential(answered.auth_type, answered.secret, version=answered.version)
        fresh, good = self._lives(answered)

        now = self._clock.monotonic()
        self._held = _Held(credential, now + fresh, now + good)
        return credential

    def _lives(self, answered: BrokeredCredential) -> tuple[float, float]:
        """Seconds for which it is fresh, and for which it is good."""
        if answered.expires_at is None:
            return MOST_HELD_SECONDS, math.inf
        left = (answered.expires_at.root - self._clock.now()).total_seconds()
        if left <= 0:
            return LEAST_HELD_SECONDS, left
        return min(left - min(MARGIN_SECONDS, left * MARGIN_SHARE), MOST_HELD_SECONDS), left

    def _hold_on(self, held: _Held) -> Credential:
        """The broker is not asked for each request while it does not answer."""
        until = min(self._clock.monotonic() + LEAST_HELD_SECONDS, held.good_until)
        self._held = _Held(held.credential, until, held.good_until)
        return held.credential


@dataclass
class RunCredentials:
    """Those of one process, one holder for each owner. Thread-safe."""

    broker: Broker
    _holders: dict[str, HeldCredential] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, reference: CredentialRef) -> HeldCredential:
        with self._lock:
            return self._holders.setdefault(
                reference.owner_id, HeldCredential(reference, self.broker)
            )
