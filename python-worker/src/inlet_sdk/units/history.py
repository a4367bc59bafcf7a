"""The history of groups that a unit takes in later: owed as a whole, beside the live cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from inlet_sdk.ports.checkpoint import Cursor
from inlet_sdk.ports.source_identity import Scope
from inlet_sdk.units.debt import FROM_THE_BEGINNING, Debt, Owed

GROUPS_PER_DEBT = 100
"""As many as one query names."""


def scope_of(groups: Sequence[str] | None) -> Scope:
    """The groups in one spelling."""
    return None if groups is None else tuple(sorted({group.upper() for group in groups}))


def owing_history(cursor: Cursor, groups: Scope) -> dict[str, Any]:
    """The cursor with the whole history of groups owed."""
    census = dict(cursor.get("census") or {})
    state = dict(census.get("source") or {})
    owed = [one.dump() for one in _history_of(groups)]
    state["owed"] = [*(state.get("owed") or ()), *owed]
    return {**cursor, "census": {**census, "source": state}}


def history_owed(cursor: Cursor) -> Scope | bool:
    """What of it is left."""
    state = (cursor.get("census") or {}).get("source") or {}
    debt = Debt.parse(state)
    left = [one for one in (*debt.owed, *debt.kept) if one.is_history]
    if any(one.groups is None for one in left):
        return True
    return scope_of(tuple(chain.from_iterable(one.groups or () for one in left))) or False


def hidden_apart(debt: Debt, visible: Sequence[str] | None) -> Debt:
    """The debt with what of it no visible group has (None: all are visible) kept for later runs."""
    if visible is None:
        return debt

    seen = {group.upper() for group in visible}
    owed: list[Owed] = []
    kept = list(debt.kept)
    for one in debt.owed:
        hidden = tuple(group for group in one.groups or () if group.upper() not in seen)
        shown = tuple(group for group in one.groups or () if group.upper() in seen)
        if one.groups is None or shown:
            owed.append(one if not hidden else replace(one, groups=shown))
        if hidden:
            kept.append(replace(one, groups=hidden))
    return replace(debt, owed=tuple(owed), kept=tuple(kept))


def _history_of(groups: Scope) -> Iterator[Owed]:
    if groups is None:
        yield Owed(FROM_THE_BEGINNING)
        return
    for start in range(0, len(groups), GROUPS_PER_DEBT):
        yield Owed(FROM_THE_BEGINNING, 0, groups[start : start + GROUPS_PER_DEBT])
