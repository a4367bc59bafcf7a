"""Failed connections, classed by what can help: a person, or time."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, ReadTimeoutError

from inlet_sdk.errors import FatalError, IngestError, RetryableError

HOST_MISMATCHES = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED
BROKEN_OFF = ("UNEXPECTED_EOF_WHILE_READING", None)
"""Reasons of an SSLError that say no more than that the connection went."""


class WallError(FatalError):
    """It stays as it is until somebody mends it, but a name server or a proxy hiccups: a few quick
    tries come first.
    """


class SilentError(RetryableError):
    """The site took the connection, or nobody did, and did not answer. Asking again at once would
    hold the caller for as long again.
    """


def connection_error(route: str, error: BaseException, field: str) -> IngestError:
    """The error of a call that `urllib3` or the operating system gave up. `field` names the address
    in the config.
    """
    causes = tuple(_causes(error))
    code, what, remedy = _wall(causes) or ("", "", "")

    if code:
        facts = {"field": field, "route": route}
        return WallError(code, f"{what}. {remedy}", details=facts)
    if any(
        isinstance(cause, ReadTimeoutError | ConnectTimeoutError | TimeoutError) for cause in causes
    ):
        return silent_error(route, field)

    message = (
        f"The connection to the source broke during {route}. Try again later, and check {field}."
    )
    return RetryableError("SOURCE_UNAVAILABLE", message, details={"field": field, "route": route})


def silent_error(route: str, field: str) -> SilentError:
    message = f"The source did not answer {route} in time. Try again later."
    return SilentError(
        "SOURCE_UNAVAILABLE", message, details={"field": field, "route": route, "silent": True}
    )


def _wall(causes: tuple[BaseException, ...]) -> tuple[str, str, str] | None:
    for cause in causes:
        if isinstance(cause, NameResolutionError):
            return (
                "SOURCE_HOST_UNKNOWN",
                "The source's host name is not known",
                "Correct the address.",
            )
        if isinstance(cause, ConnectionRefusedError):
            what = "The source refuses the connection: nothing listens at this address"
            return "SOURCE_REFUSED", what, "Correct host and port, or start the site."
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "SOURCE_CERTIFICATE_INVALID", *_certificate_fault(cause)
        if isinstance(cause, ssl.SSLError) and cause.reason not in BROKEN_OFF:
            what = (
                "The source speaks no TLS at this address, "
                "or a version that is not trusted any more"
            )
            return "SOURCE_TLS_FAILED", what, "Correct scheme and port, or update the site."
        if isinstance(cause, http.client.BadStatusLine) and not isinstance(
            cause, http.client.RemoteDisconnected
        ):
            return (
                "UNEXPECTED_RESPONSE",
                "What answers at this address speaks no HTTP",
                "Correct host and port.",
            )

    return None


def _certificate_fault(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    if error.verify_code == EXPIRED:
        return "The source's certificate has expired", "Renew it at the site."
    if error.verify_code in HOST_MISMATCHES:
        return (
            "The source's certificate is for another host",
            "Correct the address, or the site's certificate.",
        )
    return (
        "The source's certificate is signed by nobody we trust",
        "Give the site a publicly trusted one.",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of: urllib3 chains some and packs others into its
    arguments.
    """
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        one = left.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
