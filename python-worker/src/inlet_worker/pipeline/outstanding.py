"""Records that were set aside and are not in the sink: how each is named in a checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inlet_worker.staging.quarantine import content_of

LONGEST_KEY = 24
SEPARATOR = ":"


@dataclass(frozen=True)
class Named:
    """An outstanding record. `epoch`: of the run that put it on the shelf. `ask`: what the source
    is asked for to read it again, where that is not its key.
    """

    content: str
    epoch: int
    ask: str = ""


def identity_of(key: str | None, content: str) -> str:
    """What a record is known by."""
    if key is None:
        return f"~{content}"
    if len(key) > LONGEST_KEY or SEPARATOR in key or key.startswith("~"):
        return f"~{content_of(key)}"
    return key


def keys_in(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Iterator[str]:
    """Of the rows that have theirs, as QuarantinedRecord names them."""
    for row in rows:
        values = [row.get(name) for name in names]
        if None not in values:
            yield ",".join(map(str, values))


def parsed(stored: Mapping[str, Sequence[str]] | None) -> dict[str, Named]:
    """By identity, of what `dumped` wrote."""
    found = {}
    for epoch, names in (stored or {}).items():
        for name in names:
            identity, content, ask = f"{name}{SEPARATOR}".split(SEPARATOR)[:3]
            found[identity] = Named(content, int(epoch), ask)
    return found


def dumped(records: Mapping[str, Named]) -> dict[str, list[str]]:
    """{epoch: [identity:content[:ask], …]}."""
    dumped: dict[str, list[str]] = {}
    for identity, named in records.items():
        parts = [identity, named.content, *([named.ask] if named.ask else [])]
        dumped.setdefault(str(named.epoch), []).append(SEPARATOR.join(parts))
    return dumped
