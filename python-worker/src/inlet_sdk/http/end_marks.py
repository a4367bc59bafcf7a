"""What a vendor's page says of itself, read whatever type it has: an end mark in other words, or a
count as text, is no reason to refuse the page.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from inlet_sdk.http.decode_errors import words_of

NOTHING = Raw(b"null")
"""Of a member that is not there."""
LONGEST_COUNT = 19
TRUE = (b"true", b"1")
FALSE = (b"false", b"0")


def flag(member: Raw) -> bool | None:
    """None where it is neither true nor false."""
    text = _text(member).lower()
    return True if text in TRUE else False if text in FALSE else None


def count(member: Raw) -> int | None:
    """None where it is no whole number from 0 to 64 bits."""
    text = _text(member)
    return int(text) if text.isdigit() and len(text) < LONGEST_COUNT else None


def token(member: Raw) -> str | None:
    """A page token; None where there is none, or an empty one."""
    text = bytes(member).strip()
    if text[:1] == b'"':
        return msgspec.json.decode(text, type=str).strip() or None
    return None if text in (b"null", b"false", b"{}", b"[]") else text.decode()


def words(*members: Raw) -> str:
    """The texts in a page's messages; empty where there is none."""
    said = [msgspec.json.decode(member) for member in members]
    return words_of(said) or ("something is wrong" if any(said) else "")


def _text(member: Raw) -> bytes:
    return bytes(member).strip().strip(b'"')
