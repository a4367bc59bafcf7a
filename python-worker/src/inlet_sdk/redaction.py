"""The one door for words that are not ours: what a vendor says passes `shown` before it is kept or
shown.

No known secret passes, in no encoding in which programs repeat what they were sent, nor eight
characters of one; and no character that a terminal, a log or a page would obey instead of show.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from inlet_sdk.secret_forms import decodings, encodings

REDACTED = "[redacted]"
SECRET_NAME = re.compile(
    r"secret|token|password|passwd|authorization|credential|api[-_]?key|private[-_]?key|cookie",
    re.I,
)
MIN_SECRET_LENGTH = 6  # shorter values would redact ordinary words
PIECE = 8
"""Characters of a secret that are one by themselves: an answer may be cut anywhere."""
LONGEST = 2000
READ = 2 * LONGEST
"""Of a text, at most: what is left out may make room for what follows, but not for a book."""
MOST_MEMBERS = 100
DEEPEST = 6
LARGEST = 2**63
_PLAIN = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_pieces: dict[int, set[str]] = {}
"""By their length, in small letters: a vendor may repeat a secret in capitals."""
_known: set[str] = set()


def guard_values(values: Iterable[str]) -> None:
    """From now on these values are secrets of this process."""
    for given in values:
        value = given.encode(
            errors="replace"
        ).decode()  # half a surrogate pair is sent as nothing else
        if value in _known or len(value) < MIN_SECRET_LENGTH:
            continue
        _known.add(value)
        _plain.cache_clear()
        for form in encodings(value):
            small, size = form.translate(_PLAIN), min(PIECE, len(form))
            pieces = _pieces.setdefault(size, set())
            pieces.update(small[at : at + size] for at in range(len(small) - size + 1))


def forget_all() -> None:
    """For tests: one process guards its secrets for as long as it lives."""
    _known.clear()
    _pieces.clear()
    _plain.cache_clear()


def shown(text: str, most: int = LONGEST) -> str:
    """The text on one line, without a secret or a piece of one, and without characters that do
    something; at most that long.
    """
    plain = _plain(text[:READ])
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    """Of many records the same is said."""
    plain = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    if not _pieces:
        return plain
    plain = _without_pieces(plain)
    return REDACTED if _hides(plain) else plain


def _hides(text: str) -> bool:
    """Whether the text says a secret in other words."""
    return any(_covered(view) for view in decodings(text))


def shown_tree(value: Any, depth: int = 0) -> Any:
    """The same for JSON: texts by value, members by name, numbers that 64 bits hold. What is too
    much is left out.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and _is_secret(value):
        return REDACTED
    if isinstance(value, int):
        return value if -LARGEST <= value < LARGEST else shown(f"{Decimal(value):.20e}")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return shown(value)

    if depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {
            shown(str(name), 200): REDACTED
            if SECRET_NAME.search(str(name))
            else shown_tree(inner, depth + 1)
            for name, inner in list(value.items())[:MOST_MEMBERS]
        }
    if isinstance(value, list | tuple):
        return [shown_tree(inner, depth + 1) for inner in value[:MOST_MEMBERS]]

    return shown(str(value))


def without_secrets(value: Any) -> Any:
    """A vendor's data as it is, but for secrets: rows are shown whole, to more people than may know
    a credential.
    """
    if isinstance(value, str):
        plain = _without_pieces(value) if _pieces else value
        return REDACTED if _pieces and _hides(plain[:READ]) else plain
    if isinstance(value, Mapping):
        return {without_secrets(name): without_secrets(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(inner) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_secret(value):
        return REDACTED
    return value


def without_repeats(text: str) -> str:
    """The same for much text: of secrets only what programs usually make of them, not what encodes
    that once more.
    """
    return _without_pieces(text) if _pieces else text


def _is_secret(number: float) -> bool:
    """Some tokens are nothing but digits, and JSON repeats those as a number."""
    if not _pieces or (isinstance(number, int) and abs(number) >= 10**READ):
        return False
    return bool(_covered(str(number)))


def _without_pieces(text: str) -> str:
    covered = _covered(text)
    if not covered:
        return text
    parts, at = [], 0
    for start, end in covered:
        parts += [text[at:start], REDACTED]
        at = end
    return "".join([*parts, text[at:]])


def _covered(text: str) -> list[tuple[int, int]]:
    """Where secrets stand, as whole stretches."""
    small = text.translate(_PLAIN)
    found: list[tuple[int, int]] = []
    for start, end in sorted(_matches(small)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _matches(small: str) -> Iterator[tuple[int, int]]:
    for size, pieces in _pieces.items():
        for at in range(len(small) - size + 1):
            if small[at : at + size] in pieces:
                yield at, at + size
