"""A Jira of a few issues, on loopback, with the oddities of real ones: many changes in one minute,
lone surrogates, control characters, integers beyond 64 bits, missing fields, shared names, more
comments than are embedded.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

from inlet_sdk.testing.fake_site import Answer, Asked, FakeSite, json_answer

API = "/rest/api/3"
T0 = 1_740_000_000_000
MINUTE = 60_000
EMBEDDED = 20


def stamp(ms: int, offset_hours: float = 0) -> str:
    at = datetime.fromtimestamp(ms / 1000, timezone(timedelta(hours=offset_hours)))
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}" + at.strftime("%z")


def person(n: int) -> dict[str, Any]:
    return {"accountId": f"account-{n}", "displayName": "Ann Example", "active": n % 2 == 0}


class FakeJira(FakeSite):
    """`issues`: id -> {key, project, updated, fields, comments}. `page_limit` caps every page of
    the site.
    """

    def __init__(self, issues: int = 23) -> None:
        super().__init__()
        self.page_limit = 5
        self.hidden: set[str] = set()
        self.now = T0 + 300 * MINUTE
        self.issues: dict[int, dict[str, Any]] = {}
        self.worklogs: dict[int, dict[str, Any]] = {}
        self.users = [person(n) for n in range(12)]
        for n in range(1, issues + 1):
            # A third of them share a minute, some of those the millisecond.
            self.add_issue(n, T0 + (n * 7 * MINUTE if n % 3 else 30 * MINUTE + n % 4))
        self._routes()

    def add_issue(self, n: int, updated: int) -> None:
        project = "OPS" if n % 5 == 0 else "DEMO"
        fields: dict[str, Any] = {
            "summary": f"Issue {n}",
            "project": {"id": project, "key": project},
            "status": {"id": "1", "name": "Open"},
            "assignee": person(n) if n % 2 else None,
            "created": stamp(T0, 14),
            "labels": ["a", "b"],
            "customfield_10001": 12.5,
        }
        if n % 4 == 0:
            fields["summary"] = f"odd \ud800 \x00 {chr(0x1F600)} \\ud800 {n}"
            fields["customfield_10002"] = {"value": 10**30}

        comments = 23 if n == 6 else n % 3
        self.issues[n] = {
            "key": f"{project}-{n}",
            "project": project,
            "updated": updated,
            "fields": fields,
            "comments": [self.comment(n * 1000 + i, updated - i) for i in range(comments)],
        }
        if n % 2 == 0:
            self.worklogs[n] = {"issue": n, "updated": updated}

    def touch(self, n: int, at: int | None = None) -> None:
        self.now += 1
        issue = self.issues[n]
        issue["updated"] = self.now if at is None else at
        issue["fields"] = {**issue["fields"], "summary": f"Touched {issue['updated']}"}

    def comment(self, comment_id: int, at: int) -> dict[str, Any]:
        out = {
            "id": str(comment_id),
            "body": {"type": "doc"},
            "created": stamp(at, -11),
            "updated": stamp(at, -11),
        }
        return out if comment_id % 2 else {**out, "author": person(comment_id % 7)}

    def issue_fields(self, n: int) -> bytes:
        issue = self.issues[n]
        return json.dumps({**issue["fields"], "updated": stamp(issue["updated"], 5.5)}).encode()

    def changes(self, n: int) -> list[dict[str, Any]]:
        """The changelog of an issue. This site has no bulk read of them."""
        item = {"field": "status", "fieldtype": "jira", "from": "1", "toString": f"odd \ud800 {n}"}
        entries = [
            {"id": str(n * 100 + i), "created": stamp(T0 + i, 2), "items": [item] * (1 + i % 2)}
            for i in range(n % 3)
        ]
        return [{**entry, "author": person(n)} for entry in entries]

    def worklog(self, n: int) -> dict[str, Any]:
        at = self.worklogs[n]["updated"]
        return {
            "id": str(n),
            "issueId": str(self.worklogs[n]["issue"]),
            "timeSpentSeconds": 60,
            "updated": stamp(at),
        }

    def landed_issue(self, n: int) -> str:
        """`_raw` of the issue."""
        key, fields = self.issues[n]["key"], self.issue_fields(n).decode()
        return f'{{"id":"{n}","key":"{key}","fields":{fields}}}'

    def visible(self) -> list[int]:
        return [n for n, issue in self.issues.items() if issue["project"] not in self.hidden]

    def projects(self) -> list[dict[str, Any]]:
        keys = sorted({issue["project"] for issue in self.issues.values()} - self.hidden)
        return [{"id": key, "key": key, "name": key.title(), "simplified": False} for key in keys]

    def truth(self) -> dict[str, dict[str, str]]:
        seen = self.visible()

        return {
            "jira.projects": {p["id"]: json.dumps(p) for p in self.projects()},
            "jira.issues": {str(n): self.landed_issue(n) for n in seen},
            "jira.users": {u["accountId"]: json.dumps(u) for u in self.users},
            "jira.comments": {
                c["id"]: json.dumps(c) for n in seen for c in self.issues[n]["comments"]
            },
            "jira.worklogs": {
                str(n): json.dumps(self.worklog(n))
                for n, w in self.worklogs.items()
                if w["issue"] in seen
            },
            "jira.changelog": {
                f"{n},{entry['id']},{number}": json.dumps(item)
                for n in seen
                for entry in self.changes(n)
                for number, item in enumerate(entry["items"])
            },
        }

    def _routes(self) -> None:
        self.route("POST", f"{API}/search/jql", self._search)
        self.route("GET", f"{API}/issue/(\\d+)/comment", self._comments)
        self.route("GET", f"{API}/issue/(\\d+)/changelog", self._changelog)
        self.route("GET", f"{API}/worklog/updated", self._feed)
        self.route("POST", f"{API}/worklog/list", self._worklog_list)
        self.route("GET", f"{API}/users/search", self._users)
        self.route("GET", f"{API}/project/search", self._projects)

        fixed: dict[str, Any] = {
            "/field": [
                {
                    "id": "customfield_10002",
                    "name": "Team",
                    "custom": True,
                    "schema": {"type": "option"},
                },
                {
                    "id": "customfield_10001",
                    "name": "Points",
                    "custom": True,
                    "schema": {"type": "number"},
                },
                {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string"}},
            ],
            "/issuetype": [{"id": "1", "name": "Bug", "subtask": False}],
            "/status": [{"id": "1", "name": "Open", "statusCategory": {"key": "new"}}],
            "/priority": [{"id": "3", "name": "Medium"}],
            "/myself": {**person(1), "timeZone": "Pacific/Kiritimati"},
            "/serverInfo": {"baseUrl": "https://fake.example", "serverTitle": "Fake"},
        }
        for path, value in fixed.items():
            self.route("GET", API + path, lambda _, value=value: json_answer(value))

    def rows(self, jql: str) -> list[int] | None:
        """The issues of a query, in its order; None where it names a project that is not shown."""
        wanted = re.search(r"project in \(([^)]*)\)", jql)
        keys = re.findall(r'"(\w+)"', wanted[1]) if wanted else None
        if any(
            key in self.hidden or key not in {i["project"] for i in self.issues.values()}
            for key in keys or ()
        ):
            return None

        rows = [n for n in self.visible() if keys is None or self.issues[n]["project"] in keys]
        if after := re.search(r"\bid > (\d+)", jql):
            rows = [n for n in rows if n > int(after[1])]
        if until := re.search(r"\bid <= (\d+)", jql):
            rows = [n for n in rows if n <= int(until[1])]
        if before := re.search(r"updated < (\d+)", jql):
            rows = [n for n in rows if self.issues[n]["updated"] < int(before[1])]
        if since := re.search(r"updated >= (\d+)", jql):
            rows = [
                n for n in rows if self.issues[n]["updated"] >= int(since[1]) // MINUTE * MINUTE
            ]
        if ids := re.search(r"\bid in \(([^)]*)\)", jql):
            rows = [n for n in rows if n in map(int, ids[1].split(","))]
        order = jql.partition(" ORDER BY ")[2]
        rows.sort(
            key={
                "id ASC": int,
                "updated DESC": self._latest_first,
                "updated ASC, id ASC": self._by_change,
            }[order]
        )
        return rows

    def _search(self, asked: Asked) -> Answer:
        rows = self.rows(asked.body["jql"])
        if rows is None:
            return json_answer({"errorMessages": ["no such project"]}, 400)

        start = int(asked.body.get("nextPageToken", 0))
        end = start + min(self.page_limit, asked.body["maxResults"])
        issues = b",".join(self._issue(n, asked.body["fields"]) for n in rows[start:end])
        last = end >= len(rows)
        token = b"" if last else b',"nextPageToken":"%d"' % end
        return Answer(
            b'{"issues":[%b],"isLast":%b%b}' % (issues, b"true" if last else b"false", token)
        )

    def _by_change(self, n: int) -> tuple[int, int]:
        return self.issues[n]["updated"], n

    def _latest_first(self, n: int) -> int:
        return -int(self.issues[n]["updated"])

    def _issue(self, n: int, fields: list[str]) -> bytes:
        head = b'{"expand":"names","id":"%d","self":"x","key":"%b"' % (
            n,
            self.issues[n]["key"].encode(),
        )
        if fields == ["id"]:
            return head + b"}"

        body = self.issue_fields(n)
        if "comment" in fields:
            comments = self.issues[n]["comments"]
            page = {
                "comments": comments[:EMBEDDED],
                "maxResults": EMBEDDED,
                "total": len(comments),
                "startAt": 0,
            }
            project = self.issues[n]["fields"]["project"]
            updated = stamp(self.issues[n]["updated"], 5.5)
            body = json.dumps({"updated": updated, "comment": page, "project": project}).encode()
        return head + b',"fields":' + body + b"}"

    def _comments(self, asked: Asked) -> Answer:
        assert asked.match is not None
        comments = self.issues[int(asked.match[1])]["comments"]
        start = int(asked.query["startAt"])
        size = min(self.page_limit, int(asked.query["maxResults"]))
        return json_answer(
            {
                "comments": comments[start : start + size],
                "startAt": start,
                "maxResults": size,
                "total": len(comments),
            }
        )

    def _changelog(self, asked: Asked) -> Answer:
        assert asked.match is not None
        entries = self.changes(int(asked.match[1]))
        start, size = int(asked.query["startAt"]), 1
        page = {"startAt": start, "maxResults": size, "total": len(entries)}
        is_last = start + size >= len(entries)
        return json_answer({**page, "isLast": is_last, "values": entries[start : start + size]})

    def _feed(self, asked: Asked) -> Answer:
        since = int(asked.query["since"])
        rows = sorted((w["updated"], n) for n, w in self.worklogs.items() if w["updated"] >= since)
        end = self.page_limit
        while 0 < end < len(rows) and rows[end][0] == rows[end - 1][0]:
            end += 1
        last = end >= len(rows)
        until = rows[min(end, len(rows)) - 1][0] if rows else since
        more = {} if last else {"nextPage": f"{self.url}{API}/worklog/updated?since={until}"}
        values = [{"worklogId": n, "updatedTime": at, "properties": []} for at, n in rows[:end]]
        return json_answer(
            {"values": values, "since": since, "until": until, "lastPage": last, **more}
        )

    def _worklog_list(self, asked: Asked) -> Answer:
        seen = self.visible()
        return json_answer(
            [self.worklog(n) for n in asked.body["ids"] if self.worklogs[n]["issue"] in seen]
        )

    def _users(self, asked: Asked) -> Answer:
        start = int(asked.query["startAt"])
        return json_answer(
            self.users[start : start + min(self.page_limit, int(asked.query["maxResults"]))]
        )

    def _projects(self, asked: Asked) -> Answer:
        keys = asked.query.get("keys", "").split(",")
        rows = [p for p in self.projects() if keys == [""] or p["key"] in keys]
        start, size = int(asked.query.get("startAt", 0)), 1
        page = {
            "values": rows[start : start + size],
            "startAt": start,
            "maxResults": size,
            "total": len(rows),
        }
        return json_answer({**page, "isLast": start + size >= len(rows)})
