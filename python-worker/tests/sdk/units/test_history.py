from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.ports.source_identity import Scope
from inlet_sdk.units.change_cursor import MINUTE_MS, Windows
from inlet_sdk.units.debt import FROM_THE_BEGINNING, Debt, Owed
from inlet_sdk.units.history import hidden_apart, history_owed, owing_history, scope_of
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.slices import changed_slices
from inlet_worker.pipeline.identity import added_to

from .listed_feed import ListedFeed, Thing

BOXES = ("BLUE", "GREEN", "RED")
scopes = st.one_of(st.none(), st.sets(st.sampled_from(BOXES), min_size=1).map(sorted).map(tuple))
WINDOWS = Windows(overlap_ms=MINUTE_MS, trailing_ms=0)


@dataclass
class Unit:
    """The rows of a unit whose scope changes, and the cursor and scope of its checkpoint."""

    things: dict[int, Thing] = field(default_factory=dict)
    rows: dict[int, Thing] = field(default_factory=dict)
    cursor: dict[str, Any] | None = None
    scope: Scope = None
    clock: int = 0

    def run(self, scope: Scope, *, hidden: set[str] | None = None, slices: int = 1000) -> None:
        """At most so many slices are heard of: then the run is killed."""
        cursor = self.cursor
        added = added_to(self.scope, scope) if cursor is not None else ()
        if cursor is not None and added != ():
            cursor = owing_history(cursor, added)

        self.clock += MINUTE_MS
        feed = ListedFeed(list(self.things.values()), boxes=scope, hidden=hidden or set())
        policy = ReadingPolicy(groups=scope, windows=WINDOWS)
        for part in changed_slices(
            feed, cursor, policy, None, self.clock, lambda: self.clock, Doubts()
        ):
            if slices == 0:
                return
            slices -= 1
            self.rows.update((thing.id, thing) for thing in part.records)
            if part.cursor is not None:
                self.cursor = {**(self.cursor or {}), **part.cursor}
                self.scope = scope

    def edit(self, number: int, box: str) -> None:
        self.clock += 1
        self.things[number] = Thing(number, self.clock, box)

    def behind(self, scope: Scope) -> list[int]:
        return [
            number
            for number, thing in self.things.items()
            if (scope is None or thing.box in scope) and self.rows.get(number) != thing
        ]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(1, 12), st.sampled_from(BOXES)),
        st.tuples(st.just("run"), scopes, st.integers(0, 3)),
        st.tuples(st.just("run"), scopes, st.just(1000)),
    ),
    max_size=25,
)


@given(steps, scopes)
def test_whatever_scopes_came_before_and_whatever_was_killed_a_whole_run_has_all_of_its_own(
    taken: Sequence[tuple[Any, ...]], last: Scope
) -> None:
    unit = Unit()
    for step in taken:
        if step[0] == "edit":
            unit.edit(step[1], step[2])
        else:
            unit.run(step[1], slices=step[2])
            whole = step[2] == 1000
            assert not whole or unit.behind(step[1]) == []

    unit.run(last)
    assert unit.behind(last) == [] and history_owed(unit.cursor or {}) is False


@given(scopes, scopes)
def test_what_a_hidden_group_owes_is_owed_until_it_is_shown(before: Scope, now: Scope) -> None:
    unit = Unit()
    for number in range(1, 10):
        unit.edit(number, BOXES[number % 3])
    unit.run(before)
    unit.run(now, hidden={"BLUE"})

    owes = now is not None and "BLUE" in (added_to(before, now) or ())
    if owes:
        assert history_owed(unit.cursor or {}) == ("BLUE",)
        unit.run(now)
        assert unit.behind(now) == []


def test_a_scope_is_the_same_in_any_spelling_and_order() -> None:
    assert scope_of(["ops", "DEMO", "Demo"]) == scope_of(["DEMO", "OPS"]) == ("DEMO", "OPS")
    assert scope_of(None) is None


def test_a_debt_that_no_visible_group_has_is_kept_and_the_rest_is_owed() -> None:
    debt = Debt(owed=(Owed(FROM_THE_BEGINNING, 7, ("RED", "BLUE")), Owed(5)))
    apart = hidden_apart(debt, ["red"])
    assert apart.owed == (Owed(FROM_THE_BEGINNING, 7, ("RED",)), Owed(5))
    assert apart.kept == (Owed(FROM_THE_BEGINNING, 7, ("BLUE",)),)
    assert hidden_apart(debt, None) == debt and Debt.parse(apart.dump()).owed == (
        *apart.owed,
        *apart.kept,
    )


def test_a_history_is_told_apart_from_what_a_census_found() -> None:
    owing = owing_history({"position": 7}, ("RED",))
    assert history_owed(owing) == ("RED",) and owing["position"] == 7
    assert history_owed(owing_history(owing, None)) is True
    found = Debt(ids=(1,), owed=(Owed(0), Owed(5, 0, ("RED",))))
    assert history_owed({"census": {"source": found.dump()}}) is False


def test_many_groups_are_owed_some_at_a_time() -> None:
    groups = tuple(f"P{number:03}" for number in range(250))
    owed = Debt.parse(owing_history({}, groups)["census"]["source"]).owed
    assert [len(one.groups or ()) for one in owed] == [100, 100, 50]
    assert replace(owed[0], groups=None).after == 0
