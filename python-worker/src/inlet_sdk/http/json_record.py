"""Vendor records cut out of their page byte for byte.

Lone surrogates (`"\\ud800"`) are legal JSON text and no legal Unicode: the parser refuses them.
Then a copy of the page is parsed in which each is `\\ufffd`, six bytes for six, and records are cut
from the original at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import Raw

from inlet_sdk.http.deep_values import MOST_LEVELS, deep_values, without

T = TypeVar("T")
TOO_DEEP = "it is nested too deep"
Members = dict[str, Raw]
Spans = tuple[tuple[int, int], ...]
"""Where pieces of a text begin and end."""

_members: msgspec.json.Decoder[Members] = msgspec.json.Decoder(Members)
_string = msgspec.json.Decoder(str)
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)


@dataclass(frozen=True, slots=True)
class Record:
    """`json` can be parsed; `original` is what the vendor sent. `deep`: where values were left out
    of `json`, since they are nested too deep for any parser; such a record cannot land.
    """

    json: bytes | Raw
    original: bytes | Raw
    deep: Spans = ()

    def members(self) -> Members:
        """The top-level members, each as its own JSON text. Raises msgspec.DecodeError for anything
        but an object.
        """
        try:
            return _members.decode(self.json)
        except RecursionError:
            raise msgspec.DecodeError(TOO_DEEP) from None

    def within(self, member: Raw) -> ParsedPage:
        """One of `members()` as a page of its own, for lists inside a record."""
        piece = bytes(member)
        if self.json is self.original:
            return ParsedPage(piece, piece)
        at = bytes(self.json).index(piece)
        end = at + len(piece)
        return ParsedPage(bytes(self.original)[at:end], piece, _spans(self.deep, at, end))

    def text(self) -> str:
        """The vendor's record as text. Raises UnicodeDecodeError when it is not UTF-8, and
        msgspec.DecodeError when it is nested too deep.
        """
        if self.deep:
            raise msgspec.DecodeError(TOO_DEEP)
        return bytes(self.original).decode()


def same_record(record: Record) -> bytes:
    """What tells a record of a listing from the others: its `id`, or all of it where it has
    none.
    """
    try:
        return bytes(record.members()["id"])
    except (msgspec.DecodeError, KeyError):
        return bytes(record.json)


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page's bytes, and the same bytes made parseable; mostly one object."""

    original: bytes
    json: bytes
    deep: Spans = ()

    def records(self, items: Sequence[Raw]) -> list[Record]:
        """The records of a list, in the page's order."""
        if self.json is self.original:
            return [Record(item, item) for item in items]
        found, at = [], 0
        for item in items:
            piece = bytes(item)
            at = self.json.index(piece, at)
            end = at + len(piece)
            found.append(Record(piece, self.original[at:end], _spans(self.deep, at, end)))
            at = end
        return found


def parse_page(body: bytes, decoder: msgspec.json.Decoder[T]) -> tuple[T, ParsedPage]:
    """Decode a page. Raises msgspec.DecodeError when it is cut, msgspec.ValidationError when it has
    another shape.
    """
    try:
        return decoder.decode(body), ParsedPage(body, body)
    except msgspec.ValidationError:
        raise
    except RecursionError:
        return _without_deep_values(body, decoder)
    except msgspec.DecodeError:
        mended = without_lone_surrogates(body)
        if mended == body:
            raise
        return decoder.decode(mended), ParsedPage(body, mended)


def _without_deep_values(body: bytes, decoder: msgspec.json.Decoder[T]) -> tuple[T, ParsedPage]:
    """Raises RecursionError where its brackets do not close."""
    for levels in MOST_LEVELS:
        deep = tuple(deep_values(body, levels))
        try:
            return _parsed(body, without(body, deep), decoder, deep)
        except RecursionError:
            continue
    raise RecursionError(TOO_DEEP)


def _spans(deep: Spans, begins: int, ends: int) -> Spans:
    """Those within a piece, from its beginning."""
    return tuple((at - begins, end - begins) for at, end in deep if begins <= at < ends)


def _parsed(
    body: bytes, shallow: bytes, decoder: msgspec.json.Decoder[T], deep: Spans
) -> tuple[T, ParsedPage]:
    try:
        return decoder.decode(shallow), ParsedPage(body, shallow, deep)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = without_lone_surrogates(shallow)
        return decoder.decode(mended), ParsedPage(body, mended, deep)


def without_lone_surrogates(body: bytes) -> bytes:
    """The same length, each lone surrogate escape turned into that of U+FFFD."""
    return _ESCAPE.sub(lambda m: rb"\ufffd" if m["lone"] else m[0], body)


def string_of(raw: Raw) -> str:
    """A JSON string's value. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return _string.decode(raw)
