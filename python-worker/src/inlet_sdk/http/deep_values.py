"""Values that are nested so deep that no parser takes them, found without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MOST_LEVELS = (900, 500, 200)
"""Parsers go about a thousand levels down, less where they are called from deep themselves: the
first of these that they take here decides, so that a record does not suffer for its neighbours.
"""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def deep_values(body: bytes, levels: int) -> Iterator[tuple[int, int]]:
    """Where the values begin and end that lie below so many levels. Nothing for a body whose
    brackets do not close.
    """
    level, begins = 0, 0
    for token in _TOKEN.finditer(body):
        mark = body[token.start()]
        if mark in b"[{":
            level += 1
            if level == levels + 1:
                begins = token.start()
        elif mark in b"]}":
            level -= 1
            if level == levels:
                yield begins, token.end()


def without(body: bytes, values: Sequence[tuple[int, int]]) -> bytes:
    """The same length, with null and spaces in the place of each value."""
    shallow = bytearray(body)
    for begins, ends in values:
        # The shortest value, [], is shorter than null: a number takes its place.
        shallow[begins:ends] = b"0".ljust(ends - begins)
    return bytes(shallow)
