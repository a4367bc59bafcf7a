"""The only process that opens a SQLite catalogue for its worker: `python sqlite_keeper.py FILE
LOCK_SECONDS`.

SQLite has no server: whoever writes holds a lock on the file, and a process that is stopped in that
moment holds it until it goes on. So a worker's process never opens the file. It asks this one,
which belongs to another session and no longer to the worker's tree, and which finishes what it was
asked whatever becomes of the asker, as a server would.

A line of JSON each way: {"sql", "parameters"} -> {"columns", "rows", "rowcount"} or {"error",
"message"}. Each statement is a transaction of its own. The first line is the answer to opening the
file. Ends when nobody can ask more.

One is started for every catalogue that is opened, so it imports little: `pathlib`, `uuid` and
`typing` would take a third of its start.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys

# As pyiceberg creates them.
TABLES = """
CREATE TABLE iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name));
CREATE TABLE iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL, PRIMARY KEY (catalog_name, namespace, property_key));
"""


def main(file: str, lock_seconds: float) -> None:
    """Serves standard input until it ends."""
    if (
        os.fork()
    ):  # the orphan is nobody's child: a signal to the worker's tree or group does not find it
        os._exit(0)

    try:
        connection = open_file(file, lock_seconds)
    except (sqlite3.Error, OSError) as error:
        say(refused(error))
        return

    say({})
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            say(execute(connection, asked["sql"], asked["parameters"]))
        except (sqlite3.Error, OverflowError) as error:
            say(refused(error))


def say(answer: dict[str, object]) -> None:
    try:
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)  # it was done, and who asked is gone


def open_file(file: str, lock_seconds: float) -> sqlite3.Connection:
    """The catalogue's file, made if it is not there. Readers of a write-ahead log hold up no
    writer.
    """
    if not os.path.exists(file):
        make(file)
    return sqlite3.connect(file, timeout=lock_seconds, isolation_level=None)


def make(file: str) -> None:
    """Made whole under another name, then linked: of several first starts one is taken, and none
    waits for another.
    """
    os.makedirs(os.path.dirname(file), exist_ok=True)
    whole = f"{file}.{os.urandom(16).hex()}"
    connection = sqlite3.connect(whole, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(TABLES)
    connection.close()

    try:
        os.link(whole, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(whole)


def execute(
    connection: sqlite3.Connection, sql: str, parameters: list[str | int | float | None]
) -> dict[str, object]:
    cursor = connection.execute(sql, parameters)
    columns = [column[0] for column in cursor.description or ()]
    return {"columns": columns, "rows": cursor.fetchall(), "rowcount": cursor.rowcount}


def refused(error: Exception) -> dict[str, object]:
    name = type(error).__name__ if isinstance(error, sqlite3.Error) else "OperationalError"
    return {"error": name, "message": str(error)}


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
