"""One optional list, and one entry of a list, stops nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.ports.source_endpoint import CollectedCatalog
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import HTML, Answer, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, FakeJira
from .readings import full, ids, rows_of, warnings_of

POINTS: dict[str, Any] = {
    "id": "customfield_10001",
    "name": "Points",
    "custom": True,
    "schema": {"type": "number"},
}


def columns_of(catalog: CollectedCatalog, dataset: str = "jira.issues") -> dict[str, str]:
    fields = next(d.fields for d in catalog.datasets if d.name == dataset)
    assert len({f.name for f in fields}) == len(fields)
    return {f.name: f.type for f in fields}


def serve(site: FakeJira, path: str, answer: Answer) -> None:
    site.route("GET", API + path, lambda _: answer)


@pytest.mark.parametrize(
    ("entry", "type_"),
    [
        ({"id": "customfield_1", "name": None, "custom": True, "schema": {"type": "date"}}, "date"),
        ({"id": "customfield_1", "name": 7, "custom": None, "schema": {"type": "date"}}, "date"),
        ({"id": "customfield_1", "name": "n", "custom": True, "schema": {"type": None}}, "json"),
        ({"id": "customfield_1", "name": "n", "custom": True, "schema": {"type": 3}}, "json"),
        ({"id": "customfield_1", "name": "n", "custom": True, "schema": "string"}, "json"),
        ({"id": "customfield_1", "name": "n", "custom": True, "schema": ["string"]}, "json"),
        ({"id": "customfield_1", "name": ["n"], "custom": True}, "json"),
        (
            {"id": "customfield_1", "custom": 1, "schema": {"type": "string", "custom": None}},
            "string",
        ),
    ],
)
def test_a_custom_field_has_a_column_whatever_its_entry_lacks(
    jira: JiraEndpoint, site: FakeJira, entry: Any, type_: str
) -> None:
    serve(site, "/field", json_answer([entry, POINTS]))
    catalog = jira.collect()
    assert columns_of(catalog)["customfield_1"] == type_
    assert columns_of(catalog)["customfield_10001"] == "double" and catalog.warnings == ()


def test_entries_that_make_no_sense_are_counted_with_the_first_reason(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    odd = [None, 3, [], {"name": "no id"}, {"id": None}, {"id": {}}, {"id": ""}, "text"]
    serve(site, "/field", json_answer([*odd, POINTS]))
    catalog = jira.collect()
    (warning,) = catalog.warnings
    assert warning.code == "ENTRY_INVALID" and not warning.partial
    assert warning.message.startswith("8 entries of the list of fields were left out")
    assert columns_of(catalog)["customfield_10001"] == "double"


def test_ids_that_are_no_custom_fields_have_no_column(jira: JiraEndpoint, site: FakeJira) -> None:
    names = [
        10002,
        "CUSTOMFIELD_10001",
        "customfield_",
        "customfield_\uff11",
        "customfield_1 ",
        "_raw",
    ]
    serve(site, "/field", json_answer([{**POINTS, "id": name} for name in names]))
    assert not [name for name in columns_of(jira.collect()) if "field" in name or name[0] == "_"]


def test_two_entries_of_one_id_are_one(jira: JiraEndpoint, site: FakeJira) -> None:
    twice = [POINTS, {**POINTS, "name": "migrated", "schema": {"type": "string"}}]
    serve(site, "/field", json_answer(twice))
    serve(site, "/status", json_answer([{"id": "1", "name": "Open"}, {"id": 1, "name": "Again"}]))
    catalog = jira.collect()
    assert columns_of(catalog)["customfield_10001"] == "double"
    statuses = next(d for d in catalog.datasets if d.name == "jira.statuses")
    assert statuses.entries == ({"id": "1", "name": "Open"},)


ODD_ANSWERS = {
    "403": json_answer({}, 403),
    "404": json_answer({}, 404),
    "null": Answer(b"null"),
    "HTML": HTML,
    "an object": json_answer({"values": []}),
    "deep": Answer(b"[" * 60_000 + b"]" * 60_000),
}


@pytest.mark.parametrize("path", ["/issuetype", "/status", "/priority", "/field"])
@pytest.mark.parametrize("what", ODD_ANSWERS)
def test_a_list_that_is_refused_or_odd_is_told_and_the_rest_collected(
    jira: JiraEndpoint, site: FakeJira, path: str, what: str
) -> None:
    serve(site, path, ODD_ANSWERS[what])
    catalog = jira.collect()
    assert len(catalog.units) == 6 and len(catalog.datasets) == 10
    assert "updated" in columns_of(catalog)
    assert what == "deep" or [w.partial for w in catalog.warnings] == [True]


@pytest.mark.parametrize("answer", [Answer(b"[1,"), json_answer({}, 503)])
def test_a_broken_dictionary_is_told_while_broken_fields_are_waited_for(
    jira: JiraEndpoint, site: FakeJira, answer: Answer
) -> None:
    """Without its fields a site would lose all of its custom columns until the next collection."""
    serve(site, "/priority", answer)
    assert [w.partial for w in jira.collect().warnings] == [True]
    serve(site, "/field", answer)
    with pytest.raises(RetryableError):
        jira.collect()


@pytest.mark.parametrize("path", ["/issuetype", "/status", "/priority"])
def test_an_empty_dictionary_is_one(jira: JiraEndpoint, site: FakeJira, path: str) -> None:
    serve(site, path, Answer(b"[]"))
    assert jira.collect().warnings == ()


def test_a_site_that_lists_no_fields_at_all_is_not_believed(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    serve(site, "/field", Answer(b"[]"))
    assert [(w.code, w.partial) for w in jira.collect().warnings] == [("UNEXPECTED_RESPONSE", True)]


def test_wrong_credentials_stop_a_collection_whichever_list_says_so(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    serve(site, "/status", json_answer({}, 401))
    with pytest.raises(FatalError) as refused:
        jira.collect()
    assert refused.value.code == "AUTH_ERROR"


def test_members_of_an_entry_that_are_something_else_are_left_out(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    odd = {"id": 5, "name": 12, "subtask": "no", "statusCategory": "new", "description": None}
    serve(site, "/status", json_answer([odd, {"id": "6", "statusCategory": {"key": "done"}}]))
    statuses = next(d for d in jira.collect().datasets if d.name == "jira.statuses")
    assert statuses.entries == (
        {"id": "5", "name": "12"},
        {"id": "6", "statusCategory": {"key": "done"}},
    )


def test_ten_thousand_fields_are_a_catalogue(jira: JiraEndpoint, site: FakeJira) -> None:
    many = [{**POINTS, "id": f"customfield_{n}"} for n in range(10_000, 20_000)]
    serve(site, "/field", json_answer(many))
    catalog = jira.collect()
    assert [w.code for w in catalog.warnings] == ["FIELDS_IN_RAW"]
    assert sum(name.startswith("customfield_") for name in columns_of(catalog)) == 250


@pytest.mark.parametrize("answer", [json_answer({}, 404), json_answer(None), HTML])
def test_a_listing_of_users_that_is_odd_keeps_the_unit_and_is_told(
    jira: JiraEndpoint, site: FakeJira, answer: Answer
) -> None:
    serve(site, "/users/search", answer)
    catalog = jira.collect()
    assert [w.partial for w in catalog.warnings] == [True]
    assert "jira.users" in [d.name for d in catalog.datasets]


@pytest.mark.parametrize(
    "answer", [json_answer({}, 403), json_answer({}, 404), json_answer({"values": [{"id": "1"}]})]
)
def test_named_projects_are_read_where_the_listing_of_projects_is_of_no_use(
    jira: JiraEndpoint, site: FakeJira, answer: Answer
) -> None:
    serve(site, "/project/search", answer)
    batches = full(jira, "jira.issues", filters={"projectKeys": ["DEMO", "NONE"]})
    assert ids(batches) == [n for n in site.visible() if n % 5]
    assert [w.code for w in warnings_of(batches)] == ["PROJECT_FORBIDDEN"]


def test_a_run_types_its_columns_as_its_catalogue_has_them(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    """The site's list of fields is of now, the table's columns are of the last collection."""
    issues = next(d for d in jira.collect().datasets if d.name == "jira.issues")
    text = {**POINTS, "schema": {"type": "string"}}
    serve(site, "/field", Answer(json.dumps([text]).encode()))
    before = len(site.log)
    context = a_context("jira.issues", mode="FULL")
    typed = rows_of(full(jira, "jira.issues", replace(context, fields=issues.fields)))
    assert {row["customfield_10001"] for row in typed} == {12.5}
    assert not [asked for asked in site.log[before:] if asked.path.endswith("/field")]
    assert {r["customfield_10001"] for r in rows_of(full(jira, "jira.issues"))} == {"12.5"}
