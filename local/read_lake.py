"""Reads the tables of the local lake from their files, whether the stack runs or not.

    .venv/bin/python local/read_lake.py                          the tables, their rows, and where
    their files are
    .venv/bin/python local/read_lake.py jira.issues              five rows; --rows and --columns
    show others
    .venv/bin/python local/read_lake.py jira.issues --to FILE    all rows, as one parquet file

In a program: `open_lake().load_table("jira.issues")` is a table of pyiceberg. Read it; what writes
is the worker.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from pathlib import Path

import pyarrow.parquet as pq
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.typedef import EMPTY_DICT, Properties

LONGEST_VALUE = 40
ROOT = Path(__file__).resolve().parent.parent


class FolderFileIO(PyArrowFileIO):
    """Finds `s3://bucket/key` in the folder where the local S3 keeps its objects, each as a plain
    file.
    """

    @staticmethod
    def parse_location(location: str, properties: Properties = EMPTY_DICT) -> tuple[str, str, str]:
        path = location.removeprefix("s3://").removeprefix("file://")
        if path.startswith("/"):
            return "file", "", path
        found = sorted(_objects().glob(f"*/{path.split('/')[0]}"))
        if not found:
            raise FileNotFoundError(
                f"{_objects()} has no bucket of {location}. Run `npm start` first."
            )
        return "file", "", str(found[0].parent / path)


def open_lake(tenant: str = "demo") -> Catalog:
    """The tenant's lake of this checkout's stack; `INLET_STATE_DIR` names another's folder."""
    file = _state() / "catalogs" / f"{tenant}.db"
    if not file.exists():
        raise FileNotFoundError(f"There is no {file}. Run `npm start` first.")
    return load_catalog(
        "lake", type="sql", uri=f"sqlite:///{file}", **{"py-io-impl": f"{__name__}.FolderFileIO"}
    )


def folder_of(location: str) -> Path:
    """Where the files of a table with this location are."""
    return Path(FolderFileIO.parse_location(location)[2])


def _state() -> Path:
    return (ROOT / os.environ.get("INLET_STATE_DIR", ".local")).resolve()


def _objects() -> Path:
    return _state() / "objects"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "table", nargs="?", help="like jira.issues; all tables are listed without it"
    )
    parser.add_argument("--columns", help="only these, like key,summary")
    parser.add_argument("--rows", type=int, default=5, help="so many rows are shown")
    parser.add_argument(
        "--to", type=Path, help="a parquet file to write all rows to, instead of showing some"
    )
    parser.add_argument("--tenant", default="demo")
    asked = parser.parse_args()

    lake = open_lake(asked.tenant)
    if asked.table is None:
        for name in sorted(
            name for space in lake.list_namespaces() for name in lake.list_tables(space)
        ):
            table = lake.load_table(name)
            rows, folder = table.scan().count(), folder_of(table.location())
            print(f"{'.'.join(name):20}  {rows:>9,} rows  {folder}")
        return

    try:
        table = lake.load_table(asked.table)
    except (NoSuchTableError, NoSuchNamespaceError):
        sys.exit(
            f"error: There is no table {asked.table}. "
            "List them: .venv/bin/python local/read_lake.py"
        )
    if asked.to is None:
        columns = asked.columns.split(",") if asked.columns else ["*"]
        for row in (
            table.scan(selected_fields=tuple(columns), limit=asked.rows).to_arrow().to_pylist()
        ):
            filled = {
                name: value
                for name, value in row.items()
                if value is not None and not name.startswith("_")
            }
            print("  ".join(f"{name}={_short(value)}" for name, value in filled.items()))
        return
    rows = table.scan().to_arrow()
    pq.write_table(rows, asked.to)
    print(f"{rows.num_rows:,} rows in {asked.to}")


if __name__ == "__main__":
    # The catalogue makes its reader by the module's name, which a script does not have.
    sys.path.insert(0, str(Path(__file__).parent))
    import read_lake

    try:
        read_lake.main()
    except (FileNotFoundError, sqlite3.Error) as error:
        sys.exit(f"error: {error}")
