"""The whole data plane over a site that hides a project, changes it, and shows it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyiceberg.catalog import load_catalog

from inlet_worker.ingest import ingest
from inlet_worker.pipeline import export_to_staging

from .deleting_jira import DeletingJira


class Copy:
    """A landed copy of a site's issues, run by run."""

    def __init__(self, site: DeletingJira, lake: Path) -> None:
        self.site, self.lake = site, lake

    def run(self) -> tuple[bool, str]:
        """Whether it was COMPLETE, and what was said."""
        said: list[str] = []
        rc = ingest(
            self.site.url,
            "a@example.com",
            "t",
            str(self.lake),
            units=["jira.issues"],
            say=said.append,
        )
        return rc == 0, "\n".join(said)

    def stale(self) -> list[int]:
        uri, warehouse = f"sqlite:///{self.lake}/catalog.db", (self.lake / "tables").as_uri()
        table = load_catalog("lake", type="sql", uri=uri, warehouse=warehouse).load_table(
            "jira.issues"
        )
        landed = {row["id"]: row["_raw"] for row in table.scan().to_arrow().to_pylist()}
        truth = self.site.truth()["jira.issues"]
        return sorted(int(i) for i in truth if json.loads(landed[i]) != json.loads(truth[i]))


@pytest.mark.parametrize("slice_rows", [50_000, 2])
def test_after_the_next_runs_the_copy_is_the_truth_and_until_then_it_says_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slice_rows: int
) -> None:
    monkeypatch.setattr(export_to_staging, "SLICE_ROWS", slice_rows)
    with DeletingJira() as site:
        copy = Copy(site, tmp_path)
        assert copy.run()[0] and copy.stale() == []
        site.hidden = {"OPS"}
        assert not copy.run()[0]
        for n in (5, 10, 15, 20):
            site.touch(n)
        site.touch(7, site.now + 3 * 86_400_000)
        assert not copy.run()[0]

        site.hidden = set()
        complete, said = copy.run()
        assert not complete and "4 issues changed while their project was hidden" in said
        assert copy.stale() == [5, 10, 15, 20]
        assert copy.run()[0] and copy.stale() == []
        assert copy.run()[0] and copy.stale() == []
