from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.sinks.jdbc.columns import SYSTEM, Wanted, named_columns
from inlet_worker.sinks.jdbc.mysql import MysqlDatabase
from inlet_worker.sinks.jdbc.names import LONGEST_TABLE, column_name, table_name
from inlet_worker.sinks.jdbc.postgresql import PostgresDatabase
from inlet_worker.sinks.jdbc.sqlite import SqliteDatabase

DATABASES = st.sampled_from([PostgresDatabase, MysqlDatabase, SqliteDatabase])
NAMES = st.one_of(
    st.text(min_size=1, max_size=200),
    st.sampled_from(
        [
            *("Name", "name", "ctid", "select", "a b", 'a"b', "a`b", "a.b", "50%", "%s", "?"),
            *("\x00", "\ud800", "é", "e\u0301", "🚀", " a", "a ", "_inlet_key", "_inlet_more"),
            *("a" * 64, "A" * 64),
        ]
    ),
)


@given(DATABASES, st.lists(NAMES, unique=True, max_size=30))
def test_every_field_has_a_column_of_its_own(database: type, fields: list[str]) -> None:
    wanted = [Wanted(name, "long") for name in fields if name not in SYSTEM]
    named = named_columns(wanted, (), database.room, database.rules)  # type: ignore[attr-defined]
    rules = database.rules  # type: ignore[attr-defined]
    physical = [rules.fold(column.physical) for column in named]
    assert [column.name for column in named] == [one.name for one in wanted]
    assert len(set(physical)) == len(physical)
    for column in named:
        assert rules.fits(column.physical)


@given(DATABASES, NAMES)
def test_a_name_that_fits_is_kept_and_any_other_is_always_the_same(
    database: type, name: str
) -> None:
    rules = database.rules  # type: ignore[attr-defined]
    found = column_name(name, rules, ())
    assert found == column_name(name, rules, ())
    assert (found == name) == (rules.fits(name) and rules.fold(name) not in rules.taken)


@given(NAMES)
def test_no_name_breaks_out_of_its_quotes(name: str) -> None:
    rules = SqliteDatabase.rules
    physical = column_name(name, rules, ())
    connection = sqlite3.connect(":memory:")
    quoted = SqliteDatabase.quote(None, physical)  # type: ignore[arg-type]
    connection.execute(f"CREATE TABLE t ({quoted} TEXT)")
    found = connection.execute("SELECT name FROM pragma_table_info('t')").fetchall()
    assert found == [(physical,)]

    # The others double what ends a name, and the percent sign of their parameters.
    for database, mark in ((PostgresDatabase, '"'), (MysqlDatabase, "`")):
        quoted = database.quote(None, name) % ()  # type: ignore[arg-type]
        assert quoted[0] == quoted[-1] == mark
        assert quoted[1:-1].replace(mark * 2, "") == name.replace(mark, "")


PARTS = st.one_of(st.text(max_size=80), st.from_regex(r"[a-z0-9_]{1,40}", fullmatch=True))


@given(st.lists(st.tuples(PARTS, PARTS), unique=True, max_size=10))
def test_two_targets_never_share_a_table(pairs: list[tuple[str, str]]) -> None:
    names = {table_name(namespace, table).lower() for namespace, table in pairs}
    assert len(names) == len(pairs)
    assert all(len(name.encode()) <= LONGEST_TABLE and name.isascii() for name in names)


def test_a_plain_table_is_called_as_it_is() -> None:
    assert table_name("jira", "work_logs") == "jira__work_logs"
    assert table_name("jira-2", "issues").startswith("jira_2_issues__")
