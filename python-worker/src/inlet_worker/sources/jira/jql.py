"""The few queries we ask, always bounded, always ordered so that reading can go on after any page.

Times are unquoted epoch milliseconds: a date literal would be read in the searching account's own
time zone.
"""

from __future__ import annotations

from collections.abc import Sequence

from inlet_sdk.units.change_cursor import floor_minute


def issues_by_id(
    after: int, up_to: int | None, changed_since: int | None, projects: Sequence[str] | None
) -> str:
    """Every issue with a higher id, by id, so that reading can go on after any of them; up to the
    id `up_to`, and of those alone that changed in or after the minute of `changed_since`.
    """
    last = "" if up_to is None else f" AND id <= {up_to}"
    changed = "" if changed_since is None else f" AND updated >= {floor_minute(changed_since)}"
    return f"id > {after}{last}{changed}{_in_projects(projects)} ORDER BY id ASC"


def issues_changed_between(
    at_ms: int, before_ms: int | None, projects: Sequence[str] | None
) -> str:
    """Every issue changed in or after the minute of `at_ms`, oldest change first; of those alone
    that changed before the minute of `before_ms`. JQL compares whole minutes.
    """
    before = "" if before_ms is None else f" AND updated < {floor_minute(before_ms)}"
    changed = f"updated >= {floor_minute(at_ms)}{before}"
    return f"{changed}{_in_projects(projects)} ORDER BY updated ASC, id ASC"


def issues_in_order_of_change(projects: Sequence[str] | None) -> str:
    return f"updated >= 0{_in_projects(projects)} ORDER BY updated ASC, id ASC"


def issues_changed_before(at_ms: int, projects: Sequence[str] | None) -> str:
    """Every issue changed before the minute of `at_ms`."""
    return f"updated < {floor_minute(at_ms)}{_in_projects(projects)} ORDER BY id ASC"


def issues_up_to(issue_id: int, projects: Sequence[str] | None) -> str:
    """Every issue with this id or a lower one."""
    return f"id <= {issue_id}{_in_projects(projects)} ORDER BY id ASC"


def latest_change(projects: Sequence[str] | None) -> str:
    return f"updated >= 0{_in_projects(projects)} ORDER BY updated DESC"


def issues_of(ids: Sequence[int], projects: Sequence[str] | None) -> str:
    """Which of these issues belong to the projects."""
    return f"id in ({', '.join(map(str, ids))}){_in_projects(projects)} ORDER BY id ASC"


def _in_projects(projects: Sequence[str] | None) -> str:
    if projects is None:
        return ""
    return " AND project in (" + ", ".join(f'"{_escaped(key)}"' for key in projects) + ")"


def _escaped(text: str) -> str:
    """Vendors name projects, too. A character that is not seen would end or change what the text is
    read as.
    """
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() and ord(c) < 0x10000 else _as_unicode(c) for c in plain)


def _as_unicode(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
