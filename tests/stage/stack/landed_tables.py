"""Prints the tables of a namespace as JSON: rows, and the ids of the slices committed to each,
oldest first.

python tests/stage/stack/landed_tables.py '{"lake": {...}, "namespace": "jira"}'
"""

import contextlib
import json
import sys
from typing import Any

from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import NoSuchNamespaceError
from pyiceberg.table import Table

COMMIT_ID = "ctl.commit-id"


def landed(table: Table) -> dict[str, Any]:
    summaries = [s.summary.additional_properties if s.summary else {} for s in table.snapshots()]
    return {
        "rows": table.scan().count(),
        "commits": [summary[COMMIT_ID] for summary in summaries if COMMIT_ID in summary],
    }


def main() -> None:
    asked = json.loads(sys.argv[1])
    catalog = load_catalog("lake", **asked["lake"])
    names: list[str] = []
    with contextlib.suppress(NoSuchNamespaceError):
        names = [name for _, name in catalog.list_tables(asked["namespace"])]
    found = {name: landed(catalog.load_table((asked["namespace"], name))) for name in names}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
