"""Lists of a catalogue: fields, statuses, priorities. One that is refused, and an entry that makes
no sense, stop nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

from inlet_sdk.errors import IngestError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.json_record import Members, Record, parse_page
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceWarning

T = TypeVar("T")
REFUSALS = frozenset(
    {
        "SOURCE_FORBIDDEN",
        "SOURCE_NOT_FOUND",
        "API_GONE",
        "VALIDATION_ERROR",
        "UNEXPECTED_RESPONSE",
    }
)
"""What an optional list may answer without stopping a collection. Wrong credentials, a limit and a
cancel are not the list's own.
"""
_list = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True)
class Entries(Generic[T]):
    """`found`: in the list's order, each id once. `warnings` tell of those that were set aside."""

    found: tuple[T, ...] = ()
    warnings: tuple[SourceWarning, ...] = ()


def read_entries(
    site: HttpEndpoint,
    request: Request,
    what: str,
    parse: Callable[[str, Members], T],
    context: IngestionContext | None = None,
) -> Entries[T]:
    """The entries of a flat list; `parse` makes one of its id and its members. `what` is what
    people call the list. Raises FatalError where the answer is no list.
    """
    found: dict[str, T] = {}
    reasons: list[str] = []
    for record in site.fetch(request, _records, context):
        try:
            members = record.members()
            entry_id = text_of(members, "id")
            if entry_id in found:
                continue
            found[entry_id] = parse(entry_id, members)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            reasons.append(_reason(error))

    return Entries(tuple(found.values()), _set_aside(what, reasons))


def optional_entries(
    what: str, read: Callable[[], Entries[T]], *, waits: bool = False
) -> Entries[T]:
    """What `read` reads; nothing, with a warning, where the site refuses it or answers what is no
    list. With `waits`, a list that is out of order for now stops the collection, which is then
    tried again.
    """
    try:
        return read()
    except IngestError as error:
        broken = error.code in ("SOURCE_UNAVAILABLE", "UNEXPECTED_RESPONSE") and not waits
        if not broken and (error.retryable or error.code not in REFUSALS):
            raise
        message = f"The list of {what} could not be read: {error.message}"
        return Entries((), (SourceWarning(error.code, message, partial=True),))


def text_of(members: Members, name: str) -> str:
    """A member that is text or a number, as text. Raises ValueError for anything else, and for
    empty text.
    """
    raw = members.get(name)
    if raw is None or bytes(memoryview(raw)[:1]) not in _TEXT_BEGINS:
        raise ValueError(f"it has no `{name}`")
    text = to_string(raw)
    if not text:
        raise ValueError(f"its `{name}` is empty")
    return text


_TEXT_BEGINS = {b'"', b"-", *(b"%d" % digit for digit in range(10))}


def _records(answer: HttpAnswer) -> list[Record]:
    found, page = parse_page(answer.body, _list)
    return page.records(found)


def _reason(error: Exception) -> str:
    return str(error) if type(error) is ValueError else "it is no object that can be read"


def _set_aside(what: str, reasons: Sequence[str]) -> tuple[SourceWarning, ...]:
    if not reasons:
        return ()
    message = (
        f"{len(reasons)} entries of the list of {what} were left out, the first because "
        f"{reasons[0]}."
    )
    return (SourceWarning("ENTRY_INVALID", message),)
