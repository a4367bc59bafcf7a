"""How Jira says that nobody is logged in while it answers with what anybody may see."""

from __future__ import annotations

from inlet_sdk.http.answer import HttpAnswer

LOGIN_REASON = "X-Seraph-LoginReason"
DENIED_REASON = "X-Authentication-Denied-Reason"
NOT_LOGGED_IN = frozenset(
    {"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED", "AUTHORISATION_FAILED", "OUT"}
)
"""Its values in com.atlassian.seraph.auth.LoginReason, without OK."""


def login_refused(answer: HttpAnswer) -> str | None:
    """The reason that the answer's headers name; None where the login is good or nothing is
    said.
    """
    said = answer.headers.get(LOGIN_REASON, "")
    reasons = {reason.strip().upper() for reason in said.split(",")}
    if refused := reasons & NOT_LOGGED_IN:
        return min(refused)
    return "AUTHENTICATION_DENIED" if answer.headers.get(DENIED_REASON) else None
