"""A body's text in the one form that is parsed: UTF-8 without a mark of its byte order."""

from __future__ import annotations

import codecs
from array import array
from contextlib import suppress

import pyarrow as pa

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def in_utf8(body: bytes) -> bytes:
    """The body, turned round where a mark says that it is in another form of Unicode. One that is
    not what its mark says stays as it is, for the parser to refuse.
    """
    for mark, encoding in MARKS:
        if not body.startswith(mark):
            continue
        if encoding == "utf-8":
            return body.removeprefix(mark)
        with suppress(UnicodeError):
            return body.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
        return body
    return body


def is_utf8(body: bytes) -> bool:
    """Whether all of it is, without a copy of it."""
    if body.isascii():
        return True
    ends = pa.py_buffer(array("q", [0, len(body)]))
    try:
        text = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(body)])
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
