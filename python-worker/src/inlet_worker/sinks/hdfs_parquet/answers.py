"""What WebHDFS answers, classed by what can help. Of an error only the name of its class is read:
texts may hold paths and tokens.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from urllib3.exceptions import NameResolutionError

from inlet_sdk.errors import FatalError, IngestError, RetryableError

FIELD = "config.url"
_CLASS = re.compile(r"[A-Za-z]{1,80}")
NOT_READY = frozenset({"SafeModeException", "StandbyException", "RetriableException"})
REFUSED = frozenset({"AccessControlException", "SecurityException", "AuthenticationException"})
EXPIRED = frozenset({"InvalidToken"})
FULL = frozenset({"NSQuotaExceededException", "DSQuotaExceededException", "QuotaExceededException"})


class Unanswered(RetryableError):
    """Whether it was done is not known."""

    def __init__(self, message: str) -> None:
        super().__init__("SINK_UNAVAILABLE", message, details={"field": FIELD})


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check(answer: Answer, op: str, allowed: tuple[str, ...] = ()) -> None:
    """Raises what an answer means that is not the one asked for; `allowed` names exceptions that
    the caller understands.
    """
    if answer.status < 300:
        return
    name = remote_exception(answer)
    if name in allowed:
        return

    if answer.status == 404 and name == "FileNotFoundException":
        raise FileNotFoundError(op)
    if name in NOT_READY or answer.status >= 500 or answer.status == 429:
        raise Unanswered(f"HDFS cannot do {op} now ({name or answer.status}). Try again later.")
    raise _refusal(answer.status, name, op)


def remote_exception(answer: Answer) -> str:
    """The class of the error; empty for an answer that is none of WebHDFS's."""
    try:
        name = orjson.loads(answer.body)["RemoteException"]["exception"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) and _CLASS.fullmatch(name) else ""


def json_of(answer: Answer) -> Any:
    """The body. Raises FatalError for one that is no JSON."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise no_webhdfs() from None


def no_webhdfs() -> FatalError:
    """The error of an address where something else answers."""
    return FatalError(
        "CONFIG_INVALID",
        "What answers at config.url is no WebHDFS. Give the address that stands before "
        "/webhdfs/v1.",
        details={"field": FIELD},
    )


def unanswered(op: str, cause: BaseException | None) -> IngestError:
    """The error of a request that brought no whole answer."""
    reasons = (cause, getattr(cause, "reason", None), *getattr(cause, "args", ()))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in reasons):
        return FatalError(
            "SINK_REJECTED",
            "The certificate of config.url, or of a data node, is trusted by nobody we trust, or "
            "is for another host. Give it a publicly trusted one.",
            details={"field": FIELD},
        )
    if any(isinstance(one, NameResolutionError) for one in reasons):
        return Unanswered("The host name of config.url, or of a data node, is not known. Check it.")
    return Unanswered(f"HDFS did not answer {op}. Try again later, and check config.url.")


def _refusal(status: int, name: str, op: str) -> FatalError:
    if status == 401 or name in EXPIRED:
        return FatalError(
            "SINK_REJECTED",
            "HDFS does not know us: the token or password is wrong or has expired. Store another "
            "one with PUT /sinks/{sinkId}/credentials.",
            details={"field": "credentials"},
        )
    if name in REFUSED or (status == 403 and not name):
        return FatalError(
            "SINK_REJECTED",
            f"HDFS refuses {op} below config.path. Give the sink's user the rights to read, write "
            "and delete there.",
            details={"field": "config.path"},
        )
    if name in FULL:
        return FatalError(
            "SINK_REJECTED",
            "The quota of the folder in HDFS is used up. Raise it, or delete what is not needed.",
            details={"field": "config.path"},
        )
    if not name:
        return no_webhdfs()
    return FatalError(
        "SINK_REJECTED",
        f"HDFS refuses {op} ({name}). Check config.path and what is in it.",
        details={"field": "config.path"},
    )
