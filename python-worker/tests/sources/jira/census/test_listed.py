"""People and projects that a full reading misses: which of them are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.census import Absence, CensusReport
from inlet_sdk.ports.policy import Policy
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from ..fake_jira import API, FakeJira, person
from ..landed_table import LandedTable, an_order, census

USERS, PROJECTS = "jira.users", "jira.projects"
NOT_FOUND = json_answer({"errorMessages": ["It does not exist, or you may not see it."]}, 404)


class Directory(FakeJira):
    """Answers for people and projects by id. `closed` projects look as if they did not exist,
    `deleted` ones are in the list of deleted ones as long as `tells_deleted`.
    """

    def __init__(self) -> None:
        super().__init__(0)
        self.page_limit = 1000
        self.keys = [f"P{n}" for n in range(6)]
        self.deleted: list[str] = []
        self.by_id = {one["accountId"]: one for one in self.users}
        self.knows_status = True
        self.route("GET", f"{API}/user/bulk", self._bulk)
        self.route("GET", f"{API}/user", self._user)
        self.route("GET", f"{API}/project/(P\\d+)", self._project)

    def projects(self) -> list[dict[str, Any]]:
        return [{"id": key, "key": key, "name": key} for key in self.keys]

    def lose_people(self, *numbers: int, by_id: bool = True) -> list[str]:
        lost = [person(n)["accountId"] for n in numbers]
        self.users = [one for one in self.users if one["accountId"] not in lost]
        if by_id:
            self.by_id = {name: one for name, one in self.by_id.items() if name not in lost}
        return lost

    def _bulk(self, asked: Asked) -> Answer:
        wanted = asked.several["accountId"]
        found = [self.by_id[name] for name in wanted if name in self.by_id]
        return json_answer({"values": found, "total": len(found), "isLast": True})

    def _user(self, asked: Asked) -> Answer:
        found = self.by_id.get(asked.query["accountId"])
        return json_answer(found) if found else NOT_FOUND

    def _project(self, asked: Asked) -> Answer:
        assert asked.match is not None
        key = asked.match[1]
        return json_answer({"id": key, "key": key}) if key in self.keys else NOT_FOUND

    def _projects(self, asked: Asked) -> Answer:
        if asked.query.get("status") != "deleted" or not self.knows_status:
            return super()._projects(asked)
        values = [{"id": key, "key": key, "deleted": True} for key in self.deleted]
        return json_answer({"values": values, "startAt": 0, "total": len(values), "isLast": True})


@pytest.fixture
def site() -> Iterator[Directory]:
    with Directory() as site:
        yield site


def looked_into(
    jira: JiraEndpoint, unit: str, absent: list[str], landed: int = 12, **policy: Any
) -> CensusReport:
    order = an_order(absent=Absence(pa.array(absent, pa.string()), landed))
    return census(jira, unit, LandedTable(), order, **policy)


def gone(report: CensusReport) -> list[str]:
    return sorted(tombstone.key for tombstone in report.tombstones)


def test_people_who_are_denied_in_two_ways_are_gone(site: Directory, jira: JiraEndpoint) -> None:
    lost = site.lose_people(3, 4)
    unlisted = site.lose_people(5, by_id=False)
    assert gone(looked_into(jira, USERS, [*lost, *unlisted])) == sorted(lost)


def test_a_bulk_read_that_leaves_everybody_out_proves_nothing(
    site: Directory, jira: JiraEndpoint
) -> None:
    lost = site.lose_people(3)
    site.route("GET", f"{API}/user/bulk", lambda _: json_answer({"values": []}))
    assert gone(looked_into(jira, USERS, lost)) == []


@pytest.mark.parametrize("path", ["user/bulk", "user"])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_way_that_is_refused_proves_nothing(
    site: Directory, jira: JiraEndpoint, path: str, status: int
) -> None:
    lost = site.lose_people(3)
    site.route("GET", f"{API}/{path}", lambda _: json_answer({}, status))
    try:
        report = looked_into(jira, USERS, lost)
    except FatalError:
        return  # the pipeline says that the census is unfinished
    assert gone(report) == []


def test_many_people_are_asked_for_one_by_one_only_within_the_bound(
    site: Directory, jira: JiraEndpoint
) -> None:
    absent = [f"gone-{n}" for n in range(150)]
    report = looked_into(jira, USERS, absent, landed=162)
    assert [finding.code for finding in report.findings] == ["DELETES_HELD"]
    paths = [asked.path for asked in site.log]
    assert paths.count(f"{API}/user") == 0 and paths.count(f"{API}/user/bulk") == 2
    assert gone(looked_into(jira, USERS, absent, landed=162, approveDeletes=True)) == sorted(absent)


def test_a_project_in_the_list_of_deleted_ones_is_gone(site: Directory, jira: JiraEndpoint) -> None:
    site.keys, site.deleted = site.keys[:4], ["P4"]
    assert gone(looked_into(jira, PROJECTS, ["P4", "P5"])) == ["P4"]


def test_a_project_that_is_only_denied_by_id_waits_for_an_approval(
    site: Directory, jira: JiraEndpoint
) -> None:
    site.keys = site.keys[:5]
    assert gone(looked_into(jira, PROJECTS, ["P5"])) == []
    assert gone(looked_into(jira, PROJECTS, ["P5"], approveDeletes=True)) == ["P5"]


def test_a_list_of_deleted_projects_that_names_live_ones_proves_nothing(
    site: Directory, jira: JiraEndpoint
) -> None:
    site.keys = site.keys[:5]
    site.knows_status = False
    assert gone(looked_into(jira, PROJECTS, ["P5"])) == []


def test_a_project_that_answers_by_id_stays_even_if_deletes_are_approved(
    site: Directory, jira: JiraEndpoint
) -> None:
    site.deleted = ["P5"]
    page = {"values": site.projects()[:5], "startAt": 0, "total": 5, "isLast": True}
    lists = site._projects
    site.route(
        "GET",
        f"{API}/project/search",
        lambda asked: lists(asked) if "status" in asked.query else json_answer(page),
    )
    assert gone(looked_into(jira, PROJECTS, ["P5"], approveDeletes=True)) == []
    assert gone(looked_into(jira, PROJECTS, ["P5"])) == []


@pytest.mark.parametrize(
    ("unit", "lose"),
    [(USERS, lambda site: site.lose_people(3)), (PROJECTS, lambda site: [site.keys.pop()])],
)
def test_nothing_is_asked_where_nothing_is_missed(
    site: Directory, jira: JiraEndpoint, unit: str, lose: Callable[[Directory], list[str]]
) -> None:
    lose(site)
    before = len(site.log)
    report = looked_into(jira, unit, [])
    assert not report.compared and report.findings == () and len(site.log) == before


def test_the_second_listing_counts_as_requests_and_not_as_rows(
    site: Directory, jira: JiraEndpoint
) -> None:
    lost = site.lose_people(3)
    order = an_order(absent=Absence(pa.array(lost, pa.string()), 12))
    context = a_context(USERS, mode="FULL")
    jira.census(USERS, _policy(), order, LandedTable(), context)
    assert context.progress.rows == 0 and context.progress.requests >= 3


def _policy() -> Policy:
    return Policy.parse({"deletes": "soft"})
