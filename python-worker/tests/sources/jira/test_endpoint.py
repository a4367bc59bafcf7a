"""Configuring, testing and cataloguing a site."""

from __future__ import annotations

from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.testing.contexts import CANARY, LOGIN, a_context
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import HTML, Answer, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.sources.jira.fields import (
    MAX_CUSTOM_COLUMNS,
    SiteField,
    custom_columns,
)

from .fake_jira import API, FakeJira
from .readings import changed, full, rows_of


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "config"),
        ({"baseUrl": 5}, "config.baseUrl"),
        ({"baseUrl": "example.com"}, "config.baseUrl"),
        ({"baseUrl": "https://user:secret@example.com"}, "config.baseUrl"),
        ({"baseUrl": "https://example.com", "surprise": 1}, "config"),
        (
            {"baseUrl": "https://example.com", "projectKeys": ['A") OR (1=1']},
            "config.projectKeys.0",
        ),
        ({"baseUrl": "https://example.com", "cloudId": "../x"}, "config.cloudId"),
        ({"baseUrl": "http://example.com"}, "config.baseUrl"),
    ],
)
def test_a_malformed_config_is_refused_naming_the_field_not_the_value(
    config: dict[str, Any], field: str
) -> None:
    with pytest.raises(FatalError) as refused:
        JiraEndpoint(config, LOGIN)
    assert refused.value.code == "CONFIG_INVALID"
    assert refused.value.details["field"] == field
    assert "secret" not in refused.value.message


def test_a_good_credential_tells_who_we_are(jira: JiraEndpoint) -> None:
    told = jira.test()
    assert told["accountId"] == "account-1" and told["site"] == "Fake"


@pytest.mark.parametrize(
    ("answer", "code", "field"),
    [
        (json_answer({}, 401), "AUTH_ERROR", "credentials"),
        (json_answer({}, 404), "SOURCE_NOT_FOUND", "baseUrl"),
        (HTML, "UNEXPECTED_RESPONSE", "baseUrl"),
        (json_answer([]), "UNEXPECTED_RESPONSE", "baseUrl"),
        (json_answer({"name": "not jira"}), "UNEXPECTED_RESPONSE", "baseUrl"),
    ],
)
def test_a_failed_test_names_the_field_to_mend(
    jira: JiraEndpoint, site: FakeJira, answer: Answer, code: str, field: str
) -> None:
    site.route("GET", f"{API}/myself", lambda _: answer)
    with pytest.raises(FatalError) as failed:
        jira.test()
    assert failed.value.code == code
    assert failed.value.details["field"] == field
    assert CANARY not in str(failed.value)


def test_oauth_goes_through_the_gateway_with_a_bearer_token(
    site: FakeJira, time: FakeClock
) -> None:
    site.route(
        "GET",
        f"/ex/jira/cloud-1{API}/myself",
        lambda asked: json_answer({"accountId": asked.headers["Authorization"]}),
    )
    site.route("GET", f"/ex/jira/cloud-1{API}/serverInfo", lambda _: json_answer({}))
    config = {"baseUrl": "https://site.example", "cloudId": "cloud-1", "gatewayUrl": site.url}
    login = StaticCredential(Credential("oauth2", {"accessToken": "at-1"}))
    jira = JiraEndpoint(config, login, allow_private_networks=True, clock=time.clock())
    assert jira.test()["accountId"] == "Bearer at-1"


def test_the_catalogue_holds_six_units_and_four_dictionaries(jira: JiraEndpoint) -> None:
    catalog = jira.collect()
    assert catalog.source_system["vendor"] == "jira" and catalog.source_system["title"] == "Fake"
    assert {d.name: d.ingestable for d in catalog.datasets} == {
        "jira.projects": True,
        "jira.issues": True,
        "jira.users": True,
        "jira.comments": True,
        "jira.worklogs": True,
        "jira.changelog": True,
        "jira.issue_types": False,
        "jira.statuses": False,
        "jira.priorities": False,
        "jira.api_surface": False,
    }

    by_name = {d.name: d for d in catalog.datasets}
    assert by_name["jira.statuses"].entries[0]["statusCategory"] == {"key": "new"}
    assert {e["path"] for e in by_name["jira.api_surface"].entries} >= {
        f"{API}/search/jql",
        f"{API}/worklog/list",
    }

    custom = {
        f.name: (f.type, f.description)
        for f in by_name["jira.issues"].fields
        if f.name.startswith("custom")
    }
    assert custom == {
        "customfield_10001": ("double", "Points"),
        "customfield_10002": ("json", "Team"),
    }


