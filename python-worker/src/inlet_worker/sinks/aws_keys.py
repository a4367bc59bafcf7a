"""Who a sink is to the S3 and Glue that a tenant owns: never this process itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from inlet_sdk.errors import FatalError

TOLD_SECONDS = 3600
"""A store asks for the keys again after this; they outlive the activity."""


SECRET_SCHEMAS: dict[str, dict[str, Any]] = {
    "aws_role": {
        "type": "object",
        "additionalProperties": False,
        "required": ["roleArn"],
        "properties": {
            "roleArn": {
                "type": "string",
                "pattern": "^arn:aws[a-z-]{0,20}:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$",
                "maxLength": 200,
                "description": "A role of your account whose trust policy is as the sink's "
                "`trust` says.",
            }
        },
    },
    "aws_keys": {
        "type": "object",
        "additionalProperties": False,
        "required": ["accessKeyId", "secretAccessKey"],
        "properties": {
            "accessKeyId": {"type": "string", "minLength": 1, "maxLength": 128},
            "secretAccessKey": {
                "type": "string",
                "minLength": 8,
                "maxLength": 256,
                "writeOnly": True,
            },
        },
    },
}
"""Of the credential, by auth type."""


@dataclass(frozen=True)
class AwsKeys:
    """Keys of a role that was assumed, or of an S3 that is not AWS's."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    @property
    def boto(self) -> dict[str, str | None]:
        """For `boto3.client`. The token is said even where there is none: boto would take ours."""
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_session_token": self.session_token,
        }

    @property
    def iceberg(self) -> dict[str, str]:
        """For pyiceberg's files."""
        token = {"s3.session-token": self.session_token} if self.session_token else {}
        return {
            "s3.access-key-id": self.access_key_id,
            "s3.secret-access-key": self.secret_access_key,
            **token,
        }

    def for_obstore(self) -> dict[str, Any]:
        """A credential provider of obstore's, which takes the place of every variable of the
        environment.
        """
        expires = datetime.now(UTC) + timedelta(seconds=TOLD_SECONDS)
        keys = {"access_key_id": self.access_key_id, "secret_access_key": self.secret_access_key}
        return {**keys, "token": self.session_token, "expires_at": expires}


def require_keys(sink: str, needed: bool, keys: AwsKeys | None) -> None:
    """Raises FatalError `CONFIG_INVALID` when a place of the tenant's own would be asked as
    ourselves.
    """
    if needed and keys is None:
        raise FatalError(
            "CONFIG_INVALID",
            f"Sink {sink}: a place of your own needs credentials: aws_role for AWS's S3, aws_keys "
            f"with an endpointUrl. "
            "Store them with PUT /sinks/{sinkId}/credentials.",
            details={"field": "credentials"},
        )
