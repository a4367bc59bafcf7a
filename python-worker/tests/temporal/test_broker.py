"""The broker over Lambda's own protocol, with the client that a run has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_worker.contracts.models import CredentialRef
from inlet_worker.host.aws import Aws
from inlet_worker.host.broker import CredentialBroker

from .broker_server import FUNCTION, BrokerServer, Odd, answered, broker_server, refused
from .test_credentials import CANARY, REFERENCE

SECRET = {"accessToken": CANARY, "tokenType": "Bearer"}
THROTTLED = Odd(
    429, b'{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}',
    {"X-Amzn-ErrorType": "TooManyRequestsException"},
)  # fmt: skip
DOWN = Odd(503, b"{}", {"X-Amzn-ErrorType": "ServiceException"})
CRASHED = Odd(200, json.dumps({"errorMessage": CANARY}).encode(), {"X-Amz-Function-Error": "Error"})


@pytest.fixture(scope="module")
def lambda_(aws: dict[str, str]) -> Iterator[BrokerServer]:
    with broker_server() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        yield server


@pytest.fixture(scope="module")
def client(lambda_: BrokerServer) -> Any:
    return Aws().functions


@pytest.fixture
def asking(lambda_: BrokerServer, client: Any) -> CredentialBroker:
    lambda_.odd.clear()
    lambda_.requests.clear()
    lambda_.credentials = {"a.signed.grant": answered(SECRET, authType="oauth2", version="v7")}
    return CredentialBroker(client, FUNCTION)


def test_it_is_shown_the_grant_and_what_was_refused(
    asking: CredentialBroker, lambda_: BrokerServer
) -> None:
    assert asking.ask(REFERENCE).version == "v7"
    assert asking.ask(REFERENCE, "v6").secret == SECRET
    tried = CredentialRef.model_validate({**REFERENCE.model_dump(by_alias=True), "tried": True})
    asking.ask(tried)
    grant = {"grant": "a.signed.grant"}
    assert lambda_.requests == [grant, {**grant, "versionSeen": "v6"}, {**grant, "versionId": "v1"}]


@pytest.mark.parametrize("odd", [THROTTLED, DOWN])
def test_who_is_turned_away_asks_again(
    asking: CredentialBroker, lambda_: BrokerServer, odd: Odd
) -> None:
    lambda_.odd = [odd, odd]
    assert asking.ask(REFERENCE).version == "v7"
    assert len(lambda_.requests) == 3


@pytest.mark.parametrize(
    "odds",
    [
        [THROTTLED] * 5,
        [DOWN] * 5,
        [CRASHED],
        [Odd(403, b"{}", {"X-Amzn-ErrorType": "AccessDeniedException"})],
        [Odd(404, b"{}", {"X-Amzn-ErrorType": "ResourceNotFoundException"})],
        [Odd(body=b"")],
        [Odd(body=b"null")],
        [Odd(body=b'{"credential":')],
        [Odd(body=json.dumps({"credential": {**answered(SECRET), "more": CANARY}}).encode())],
        [Odd(body=json.dumps({"credential": answered({"accessToken": 5})}).encode())],  # type: ignore[dict-item]
        [Odd(body=json.dumps({"credential": answered(SECRET)}).encode().rjust(300_000))],
        [Odd(body=json.dumps(answered(SECRET)).encode())],
        [refused("NO_SUCH_CODE", CANARY)],
    ],
    ids=[
        *("throttled", "down", "crashed", "denied", "unknown", "empty", "null", "cut", "more"),
        *("number", "huge", "bare", "code"),
    ],
)
def test_an_odd_answer_is_a_bad_moment_and_shows_nothing(
    asking: CredentialBroker, lambda_: BrokerServer, odds: list[Odd]
) -> None:
    lambda_.odd = list(odds)
    with pytest.raises(RetryableError, match="Try again later") as silent:
        asking.ask(REFERENCE)
    assert silent.value.code == "INTERNAL"
    assert CANARY not in str(silent.value) and silent.value.__cause__ is None


def test_a_broker_that_nobody_serves_is_a_bad_moment() -> None:
    gone = boto3.client("lambda", endpoint_url="http://127.0.0.1:9", region_name="us-east-1")
    with pytest.raises(RetryableError, match="Try again later"):
        CredentialBroker(gone, FUNCTION).ask(REFERENCE)


@pytest.mark.parametrize(
    ("code", "becomes", "kind"),
    [
        ("FORBIDDEN", "FORBIDDEN", FatalError),
        ("AUTH_ERROR", "AUTH_ERROR", FatalError),
        ("NOT_FOUND", "AUTH_ERROR", FatalError),
        ("SOURCE_UNAVAILABLE", "SOURCE_UNAVAILABLE", RetryableError),
        ("TIMEOUT", "TIMEOUT", RetryableError),
        ("RATE_LIMITED", "RATE_LIMITED", RetryableError),
    ],
)
def test_what_the_broker_refuses_ends_the_run_or_is_tried_again(
    asking: CredentialBroker,
    lambda_: BrokerServer,
    code: str,
    becomes: str,
    kind: type[IngestError],
) -> None:
    lambda_.odd = [refused(code, "Connect the endpoint again.")]
    with pytest.raises(kind, match="Connect the endpoint again") as error:
        asking.ask(REFERENCE)
    assert error.value.code == becomes


def test_a_plan_of_an_earlier_release_says_what_to_do(asking: CredentialBroker) -> None:
    planned = REFERENCE.model_copy(update={"grant": None})
    with pytest.raises(RetryableError, match="is given one and goes on"):
        asking.ask(planned)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=200), st.recursive(
    st.none() | st.booleans() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["credential", "error", "code", "secret", "x"]), inner),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())))  # fmt: skip
def test_whatever_it_answers_only_an_ingest_error_leaves(
    asking: CredentialBroker, lambda_: BrokerServer, body: bytes
) -> None:
    lambda_.odd = [Odd(body=body)]
    with pytest.raises(IngestError):
        asking.ask(REFERENCE)
