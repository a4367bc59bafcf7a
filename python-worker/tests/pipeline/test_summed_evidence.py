from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.results import Evidence
from inlet_worker.pipeline.summed_evidence import FIRST, evidence_as_told, summed


def odd(n: int, code: str = "ODD") -> Evidence:
    return Evidence(code, f"Record {n} is odd.", "partial")


@given(count=st.integers(0, 60), size=st.integers(1, 25))
def test_the_first_ten_of_a_kind_are_told_and_the_others_counted_however_they_come_in(
    count: int, size: int
) -> None:
    everything = [odd(n) for n in range(count)]
    told: tuple[Evidence, ...] = ()
    for start in range(0, count, size):
        told = summed([*told, *summed(everything[start : start + size])])
    assert [e for e in told if not e.more] == everything[:FIRST]
    assert sum(e.more or 1 for e in told) == count


def test_what_is_said_twice_counts_once_and_each_kind_has_its_ten() -> None:
    both = [odd(n % 12, code) for code in ("A", "B") for n in range(24)]
    assert [(e.code, e.more) for e in summed(both)] == [("A", 0)] * 10 + [("A", 2)] + [
        ("B", 0)
    ] * 10 + [("B", 2)]


def test_the_contract_hears_of_more_only_when_there_are_more() -> None:
    assert "more" not in evidence_as_told(odd(1))
    assert [evidence_as_told(e).get("more") for e in summed(odd(n) for n in range(12))][-1] == 2
