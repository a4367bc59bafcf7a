"""Does to a landed table what somebody else's mistake would: drops it, or one of its columns.

python tests/stage/stack/edit_table.py \\
    '{"lake": {...}, "table": ["jira", "issues"], "column": "summary"}'
"""

import json
import sys

from pyiceberg.catalog import load_catalog


def main() -> None:
    asked = json.loads(sys.argv[1])
    catalog = load_catalog("lake", **asked["lake"])
    table = tuple(asked["table"])
    if column := asked.get("column"):
        with catalog.load_table(table).update_schema() as update:
            update.delete_column(column)
    else:
        catalog.drop_table(table)
    sys.stdout.write("{}")


if __name__ == "__main__":
    main()
