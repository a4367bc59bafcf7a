"""What reading each unit from the start costs, for the planner. Page sizes are those that the
readers ask for.
"""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import CostStep, UnitCost
from inlet_worker.sources.jira import projects, search, users, worklogs
from inlet_worker.sources.jira.census import shown_issues

MANY_COMMENTS = 0.01
"""Share of issues with more comments than search embeds. 22 of 3,000 on the recorded site of `npm
run test:replay`.
"""

_CENSUS = CostStep(
    "the census of ids", "jira.issues", shown_issues.IDS_PER_PAGE, points_per_record=1
)

COSTS: dict[str, UnitCost] = {
    "jira.projects": UnitCost(
        1,
        (CostStep("pages of projects", "jira.projects", projects.PAGE_SIZE, points_per_record=1),),
    ),
    "jira.issues": UnitCost(
        2,
        (
            CostStep("pages of issues", "jira.issues", search.PAGE_SIZE, points_per_record=1),
            _CENSUS,
        ),
    ),
    "jira.users": UnitCost(
        1, (CostStep("pages of users", "jira.users", users.PAGE_SIZE, points_per_record=2),)
    ),
    "jira.comments": UnitCost(
        2,
        (
            CostStep(
                "pages of issues, 20 comments of each with them",
                "jira.issues",
                search.PAGE_SIZE,
                points_per_record=1,
            ),
            CostStep(
                "issues with more than 20 comments, asked one by one",
                "jira.issues",
                1,
                share=MANY_COMMENTS,
            ),
            _CENSUS,
        ),
    ),
    "jira.worklogs": UnitCost(
        2,
        (
            CostStep("pages of the feed of changes", "jira.worklogs", worklogs.IDS_PER_REQUEST),
            CostStep("lists of worklogs", "jira.worklogs", worklogs.IDS_PER_REQUEST),
            CostStep(
                "projects of their issues",
                "jira.worklogs",
                worklogs.ISSUES_PER_QUERY,
                only_with_filters=True,
                points_per_record=1,
            ),
        ),
    ),
}
