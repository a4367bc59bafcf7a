"""The credential broker as a run sees it: a function that opens credentials, to whoever shows a
grant (decision 26). Nothing else of this worker reads one.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from inlet_sdk.contracts.names import ERRORS
from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_worker.contracts.models import (
    BrokerAnswer,
    BrokerAnswer1,
    BrokeredCredential,
    BrokerRequest,
    CredentialRef,
    VersionId,
    VersionSeen,
)

LARGEST_ANSWER = 256 * 1024
"""Bytes. A credential has at most 32 kB."""


class CredentialBroker:
    """`client` is a boto3 client of Lambda, which asks again where Lambda turns the request away
    before the broker saw it.
    """

    def __init__(self, client: Any, function: str) -> None:
        self._client = client
        self._function = function

    def ask(self, reference: CredentialRef, version_seen: str | None = None) -> BrokeredCredential:
        """The credential that counts now; `version_seen`: a newer one than this, which the vendor
        refused. Raises FatalError `AUTH_ERROR` when the owner has none that the vendor takes, or
        `FORBIDDEN` when the run has ended, and RetryableError when the broker cannot say now.
        """
        request = BrokerRequest(
            grant=_grant(reference),
            version_seen=None if version_seen is None else VersionSeen(version_seen),
            version_id=VersionId(reference.version_id) if reference.tried else None,
        )

        answer = self._invoke(request)

        if isinstance(answer.root, BrokerAnswer1):
            return answer.root.credential
        raise _refusal(answer.root.error.code, answer.root.error.message)

    def _invoke(self, request: BrokerRequest) -> BrokerAnswer:
        """Never tells what it was answered: it may hold a value."""
        try:
            answer = self._client.invoke(
                FunctionName=self._function,
                Payload=request.model_dump_json(by_alias=True, exclude_none=True).encode(),
            )
            body = answer["Payload"].read(LARGEST_ANSWER)
            if answer.get("FunctionError"):
                raise _silent()
            return BrokerAnswer.model_validate_json(body)
        except (ClientError, BotoCoreError, OSError, ValidationError):
            raise _silent() from None


def _grant(reference: CredentialRef) -> str:
    if reference.grant is not None:
        return reference.grant.root
    raise RetryableError(
        "INTERNAL",
        "The work was given out by an earlier release, without a grant to read credentials. "
        "A run is given one and goes on; start anything else again.",
    )


def _refusal(code: str, message: str) -> IngestError:
    """What is not there cannot be used, and is mended as one that is refused."""
    if code == "NOT_FOUND":
        return FatalError("AUTH_ERROR", message, details={"field": "credentials"})
    if code not in ERRORS:
        return _silent()
    return RetryableError(code, message) if ERRORS[code] else FatalError(code, message)


def _silent() -> RetryableError:
    return RetryableError("INTERNAL", "The credential broker does not answer. Try again later.")
