"""A Jira from which records go, in the ways that look alike: deleted, hidden with their project,
late in the index.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from inlet_sdk.testing.fake_site import Answer, Asked, json_answer

from .fake_jira import API, FakeJira


class DeletingJira(FakeJira):
    """`unlisted` issues exist, but search leaves them out. `flagged` worklogs are in the feed of
    deletions.
    """

    def __init__(self, issues: int = 23) -> None:
        self.unlisted: set[int] = set()
        self.flagged: dict[int, int] = {}
        super().__init__(issues)
        self.page_limit = 100
        self._made = deepcopy((self.issues, self.worklogs))
        self.route("POST", f"{API}/issue/bulkfetch", self._bulkfetch)
        self.route("POST", f"{API}/comment/list", self._comment_list)
        self.route("GET", f"{API}/worklog/deleted", self._deleted)
        self.route(
            "POST",
            f"{API}/search/approximate-count",
            lambda asked: json_answer({"count": len(self.rows(asked.body["jql"]) or ())}),
        )

    def visible(self) -> list[int]:
        return [n for n in self.there() if n not in self.unlisted]

    def there(self) -> list[int]:
        """Issues that a direct read shows."""
        return [n for n, issue in self.issues.items() if issue["project"] not in self.hidden]

    def restore(self) -> None:
        """Everything as it was made."""
        self.hidden, self.unlisted, self.flagged = set(), set(), {}
        self.issues, self.worklogs = deepcopy(self._made)

    def delete(self, n: int) -> None:
        del self.issues[n]
        if self.worklogs.pop(n, None):
            self.flagged[n] = self.now

    def delete_comment(self, comment_id: int) -> None:
        issue = self.issues[comment_id // 1000]
        issue["comments"] = [c for c in issue["comments"] if c["id"] != str(comment_id)]
        self.now += 1
        issue["updated"] = self.now

    def projects(self) -> list[dict[str, Any]]:
        return [
            {"id": k, "key": k, "name": k.title(), "simplified": False}
            for k in ("DEMO", "OPS")
            if k not in self.hidden
        ]

    def _bulkfetch(self, asked: Asked) -> Answer:
        wanted, there = [int(i) for i in asked.body["issueIdsOrKeys"]], self.there()
        found = b",".join(self._issue(n, asked.body["fields"]) for n in wanted if n in there)
        errors = [
            {"id": str(n), "errorMessage": "Issue does not exist."}
            for n in wanted
            if n not in there
        ]
        refused = json.dumps(errors).encode()
        return Answer(b'{"issues":[%b],"issueErrors":%b}' % (found, refused))

    def _comment_list(self, asked: Asked) -> Answer:
        seen = {c["id"]: c for n in self.there() for c in self.issues[n]["comments"]}
        return json_answer({"values": [seen[str(i)] for i in asked.body["ids"] if str(i) in seen]})

    def _worklog_list(self, asked: Asked) -> Answer:
        there = self.there()
        return json_answer(
            [
                self.worklog(n)
                for n in asked.body["ids"]
                if self.worklogs.get(n, {}).get("issue") in there
            ]
        )

    def _deleted(self, asked: Asked) -> Answer:
        values = [
            {"worklogId": n, "updatedTime": at}
            for n, at in self.flagged.items()
            if at >= int(asked.query["since"])
        ]
        return json_answer({"values": values, "lastPage": True})
