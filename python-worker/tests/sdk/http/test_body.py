"""Bodies that lie, never end, or unpack to more than there is: bounded in memory and time, told
once by code.
"""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import Any

import pytest

from inlet_sdk.contracts import names
from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.body import ERROR_BYTES, AnswerTooLarge
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import HttpLimits, Request
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock

MEBIBYTE = 2**20
LIMIT = MEBIBYTE
GZIP = {"Content-Encoding": "gzip"}
CHUNKED = {"Transfer-Encoding": "chunked"}
EMPTY_MEMBER = gzip.compress(b"")


@contextmanager
def raw_site(
    headers: dict[str, str], pieces: Callable[[], Iterator[bytes]], status: int = 200
) -> Iterator[tuple[str, list[str]]]:
    """A site whose bytes nobody corrects. Yields its address and what was asked."""
    server = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    asked.append(connection.recv(65536).decode().splitlines()[0])
                    lines = [
                        f"HTTP/1.1 {status} Fine",
                        "Content-Type: application/json",
                        "Connection: close",
                    ]
                    lines += [f"{name}: {value}" for name, value in headers.items()]
                    connection.sendall("\r\n".join([*lines, "", ""]).encode())
                    for piece in pieces():
                        connection.sendall(piece)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
    finally:
        server.close()


def ask(url: str, clock: FakeClock | None = None, **limits: Any) -> Any:
    http = HttpEndpoint(
        url,
        LOGIN,
        allow_private_networks=True,
        clock=(clock or FakeClock()).clock(),
        limits=HttpLimits(**{"max_bytes": LIMIT, **limits}),
    )
    try:
        return http.fetch_json(Request("/thing"), Any)
    finally:
        http.close()


def chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def one(body: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter([body])


def bomb() -> Iterator[bytes]:
    """A gigabyte of blanks in a megabyte, as long as somebody reads."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for _ in range(1024):
        yield packer.compress(b" " * MEBIBYTE)
    yield packer.flush()


ENDLESS: dict[str, tuple[dict[str, str], Callable[[], Iterator[bytes]]]] = {
    "a gigabyte in a megabyte": (GZIP, bomb),
    "the same in chunks": (CHUNKED | GZIP, lambda: chunked(filter(None, bomb()))),
    "chunks without end": ({"Transfer-Encoding": "chunked"}, lambda: chunked(repeat(b" " * 65536))),
    "no length and no end": ({}, lambda: repeat(b" " * 65536)),
    "more than 70 MB, as said": (
        {"Content-Length": str(70 * 10**6)},
        lambda: repeat(b" " * 65536, 1100),
    ),
    "members without end that hold nothing": (GZIP, lambda: repeat(EMPTY_MEMBER * 1000)),
    "members without end": (
        CHUNKED | GZIP,
        lambda: chunked(repeat(gzip.compress(b" " * MEBIBYTE))),
    ),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_beyond_the_limit_is_told_once_and_takes_no_memory(kind: str) -> None:
    headers, pieces = ENDLESS[kind]
    with raw_site(headers, pieces) as (url, asked):
        tracemalloc.start()
        with pytest.raises(AnswerTooLarge) as refused:
            ask(url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 12 * LIMIT
    assert (refused.value.code, refused.value.retryable) == ("RESPONSE_TOO_LARGE", False) and len(
        asked
    ) == 1
    assert refused.value.details["limitBytes"] == LIMIT and "filters" in refused.value.message
    assert "RESPONSE_TOO_LARGE" in names.ERRORS


@pytest.mark.parametrize(
    "encoding", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip,br", "x" * 3000]
)
def test_an_encoding_that_was_not_asked_for_is_told_once(encoding: str) -> None:
    twice = one(gzip.compress(gzip.compress(b"{}")))
    with (
        raw_site({"Content-Encoding": encoding}, twice) as (url, asked),
        pytest.raises(FatalError) as refused,
    ):
        ask(url)
    assert "not asked for" in refused.value.message
    assert refused.value.code == "UNEXPECTED_RESPONSE" and len(asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b'{"a":') + gzip.compress(b"1}"),
        gzip.compress(b'{"a":1}') + EMPTY_MEMBER * 3,
        gzip.compress(b'{"a":1}') + b"\0" * 512,
    ],
    ids=["two members", "empty members", "padding"],
)
def test_members_and_padding_are_read_as_gzip_reads_them(body: bytes) -> None:
    with raw_site(GZIP, one(body)) as (url, _):
        assert ask(url) == {"a": 1}
    with raw_site(
        {**GZIP, "Transfer-Encoding": "chunked"}, lambda: chunked(bytes([b]) for b in body)
    ) as (url, _):
        assert ask(url) == {"a": 1}


@pytest.mark.parametrize("length", ["100", "0", "3", "-1", "9" * 30, "many"])
def test_a_length_that_is_a_lie_ends_as_a_value_or_typed(length: str) -> None:
    with raw_site({"Content-Length": length}, one(b'{"a":1}')) as (url, _), suppress(IngestError):
        assert ask(url) == {"a": 1}


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "AUTH_ERROR"), (404, "SOURCE_NOT_FOUND"), (503, "SOURCE_UNAVAILABLE")],
)
def test_a_refusal_stays_what_it_is_whatever_its_body(status: int, code: str) -> None:
    for headers, pieces in (
        ENDLESS["no length and no end"],
        (GZIP, bomb),
        ({"Content-Encoding": "br"}, one(b"x")),
    ):
        with raw_site(headers, pieces, status) as (url, _), pytest.raises(IngestError) as refused:
            ask(url)
        assert refused.value.code == code
    assert ERROR_BYTES < LIMIT


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":01}',
        b'{"a":"\xff"}',
        b"{'a':1}",
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_no_json_each_time_is_told_as_final(body: bytes) -> None:
    with raw_site({}, one(body)) as (url, asked), pytest.raises(FatalError) as refused:
        ask(url)
    assert refused.value.code == "UNEXPECTED_RESPONSE" and 1 <= len(asked) <= 5


def test_cut_json_may_come_whole_next_time() -> None:
    with raw_site({}, one(b'{"a":')) as (url, _), pytest.raises(RetryableError):
        ask(url)
