from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.host.exact_numbers import with_exact_numbers

NUMBERS = st.integers() | st.floats()


@given(NUMBERS)
def test_a_reader_that_counts_in_doubles_reads_what_was_written(number: float) -> None:
    written = json.dumps({"deep": [with_exact_numbers(number)]})
    (read,) = json.loads(written, parse_int=float)["deep"]
    assert read == number or read == str(number) or (read is None and not math.isfinite(number))


def test_large_ids_keep_their_digits() -> None:
    tree = {"id": 10**30 + 7, "small": 3, "yes": True, "huge": 1e300, "none": None}
    assert with_exact_numbers(tree) == {
        "id": "1000000000000000000000000000007",
        "small": 3,
        "yes": True,
        "huge": "1e+300",
        "none": None,
    }
