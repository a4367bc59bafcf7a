"""What a database does not do, by what helps. A driver's text may hold data, and stays out: only
the error's code is told.
"""

from __future__ import annotations

from inlet_sdk.errors import FatalError, RetryableError


class DatabaseConflict(Exception):
    """Another writer was first: nothing happened, and the same may work at once."""


class DatabaseLost(RetryableError):
    """The connection ended. What was asked last may have happened, or not."""

    def __init__(self) -> None:
        super().__init__(
            "SINK_UNAVAILABLE",
            "The sink's database does not answer now; the slice is tried again. Test the sink.",
        )


def unavailable(code: object) -> RetryableError:
    """The database cannot do it now."""
    return RetryableError(
        "SINK_UNAVAILABLE",
        f"The sink's database cannot do this now (error {code}); the slice is tried again.",
    )


def login_refused(code: object) -> FatalError:
    """User, password or their rights to connect."""
    return FatalError(
        "SINK_REJECTED",
        f"The sink's database lets this user not in (error {code}). Store the user and password "
        "again: PUT /sinks/{sinkId}/credentials.",
        details={"field": "credentials"},
    )


def place_refused(code: object, field: str) -> FatalError:
    """A database or schema that is not there."""
    return FatalError(
        "SINK_REJECTED",
        f"The sink's database does not know {field} (error {code}). Correct it, or create it.",
        details={"field": field},
    )


def rights_refused(code: object) -> FatalError:
    """The user may not."""
    return FatalError(
        "SINK_REJECTED",
        f"The sink's database does not let this user write (error {code}). Grant it the right to "
        "create, change, read and drop tables there.",
        details={"field": "credentials.secret.user"},
    )


def tls_refused() -> FatalError:
    """The server has no TLS, or a certificate that is not for its name."""
    return FatalError(
        "SINK_REJECTED",
        "The sink's database does not prove that it is the host by TLS. Give its certificate "
        "authority as config.caCertificate, and the host by the name in its certificate.",
        details={"field": "config.caCertificate"},
    )


def refused(code: object) -> FatalError:
    """It will not do it, however often it is asked."""
    return FatalError(
        "SINK_REJECTED",
        f"The sink's database refuses what a landing needs (error {code}). Look into its log; a "
        "table that was changed by hand must get back the columns that Inlet made.",
    )


def too_old(oldest: str) -> FatalError:
    """A server without what a landing needs."""
    return FatalError(
        "SINK_REJECTED",
        f"The sink's database is older than {oldest}. Use a newer one.",
        details={"field": "config.host"},
    )


def host_unknown() -> RetryableError:
    """A name that no resolver knows, now."""
    return RetryableError(
        "SINK_UNAVAILABLE",
        "The host name of config.host is not known. Check it.",
        details={"field": "config.host"},
    )
