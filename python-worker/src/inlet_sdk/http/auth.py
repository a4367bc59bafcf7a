"""Who we are to a vendor. A credential is read for each request and never kept, so a rotated one is
used at once.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from inlet_sdk.errors import FatalError
from inlet_sdk.redaction import guard_values

NO_SECRETS = frozenset(
    {
        *("email", "username", "user", "name", "accessKeyId", "roleArn", "externalId"),
        *("clientId", "expiresAt", "scope", "tokenType", "appId", "installationId"),
    }
)
"""Values of a credential that are no secrets, however they are called."""


@dataclass(frozen=True)
class Credential:
    """`type`: basic, bearer, header or oauth2. `values` stay out of repr, logs and errors, for as
    long as the process lives; `version` names them.
    """

    type: str
    values: Mapping[str, str] = field(repr=False)
    version: str = "1"

    def __post_init__(self) -> None:
        _guard(self.values)


class CredentialSource(Protocol):
    """Where credentials come from (decision 4)."""

    def read(self) -> Credential:
        """The credential as it is now."""

    def force_refresh(self, version_seen: str) -> Credential:
        """The vendor refused `version_seen`. Returns a newer one, or the same when there is
        none.
        """


@dataclass(frozen=True)
class StaticCredential:
    """A credential that nobody rotates while we run."""

    credential: Credential

    def read(self) -> Credential:
        return self.credential

    def force_refresh(self, version_seen: str) -> Credential:
        return self.credential


def auth_headers(credential: Credential) -> dict[str, str]:
    """The request headers of a credential. Raises FatalError `AUTH_ERROR` naming what is missing,
    showing nothing.
    """
    match credential.type:
        case "basic":
            user = _value(credential, "email", "username")
            pair = f"{user}:{_value(credential, 'apiToken', 'password')}"
            encoded = base64.b64encode(pair.encode(errors="replace")).decode()
            return _header("Authorization", f"Basic {encoded}")
        case "bearer":
            return _header("Authorization", "Bearer " + _value(credential, "token"))
        case "oauth2":
            return _header("Authorization", "Bearer " + _value(credential, "accessToken"))
        case "header":
            return _header(_value(credential, "name"), _value(credential, "value"))

    raise FatalError(
        "AUTH_ERROR",
        "The credential's type is not known. Store one of basic, bearer, header or oauth2.",
        details={"field": "credentials.type"},
    )


def _guard(values: Mapping[str, str]) -> None:
    """Names and addresses are no secrets, but the pairs they make are."""
    user = values.get("email") or values.get("username")
    for name, value in values.items():
        if name in NO_SECRETS:
            continue
        pair = base64.b64encode(f"{user}:{value}".encode(errors="replace")).decode()
        guard_values([value, pair] if user else [value])


def _value(credential: Credential, *names: str) -> str:
    for name in names:
        if found := credential.values.get(name):
            return found
    raise FatalError(
        "AUTH_ERROR",
        f"The credential lacks `{names[0]}`. Store it again with that value.",
        details={"field": f"credentials.{names[0]}"},
    )


def _header(name: str, value: str) -> dict[str, str]:
    if not all(32 <= ord(c) < 127 for c in name + value):
        raise FatalError(
            "AUTH_ERROR",
            "The credential holds a line break, or a character that no header carries. Copy it "
            "again without one.",
            details={"field": "credentials"},
        )
    return {name: value}
