"""A vendor's body, never more of it in memory than the limit: decompression stops there, whatever a
bomb would make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isal import isal_zlib

from inlet_sdk.errors import FatalError, RetryableError

CHUNK_BYTES = 256 * 1024
ERROR_BYTES = 64 * 1024
GZIP = 16 + isal_zlib.MAX_WBITS
FIRST_OF_GZIP = 0x1F
BROKEN: type[Exception] = isal_zlib.error  # type: ignore[assignment]
"""What it raises; its stubs call it a value."""
PLAIN = ("", "identity")


class AnswerTooLarge(FatalError):
    """The answer outgrew `HttpLimits.max_bytes`. Asking for a smaller page may help; asking again
    does not.
    """

    def __init__(self, route: str, limit: int) -> None:
        super().__init__(
            "RESPONSE_TOO_LARGE",
            f"The source answered {route} with more than {limit // 2**20} MiB, which is not read. "
            "Narrow the unit's filters, or exclude the field or record that makes it so large.",
            details={"route": route, "limitBytes": limit},
        )


def read_body(response: Any, route: str, limit: int) -> bytes:
    """The whole body, decompressed. `response` is urllib3's, unread. Raises AnswerTooLarge,
    FatalError for an encoding that nobody asked for, RetryableError for a compressed body that is
    cut or broken, and what urllib3 raises.
    """
    content = bytearray()
    for piece in _decoded(_pieces(response, route, limit), response.headers, route):
        if len(content) + len(piece) > limit:
            raise AnswerTooLarge(route, limit)
        content += piece
    return bytes(content)


def read_error_body(response: Any) -> bytes:
    """The beginning of a body that nobody reads, as it came; the connection is closed where it does
    not end soon.
    """
    content = b""
    while piece := response.read1(CHUNK_BYTES, decode_content=False):
        content += piece
        if len(content) > ERROR_BYTES:
            response.close()
            break
    return content[:ERROR_BYTES]


def _pieces(response: Any, route: str, limit: int) -> Iterator[bytes]:
    """As they come. What a connection gives is counted, too: compressed members may be endless and
    hold nothing.
    """
    read = 0
    while piece := response.read1(CHUNK_BYTES, decode_content=False):
        read += len(piece)
        if read > limit:
            raise AnswerTooLarge(route, limit)
        yield piece


def _decoded(pieces: Iterator[bytes], headers: Mapping[str, str], route: str) -> Iterator[bytes]:
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding in PLAIN:
        return pieces
    if encoding in ("gzip", "x-gzip"):
        return _unzipped(pieces, route)
    raise FatalError(
        "UNEXPECTED_RESPONSE",
        f"The source answered {route} compressed in a way that was not asked for. Check baseUrl, "
        "and what stands before the site.",
        details={"route": route, "encoding": encoding, "field": "baseUrl"},
    )


def _unzipped(pieces: Iterator[bytes], route: str) -> Iterator[bytes]:
    """Of every member, a chunk at a time, however much a chunk would make. What follows the first
    member and is none is padding, as every reader of gzip has it.
    """
    inflater, members = isal_zlib.decompressobj(GZIP), 0

    for piece in pieces:
        left = piece
        while left:
            if inflater.eof:
                if left[0] != FIRST_OF_GZIP:
                    return
                inflater, members = isal_zlib.decompressobj(GZIP), members + 1
            try:
                yield inflater.decompress(left, CHUNK_BYTES)
            except BROKEN:
                if members:
                    return
                raise _cut(route) from None
            left = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        while not inflater.eof and (more := inflater.decompress(b"", CHUNK_BYTES)):
            yield more

    if not inflater.eof:
        raise _cut(route)


def _cut(route: str) -> RetryableError:
    return RetryableError(
        "SOURCE_UNAVAILABLE",
        f"The source answered {route} with a cut or broken body. Try again later.",
    )
