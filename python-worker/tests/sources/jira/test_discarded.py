"""An issue that was set aside and discarded is missed by no later run, as long as it stays as it
is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.units.census import versions
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .deleting_jira import DeletingJira
from .landed_copy import LandedCopy

ISSUES = "jira.issues"


class OddJira(DeletingJira):
    """A whole record of an `odd` issue is none that can be a row; light ones are well."""

    def __init__(self) -> None:
        self.odd: set[int] = set()
        self.asked_whole: list[int] = []
        super().__init__()

    def _issue(self, n: int, fields: list[str]) -> bytes:
        if "*all" not in fields:
            return super()._issue(n, fields)
        self.asked_whole.append(n)
        if n not in self.odd:
            return super()._issue(n, fields)
        return b'{"id":"%d","key":"X-%d","fields":[%d]}' % (n, n, self.issues[n]["updated"])


@pytest.fixture
def site() -> Iterator[OddJira]:
    with OddJira() as site:
        yield site


@pytest.fixture
def copy(site: OddJira, tmp_path: Path) -> Iterator[LandedCopy]:
    """All has landed; then 3, which is there in its first version, and 30, which is new, were set
    aside and discarded.
    """
    jira = JiraEndpoint({"baseUrl": site.url}, LOGIN, allow_private_networks=True)
    copy = LandedCopy.of(jira, tmp_path)
    copy.run(ISSUES)
    site.touch(3)
    site.add_issue(30, site.now)
    site.odd = {3, 30}
    assert "QUARANTINED" in partial(copy.run(ISSUES))
    assert copy.discard(ISSUES).stats["quarantined"] == 2
    yield copy
    jira.close()


def partial(results: Sequence[IngestionUnitResult]) -> list[str]:
    return [e.code for result in results for e in result.evidence if e.weight != "info"]


def codes(results: Sequence[IngestionUnitResult]) -> set[str]:
    return {e.code for result in results for e in result.evidence}


@pytest.mark.parametrize("policy", [{}, {"deletes": "soft"}], ids=["ignore", "soft"])
@pytest.mark.parametrize("one_by_one", [1000, 5])
def test_later_runs_and_their_censuses_miss_nothing(
    copy: LandedCopy, policy: dict[str, str], one_by_one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "ONE_BY_ONE", one_by_one)
    for _ in range(3):
        results = copy.run(ISSUES, censusEveryHours=0, **policy)
        assert partial(results) == [] and "CENSUS_UNCOMPARED" in codes(results)
    full = copy.run(ISSUES, full=True, **policy)
    assert partial(full) == [] and {"CENSUS_UNCOMPARED", "DISCARDED"} <= codes(full)
    assert "30" not in copy.rows(ISSUES)


def test_nothing_asks_for_it_for_ever(copy: LandedCopy, site: OddJira) -> None:
    for n in range(60, 70):  # the last minutes, which every run reads again, are later than it
        site.add_issue(n, site.now + 3_600_000 * 48)
    site.now += 3_600_000 * 48
    copy.run(ISSUES, censusEveryHours=0)
    copy.run(ISSUES, censusEveryHours=0)
    site.asked_whole.clear()
    assert partial(copy.run(ISSUES, censusEveryHours=0)) == []
    assert not {3, 30} & set(site.asked_whole)


def test_a_project_with_another_key_owes_no_new_key_to_a_discarded_row(
    copy: LandedCopy, site: OddJira
) -> None:
    copy.run(ISSUES)  # reads what the census owed when they were set aside
    for issue in site.issues.values():
        if issue["project"] == "DEMO":
            issue["fields"]["project"] = {"id": "DEMO", "key": "RENAMED"}
    projects = site.projects
    site.projects = lambda: [  # type: ignore[method-assign]
        {**p, "key": "RENAMED"} if p["id"] == "DEMO" else p for p in projects()
    ]
    owed = copy.run(ISSUES, censusEveryHours=0)
    assert "CENSUS_OWED" in partial(owed)
    copy.run(ISSUES, censusEveryHours=0)
    assert partial(copy.run(ISSUES, censusEveryHours=0)) == []
    assert copy.rows(ISSUES)["4"]["projectKey"] == "RENAMED"


@pytest.mark.parametrize("number", [3, 30])
def test_another_content_counts_again(copy: LandedCopy, site: OddJira, number: int) -> None:
    site.touch(number)
    assert "QUARANTINED" in partial(copy.run(ISSUES))
    assert "QUARANTINED" in partial(copy.run(ISSUES, censusEveryHours=0))
    site.odd.clear()
    site.touch(number)
    copy.run(ISSUES)
    assert partial(copy.run(ISSUES, censusEveryHours=0)) == []
    assert str(number) in copy.rows(ISSUES)


@pytest.mark.parametrize("deletes", ["soft", "hard"])
def test_a_proven_deletion_settles_what_was_set_aside(
    site: OddJira, tmp_path: Path, deletes: str
) -> None:
    jira = JiraEndpoint({"baseUrl": site.url}, LOGIN, allow_private_networks=True)
    copy = LandedCopy.of(jira, tmp_path)
    copy.run(ISSUES, deletes=deletes)
    site.odd = {3}
    site.touch(3)
    assert "QUARANTINED" in partial(copy.run(ISSUES, deletes=deletes))
    site.delete(3)
    copy.run(ISSUES, deletes=deletes, censusEveryHours=0)
    assert partial(copy.run(ISSUES, deletes=deletes, censusEveryHours=0)) == []
    jira.close()
