"""A mistake of ours that another attempt would make again is told at once."""

from __future__ import annotations

import json
import ssl

import pytest

from inlet_worker.temporal.failures import application_error, describe

BUGS = [
    OverflowError("int too big to convert"),
    RecursionError("maximum recursion depth exceeded"),
    KeyError("planted"),
    TypeError("planted"),
    ValueError("planted"),
    UnicodeDecodeError("utf-8", b"planted", 0, 1, "invalid"),
]
PASSING = [
    json.JSONDecodeError("planted", "", 0),
    ConnectionResetError("planted"),
    RuntimeError("planted"),
    ssl.SSLCertVerificationError("planted"),
]


@pytest.mark.parametrize("error", BUGS, ids=lambda e: type(e).__name__)
def test_a_fault_is_not_tried_again_and_quotes_nothing(error: Exception) -> None:
    failure = describe(error)
    assert (failure["code"], failure["retryable"]) == ("INTERNAL", False)
    assert type(error).__name__ in failure["message"] and "planted" not in failure["message"]
    assert application_error(failure).non_retryable


@pytest.mark.parametrize("error", PASSING, ids=lambda e: type(e).__name__)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    failure = describe(error)
    assert (failure["code"], failure["retryable"]) == ("INTERNAL", True)
    assert "planted" not in failure["message"]
