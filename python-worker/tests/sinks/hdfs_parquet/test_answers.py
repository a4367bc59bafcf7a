from __future__ import annotations

import orjson
import pytest

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.hdfs_parquet.answers import (
    Answer,
    Unanswered,
    check,
    json_of,
    remote_exception,
    unanswered,
)


def refused(status: int, name: str, message: str = "of /data, token abc") -> Answer:
    told = {"RemoteException": {"exception": name, "message": message}}
    return Answer(status, {}, orjson.dumps(told))


@pytest.mark.parametrize(
    ("status", "name", "code", "field"),
    [
        (401, "AuthenticationException", "SINK_REJECTED", "credentials"),
        (401, "", "SINK_REJECTED", "credentials"),
        (403, "InvalidToken", "SINK_REJECTED", "credentials"),
        (403, "AccessControlException", "SINK_REJECTED", "config.path"),
        (403, "DSQuotaExceededException", "SINK_REJECTED", "config.path"),
        (403, "FileAlreadyExistsException", "SINK_REJECTED", "config.path"),
        (400, "IllegalArgumentException", "SINK_REJECTED", "config.path"),
    ],
)
def test_a_refusal_names_what_to_mend_and_quotes_nothing(
    status: int, name: str, code: str, field: str
) -> None:
    with pytest.raises(FatalError) as raised:
        check(refused(status, name), "MKDIRS")
    assert (raised.value.code, raised.value.details) == (code, {"field": field})
    assert "token abc" not in raised.value.message


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (403, "SafeModeException"),
        (403, "StandbyException"),
        (403, "RetriableException"),
        (503, ""),
        (500, "NullPointerException"),
        (429, ""),
    ],
)
def test_a_name_node_that_is_not_ready_is_asked_again(status: int, name: str) -> None:
    with pytest.raises(Unanswered):
        check(refused(status, name), "RENAME")


def test_what_is_not_there_is_told_apart_from_an_address_where_nothing_is() -> None:
    with pytest.raises(FileNotFoundError):
        check(refused(404, "FileNotFoundException"), "OPEN")
    with pytest.raises(FatalError, match="no WebHDFS"):
        check(Answer(404, {}, b"<html>"), "OPEN")


def test_an_exception_that_the_caller_understands_passes() -> None:
    check(refused(403, "FileAlreadyExistsException"), "RENAME", ("FileAlreadyExistsException",))
    check(Answer(200, {}, b""), "RENAME")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"x"', b'{"RemoteException": 1}', b'{"RemoteException": {"exception": 1}}'],
)
def test_an_answer_of_another_form_names_no_exception(body: bytes) -> None:
    assert remote_exception(Answer(500, {}, body)) == ""


def test_a_name_with_anything_but_letters_is_not_repeated() -> None:
    assert remote_exception(refused(403, "token=abc")) == ""


def test_what_is_no_json_is_no_webhdfs() -> None:
    with pytest.raises(FatalError, match="no WebHDFS"):
        json_of(Answer(200, {}, b"<html>"))


def test_a_broken_connection_may_be_tried_again() -> None:
    assert unanswered("OPEN", ConnectionResetError()).retryable
