"""Names of tables and columns that a database takes. A name is kept where it can be; else it is cut
and marked with the beginning of its hash, so that two names never become one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

_PLAIN = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_MARKS = (8, 16, 32)
LONGEST_TABLE = 63


@dataclass(frozen=True)
class NameRules:
    """What a database takes for a column's name: `longest` in UTF-8 bytes, only ASCII, and whether
    it takes `A` and `a` for one name. `taken`: names of its own.
    """

    longest: int = 63
    only_ascii: bool = False
    folds: bool = False
    taken: frozenset[str] = frozenset()

    def fold(self, name: str) -> str:
        """Equal for names that the database takes for one."""
        return name.lower() if self.folds else name

    def fits(self, name: str) -> bool:
        """Whether the database takes the name as it is."""
        return (
            bool(name)
            and name.isprintable()
            and name == name.strip()
            and (name.isascii() or not self.only_ascii)
            and len(name.encode()) <= self.longest
        )


def column_name(name: str, rules: NameRules, taken: Collection[str]) -> str:
    """The name of a field's column. `taken` are the folded names of the table's other columns."""
    others = {*taken, *rules.taken}
    if rules.fits(name) and rules.fold(name) not in others:
        return name

    mark = _hash(name)
    for size in _MARKS:
        found = f"{_cut(name, rules, rules.longest - size - 2)}__{mark[:size]}"
        if rules.fold(found) not in others:
            return found
    return mark[: rules.longest]


def table_name(namespace: str, table: str) -> str:
    """`<namespace>__<table>`, one for each pair."""
    joined = f"{namespace}__{table}"
    plain = _PLAIN.fullmatch(namespace) and _PLAIN.fullmatch(table)
    if plain and len(joined) <= LONGEST_TABLE:
        return joined

    # Neither part of a plain name holds two underscores in a row, so no other pair gets this one.
    mark = _hash(f"{len(namespace)}:{namespace}{table}")[:16]
    stem = re.sub(r"[^a-z0-9]+", "_", joined.lower())[: LONGEST_TABLE - 18].strip("_")
    return f"{stem or 'table'}__{mark}__"[:LONGEST_TABLE]


def _cut(name: str, rules: NameRules, longest: int) -> str:
    """The beginning of the name, of printable characters that the database takes."""
    kept = "".join(
        one if one.isprintable() and (one.isascii() or not rules.only_ascii) else "_"
        for one in name
    )
    return kept.encode()[:longest].decode(errors="ignore").strip() or "_"


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
