"""Findings of one kind are shown by their first ten and a count: a site hides thousands of projects
as easily as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any, Generic, TypeVar

from inlet_sdk.ports.census import Finding
from inlet_sdk.ports.results import Evidence

FIRST = 10
LONGEST = 500
"""Characters of a message."""
F = TypeVar("F", Evidence, Finding)


class Summing(Generic[F]):
    """Takes findings one by one and keeps few of them. One that is said twice counts once."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], list[F]] = {}
        self._seen: set[tuple[str, str, str]] = set()
        self._rest: dict[tuple[str, str], F] = {}

    def add(self, found: F) -> None:
        kind: tuple[str, str] = (found.code, found.weight)
        first = self._first.setdefault(kind, [])
        if found.more:
            self._rest[kind] = replace(found, more=found.more + self._count(kind))
            return

        if (*kind, found.message) in self._seen:
            return

        self._seen.add((*kind, found.message))
        if len(first) < FIRST:
            first.append(replace(found, message=found.message[:LONGEST]))
        else:
            self._rest[kind] = replace(found, more=1 + self._count(kind))

    def result(self) -> tuple[F, ...]:
        found: list[F] = []
        for kind, first in self._first.items():
            found += first
            if rest := self._rest.get(kind):
                found.append(replace(rest, message=f"{rest.more} more like these are not listed."))
        return tuple(found)

    def _count(self, kind: tuple[str, str]) -> int:
        return self._rest[kind].more if kind in self._rest else 0


def summed(findings: Iterable[F]) -> tuple[F, ...]:
    """The same findings, at most ten of a kind, and how many more there are. Summing what is summed
    adds up.
    """
    summing: Summing[F] = Summing()
    for found in findings:
        summing.add(found)
    return summing.result()


def evidence_as_told(evidence: Evidence) -> dict[str, Any]:
    """In the words of the contract, where `more` is named only if there are more."""
    dumped = asdict(evidence)
    return (
        dumped
        if evidence.more
        else {name: value for name, value in dumped.items() if name != "more"}
    )
