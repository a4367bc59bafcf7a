"""Who the sink is to the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential

AUTH_TYPE = "database_login"
SECRET_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["user", "password"],
    "properties": {
        "user": {"type": "string", "minLength": 1, "maxLength": 128},
        "password": {"type": "string", "minLength": 1, "maxLength": 1024, "writeOnly": True},
    },
}


@dataclass(frozen=True)
class DatabaseLogin:
    """A user of the database, made for Inlet alone."""

    user: str
    password: str = field(repr=False)


def login_of(credential: Credential | None) -> DatabaseLogin | None:
    """Raises FatalError `CONFIG_INVALID` for a credential of another kind."""
    if credential is None:
        return None
    if credential.type != AUTH_TYPE:
        raise FatalError(
            "CONFIG_INVALID",
            f"credentials.authType must be {AUTH_TYPE}. Store the credentials again.",
            details={"field": "credentials.authType"},
        )
    return DatabaseLogin(credential.values["user"], credential.values["password"])


def require_login(login: DatabaseLogin | None, *, local: bool) -> None:
    """Raises FatalError `CONFIG_INVALID` where a server would be asked as nobody."""
    if login is None and not local:
        raise FatalError(
            "CONFIG_INVALID",
            f"credentials are required, with the auth type {AUTH_TYPE}. "
            "Store them with PUT /sinks/{sinkId}/credentials.",
            details={"field": "credentials"},
        )
