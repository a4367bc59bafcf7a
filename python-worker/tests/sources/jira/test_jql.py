"""What a tenant or a vendor writes stands in a query as a text and never as a part of it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.sources.jira import jql

TEXT = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\]|\\u[0-9a-f]{4})*)"')
KEYS = st.lists(st.text(st.characters(), max_size=30), min_size=1, max_size=4)
ATTACKS = [
    'A") OR project != "',
    "A\\",
    'A\\") OR id > 0 --',
    "A\n) OR (",
    "A\x00",
    "A\u2028B",
    "A\u202eB",
    "\ud800",
]


def read_back(text: str) -> str:
    """As Jira reads what stands between the quotes."""
    units = re.sub(
        r"\\(?:u([0-9a-f]{4})|(.))", lambda m: chr(int(m[1], 16)) if m[1] else m[2], text
    )
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


@given(KEYS | st.just(ATTACKS))
def test_project_keys_stay_within_their_quotes(keys: list[str]) -> None:
    query = jql.issues_by_id(7, None, 60_000, keys)
    found = TEXT.findall(query)
    marks = ", ".join("?" * len(keys))
    assert (
        TEXT.sub("?", query)
        == f"id > 7 AND updated >= 60000 AND project in ({marks}) ORDER BY id ASC"
    )
    as_sent = [
        key.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
        for key in keys
    ]
    assert [read_back(text) for text in found] == as_sent
    assert query.isprintable()
