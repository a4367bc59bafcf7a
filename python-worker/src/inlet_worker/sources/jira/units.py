"""The units of Jira: a new one is a file beside this one, and one line here."""

from __future__ import annotations

from inlet_sdk.units.unit import Units
from inlet_worker.sources.jira.changelog import CHANGELOG
from inlet_worker.sources.jira.comments import COMMENTS
from inlet_worker.sources.jira.issues import ISSUES
from inlet_worker.sources.jira.projects import PROJECTS
from inlet_worker.sources.jira.users import USERS
from inlet_worker.sources.jira.worklogs import WORKLOGS

UNITS = Units("Jira", PROJECTS, ISSUES, USERS, COMMENTS, WORKLOGS, CHANGELOG)