def test_users_that_may_not_be_listed_are_no_dataset_and_a_warning(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.route("GET", f"{API}/users/search", lambda _: json_answer({}, 403))
    catalog = jira.collect()
    names = [d.name for d in catalog.datasets]
    assert "jira.users" not in names
    assert [w.code for w in catalog.warnings] == ["SOURCE_FORBIDDEN"]
    assert [u.unit_id for u in jira.list_units(names)] == [
        "jira.projects",
        "jira.issues",
        "jira.comments",
        "jira.worklogs",
        "jira.changelog",
    ]


def test_a_site_with_thousands_of_custom_fields_keeps_the_oldest_as_columns() -> None:
    fields = [SiteField(f"customfield_{n}", f"F{n}", True, "string") for n in range(9990, 12000)]
    columns = custom_columns(list(reversed(fields)))
    assert len(columns) == MAX_CUSTOM_COLUMNS
    assert columns[0].name == "customfield_9990" and columns[10].name == "customfield_10000"


def test_a_collection_says_which_custom_fields_have_no_column(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    fields = [
        {"id": f"customfield_{n}", "name": f"F{n}", "custom": True} for n in range(10_000, 13_000)
    ]
    site.route("GET", f"{API}/field", lambda _: json_answer(fields))
    (warning,) = jira.collect().warnings
    assert (
        warning.code == "FIELDS_IN_RAW"
        and warning.message.startswith("2750 custom fields")
        and not warning.partial
    )


def test_dictionaries_can_be_previewed(jira: JiraEndpoint) -> None:
    assert jira.preview("jira.statuses", 5)[0]["name"] == "Open"
    assert len(jira.preview("jira.api_surface", 3)) == 3


def test_units_without_a_cursor_refuse_incremental(jira: JiraEndpoint) -> None:
    for unit in ("jira.users", "jira.projects"):
        with pytest.raises(FatalError) as refused:
            changed(jira, unit)
        assert refused.value.code == "CONFIG_INVALID"


def test_a_user_shown_on_two_pages_lands_once(jira: JiraEndpoint, site: FakeJira) -> None:
    windows = {0: site.users[0:5], 5: site.users[3:9], 11: site.users[8:12]}
    site.route(
        "GET",
        f"{API}/users/search",
        lambda asked: json_answer(windows.get(int(asked.query["startAt"]), [])),
    )

    batches = full(jira, "jira.users")
    assert [row["accountId"] for row in rows_of(batches)] == [
        user["accountId"] for user in site.users
    ]
    rest = full(
        jira, "jira.users", a_context("jira.users", mode="FULL", continuation=batches[0].resume)
    )
    assert [row["accountId"] for row in rows_of([batches[0], *rest])] == [
        user["accountId"] for user in site.users
    ]


@pytest.mark.parametrize(
    "policy",
    [
        {"overlapMinutes": 0},
        {"cursorField": "created"},
        {"filters": {"jql": "x"}},
        {"deletes": "maybe"},
        {"filters": {"projectKeys": ['X" OR "1']}},
    ],
)
def test_a_policy_off_its_schema_is_refused(jira: JiraEndpoint, policy: dict[str, Any]) -> None:
    with pytest.raises(FatalError) as refused:
        changed(jira, "jira.issues", **policy)
    assert refused.value.code == "CONFIG_INVALID"


def test_every_policy_member_of_the_design_is_known(jira: JiraEndpoint) -> None:
    policy = {
        "primaryKeys": ["id"],
        "cursorField": "updated",
        "filters": {"projectKeys": ["OPS"]},
        "deletes": "ignore",
        "schema": "evolve",
        "keepRaw": True,
        "stagingProviderId": "object_store",
        "retainStagingDays": 3,
        "overlapMinutes": 10,
        "trailingHours": 2,
        "allowEmpty": True,
    }
    assert rows_of(changed(jira, "jira.issues", **policy))
