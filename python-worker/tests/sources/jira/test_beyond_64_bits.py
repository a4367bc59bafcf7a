"""Numbers that no column and no counter of 64 bits holds: landed as text, quarantined, or a typed
error; never wrapped, and never in a state that cannot be kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from inlet_sdk.errors import IngestError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.staging.in_memory import InMemoryStaging

from .fake_jira import API, T0, FakeJira, stamp
from .landed_table import LandedTable, an_order, census
from .readings import changed, full

HUGE = 10**30 + 7
NUMBERS = [
    str(HUGE),
    f"-{HUGE}",
    "9223372036854775808",
    "18446744073709551616",
    "1e400",
    "-1e400",
    "1e18",
    "1.5",
    "9" * 5000,
]
UNITS = ("jira.issues", "jira.comments", "jira.worklogs", "jira.users", "jira.projects")


def read(jira: JiraEndpoint, unit: str) -> list[SourceBatch]:
    """Both ways, as far as there are two; a typed error is an end, too."""
    found: list[SourceBatch] = []
    for way in (full, changed):
        try:
            found += way(jira, unit)
        except IngestError as e:
            assert e.code in ("UNEXPECTED_RESPONSE", "CONFIG_INVALID", "RECORD_INVALID"), e
    return found


def can_be_kept(
    unit: str, fields: tuple[FieldDescriptor, ...], batches: Sequence[SourceBatch]
) -> None:
    """What a batch says of where it is goes through JSON; what it brings goes through Arrow."""
    session = InMemoryStaging().allocate_session(a_context(unit), fields)
    writer = session.writer()
    for batch in batches:
        orjson.dumps([batch.resume, batch.cursor])
        writer.write_batch(batch.rows)
        for record in batch.quarantined:
            record.raw.encode()
            assert record.reason


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("quoted", [True, False])
def test_ids_and_times_beyond_64_bits_never_wrap_and_never_break_a_run(
    jira: JiraEndpoint, site: FakeJira, number: str, quoted: bool
) -> None:
    value = f'"{number}"' if quoted else number
    record = (
        f'{{"id":{value},"key":"DEMO-1","accountId":{value},"worklogId":{value},'
        f'"updatedTime":{value},"issueId":{value},"timeSpentSeconds":{value},'
        f'"updated":{json.dumps(stamp(T0))},"displayName":{value},"name":{value},'
        f'"fields":{{"updated":{json.dumps(stamp(T0))},"summary":{value},'
        f'"customfield_10001":{value},"comment":{{"comments":[{{"id":{value},"updated":{value}}}],'
        '"total":1,"maxResults":20,"startAt":0}}}'
    )
    answers = {
        ("POST", "search/jql"): f'{{"issues":[{record}],"isLast":true}}',
        ("GET", "users/search"): f"[{record}]",
        ("GET", "project/search"): f'{{"values":[{record}],"isLast":true}}',
        (
            "GET",
            "worklog/updated",
        ): f'{{"values":[{record}],"lastPage":true,"since":0,"until":{T0}}}',
        ("POST", "worklog/list"): f"[{record}]",
    }
    given: set[tuple[str, str]] = set()
    fields = {dataset.name: dataset.fields for dataset in jira.collect().datasets}

    def once(asked: Asked, key: tuple[str, str], body: str) -> Answer:
        if key[1] == "users/search" and key in given:
            return json_answer([])
        given.add(key)
        return Answer(body.encode())

    for key, body in answers.items():
        site.route(
            key[0], f"{API}/{key[1]}", lambda asked, key=key, body=body: once(asked, key, body)
        )
    for unit in UNITS:
        given.clear()
        batches = read(jira, unit)
        can_be_kept(unit, fields[unit], batches)
        for batch in batches:
            for row in batch.rows:
                check(row, number)


def check(row: Any, number: str) -> None:
    for name, value in row.items():
        if isinstance(value, int) and not isinstance(value, bool):
            assert -(2**63) <= value < 2**63, name
    if "_raw" in row:
        assert number in row["_raw"]


@pytest.mark.parametrize("number", [*NUMBERS, '"x"', '""', '"²"', "null", "true", "{}"])
def test_a_census_meets_them_with_a_typed_error_or_as_nothing(
    jira: JiraEndpoint, site: FakeJira, number: str
) -> None:
    landed = {
        unit: LandedTable.of(jira, unit)
        for unit in ("jira.issues", "jira.comments", "jira.worklogs")
    }
    for values in (site.issues, site.worklogs):
        del values[2]
    record = (
        f'{{"id":{number},"worklogId":{number},"updatedTime":{T0},"issueId":{number},'
        '"key":"DEMO-1"}'
    )
    answers = {
        ("POST", "search/approximate-count"): f'{{"count":{number}}}',
        ("POST", "issue/bulkfetch"): f'{{"issues":[{record}],"issueErrors":[{record}]}}',
        ("POST", "comment/list"): f'{{"values":[{record}]}}',
        ("POST", "worklog/list"): f"[{record}]",
        ("GET", "worklog/deleted"): f'{{"values":[{record}],"lastPage":true}}',
        ("GET", r"issue/\d+/comment"): f'{{"comments":[{record}],"total":1}}',
    }
    for (method, path), body in answers.items():
        site.route(method, f"{API}/{path}", lambda _, body=body: Answer(body.encode()))

    for unit, table in landed.items():
        for due in (True, False):
            try:
                report = census(
                    jira, unit, table, an_order(due=due, uncertain=True, state={"count": 10**6})
                )
                orjson.dumps(report.state)
            except IngestError as e:
                assert e.code in ("UNEXPECTED_RESPONSE", "CENSUS_UNFINISHED"), e


@pytest.mark.parametrize("unit", ["jira.comments", "jira.worklogs"])
def test_a_record_that_no_census_could_compare_is_set_aside(
    jira: JiraEndpoint, site: FakeJira, unit: str
) -> None:
    for issue in site.issues.values():
        issue["comments"] = [{**comment, "id": "x"} for comment in issue["comments"]]
    site.route("POST", f"{API}/worklog/list", lambda _: json_answer([{"id": "7", "issueId": "x"}]))
    batches = full(jira, unit)
    assert not [row for batch in batches for row in batch.rows]
    assert {record.code for batch in batches for record in batch.quarantined} == {"RECORD_INVALID"}
