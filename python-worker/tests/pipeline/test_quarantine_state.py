"""What a checkpoint remembers of records that were set aside."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_worker.pipeline.outstanding import identity_of
from inlet_worker.pipeline.quarantine_state import (
    AGAIN_AT_ONCE,
    MOST_NAMED,
    SHELVED_AGAIN_MS,
    QuarantineState,
    without_gone,
)
from inlet_worker.staging.quarantine import content_of

HOUR = 3_600_000


def odd(key: str | None, raw: str = "{}") -> QuarantinedRecord:
    return QuarantinedRecord(key, "RECORD_INVALID", "It is odd.", raw)


def stored(state: QuarantineState) -> QuarantineState:
    """As the next run finds it."""
    return QuarantineState.of(state.ended().within(Checkpoint({"position": 1}, 1)))


def test_the_same_content_goes_on_the_shelf_once_and_again_before_the_bucket_forgets_it() -> None:
    state = QuarantineState()
    assert state.takes(odd("1"), HOUR) is not None
    assert state.takes(odd("1"), 2 * HOUR) is None
    assert stored(state).takes(odd("1", '{"new":1}'), 3 * HOUR) is not None
    assert stored(state).takes(odd("1"), HOUR + SHELVED_AGAIN_MS) is not None
    assert state.count == 1


def test_a_record_without_a_key_is_known_by_its_content() -> None:
    state = QuarantineState()
    for _ in range(3):
        state.takes(odd(None, '{"accountId":""}'), HOUR)
        state = stored(state)
    state.takes(odd(None, "null"), HOUR)
    assert state.count == 2


def test_a_full_reading_that_misses_nothing_settles_what_it_does_not_set_aside() -> None:
    state = QuarantineState()
    for key in ("1", "2", "3"):
        state.takes(odd(key), HOUR)
    for whole, left in ((True, {"2"}), (False, {"2", "3"})):
        full = stored(state)
        full.begin_full()
        full.settle("1")
        full.takes(odd("2"), 2 * HOUR)
        full.end_full(whole=whole)
        assert set(stored(full).records) == left


def test_thousands_are_counted_and_the_state_stays_small() -> None:
    state = QuarantineState()
    many = MOST_NAMED + 500
    unnamed = [
        shelved
        for number in range(many)
        if (shelved := state.takes(odd(str(10**18 + number), f"{number}"), HOUR)).unnamed  # type: ignore[union-attr]
    ]
    assert state.count == many and len(unnamed) == 500
    assert len(str(stored(state).dump())) < 200_000
    again = stored(state)
    for number in range(MOST_NAMED):
        again.settle(str(10**18 + number))
    assert again.count == 500 and again.evidence()[0].weight == "partial"
    for record in unnamed:
        again.is_settled_by(record, HOUR)
    assert again.ended().dump() == {}


def test_a_redriven_content_settles_no_later_one_of_its_record() -> None:
    state = QuarantineState()
    state.takes(odd("1", "old"), HOUR)
    state.takes(odd("1", "new"), 2 * HOUR)
    state.is_settled_by(odd("1", "old"), HOUR)
    assert state.count == 1
    state.is_settled_by(odd("1", "new"), 2 * HOUR)
    assert state.count == 0


def test_discarded_content_counts_no_more_and_other_content_of_the_record_does() -> None:
    state = QuarantineState()
    state.takes(odd("1", "odd"), HOUR)
    state.discard(odd("1", "odd"), HOUR)
    assert (state.count, state.evidence()) == (0, ())
    next_run = stored(state)
    assert next_run.takes(odd("1", "odd"), 2 * HOUR) is None
    assert (next_run.count, next_run.ignored) == (0, 1)
    assert next_run.takes(odd("1", "odder"), 2 * HOUR) is not None
    assert next_run.count == 1
    assert next_run.takes(odd("1", "odd"), 3 * HOUR) is None
    assert next_run.count == 0  # the source shows again what people accepted


def test_readings_that_miss_something_do_not_make_the_state_grow() -> None:
    state = QuarantineState()
    for run in range(4):
        full = stored(state)
        full.begin_full()
        for number in range(MOST_NAMED):
            full.takes(odd(f"{run}-{number}", f"{run}-{number}"), run + 1)
        full.end_full(whole=False)
        state = stored(full)
        assert len(state.records) <= MOST_NAMED and state.count == (run + 1) * MOST_NAMED
    assert len(str(state.dump())) < 200_000


def test_a_record_stands_apart_until_the_source_shows_another_content_that_lands() -> None:
    state = QuarantineState()
    for key in ("1", "2"):
        state.takes(odd(key, "odd"), HOUR)
    assert state.apart == {"1", "2"}
    state.discard(odd("1", "odd"), HOUR)
    state = stored(state)
    assert state.apart == {"1", "2"} and state.count == 1
    state.settle("1")
    state.settle("2")
    assert stored(state).apart == set()
    state.takes(odd("1", "odd"), 2 * HOUR)
    assert stored(state).apart == {"1"} and state.count == 0
    state.takes(odd("1", "odder"), 3 * HOUR)
    assert state.passed == {} and stored(state).apart == {"1"}


def test_a_proven_deletion_leaves_nothing_outstanding() -> None:
    state = QuarantineState()
    for key in ("1", "2", "k" * 40):
        state.takes(odd(key, f"odd {key}"), HOUR)
    checkpoint = state.within(Checkpoint({"position": 1}, 1))
    left = QuarantineState.of(without_gone(checkpoint, ["1", "k" * 40, "7"]))
    assert set(left.records) == {"2"}
    assert QuarantineState.of(without_gone(checkpoint, ["1", "2", "k" * 40])).dump() == {}


def test_every_record_is_asked_for_again_in_its_turn() -> None:
    state = QuarantineState()
    for number in range(2 * AGAIN_AT_ONCE + 50):
        state.takes(odd(f"{number:04}"), HOUR)
    state.takes(odd(None, "no key"), HOUR)
    asked: set[str] = set()
    for _ in range(3):
        turn = state.again()
        assert len(turn) <= AGAIN_AT_ONCE
        asked.update(turn)
        state = stored(state)
    assert asked == set(state.records) - {identity_of(None, "")} - {
        name for name in state.records if name.startswith("~")
    }


def test_a_record_that_is_read_through_its_parent_is_asked_for_by_it() -> None:
    state = QuarantineState()
    for number in range(3):
        comment = QuarantinedRecord(str(number), "RECORD_INVALID", "odd", f"{number}", ask="10001")
        state.takes(comment, HOUR)
    assert stored(state).again() == ("10001",)


KEYS = st.one_of(st.none(), st.text(max_size=40))


@given(st.lists(st.tuples(KEYS, st.text(max_size=5), st.booleans()), max_size=30))
def test_what_is_not_settled_is_still_outstanding_after_any_number_of_runs(
    steps: list[tuple[str | None, str, bool]],
) -> None:
    state, model = QuarantineState(), set[str]()
    for epoch, (key, raw, heals) in enumerate(steps, 1):
        identity = identity_of(key, content_of(raw))
        if heals:
            state.settle(identity)
            model.discard(identity)
        else:
            state.takes(odd(key, raw), epoch)
            model.add(identity)
        state = stored(state)
        assert set(state.records) == model
        assert bool(state.evidence()) == bool(model)
