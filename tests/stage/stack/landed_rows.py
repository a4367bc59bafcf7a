"""Prints columns of a landed table as JSON: a list of rows, without tombstones.

python tests/stage/stack/landed_rows.py \\
    '{"lake": {...}, "table": ["jira", "issues"], "columns": ["id"]}'
"""

import json
import sys

from pyiceberg.catalog import load_catalog


def main() -> None:
    asked = json.loads(sys.argv[1])
    catalog = load_catalog("lake", **asked["lake"])
    table = catalog.load_table(tuple(asked["table"]))
    columns = tuple(asked["columns"])
    scan = table.scan(row_filter="_deleted_at IS NULL", selected_fields=(*columns, "_deleted_at"))
    sys.stdout.write(json.dumps(scan.to_arrow().select(columns).to_pylist(), default=str))


if __name__ == "__main__":
    main()
