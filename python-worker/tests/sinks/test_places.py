from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.sinks.places import Surroundings, place_fault, place_text

VECTORS = json.loads(
    (Path(__file__).parents[3] / "schemas/examples/sink-places/vectors.json").read_text()
)
OURS = tuple(VECTORS["ours"])
NOISE = st.text(alphabet="/:@?#%.\\ \t\n[]*2fF0-aZ", max_size=4)


@pytest.mark.parametrize(
    "case", VECTORS["places"], ids=[ascii(case["place"]) for case in VECTORS["places"]]
)
def test_places_are_judged_as_the_api_judges_them(case: dict[str, Any]) -> None:
    assert place_fault(case["place"], Surroundings(case["local"], OURS)) == case["fault"]


@given(
    scheme=st.sampled_from(["s3", "S3", "s3a", "s3n", "https", "file", ""]),
    slashes=st.sampled_from([":", ":/", "://", ":///", ":////", ""]),
    before=NOISE,
    ours=st.sampled_from([*OURS, *(name.upper() for name in OURS)]),
    after=NOISE,
    path=NOISE,
)
def test_our_bucket_is_refused_in_every_spelling(
    scheme: str, slashes: str, before: str, ours: str, after: str, path: str
) -> None:
    place = f"{scheme}{slashes}{before}{ours}{after}/{path}"
    if place_fault(place, Surroundings(local=False, buckets=OURS)) is None:
        # What is accepted names exactly one bucket, whoever reads it, and it is not ours.
        parts = urlsplit(place)
        assert (parts.scheme, parts.netloc) == ("s3", place.removeprefix("s3://").split("/")[0])
        assert (
            parts.netloc not in OURS
            and not parts.query
            and not parts.fragment
            and parts.username is None
        )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("s3://lake/rows/",), ("s3://lake/rows",)),
        (("s3://lake", "http://localhost:4566"), ("s3://lake", "http://localhost:4567/")),
        (("glue", None, "s3://lake"), ("glue", "s3://lake")),
    ],
)
def test_a_place_has_one_text(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert place_text(*one) == place_text(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("s3://lake/a",), ("s3://lake/b",)),
        (("s3://lake", "https://s3.one.test:9000"), ("s3://lake", "https://s3.one.test:9001")),
        (("sql", "sqlite:////a.db", "file:///w"), ("sql", "sqlite:////b.db", "file:///w")),
    ],
)
def test_two_places_have_two_texts(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert place_text(*one) != place_text(*other)
