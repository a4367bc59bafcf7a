"""dlt's contestant: its `rest_api` source to parquet, at the fastest setting that was found (no
nested tables, workers for both cores, large buffers). Prints the rows that landed.

    python bench/peers/dlt_load.py '{"url": …, "user": …, "token": …, "folder": …}'
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
    "DATA_WRITER__FILE_MAX_ITEMS": "25000",
    "NORMALIZE__WORKERS": "2",
    "NORMALIZE__START_METHOD": "spawn",
    "LOAD__WORKERS": "2",
}

import dlt
from dlt.destinations import filesystem
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from dlt.sources.rest_api import rest_api_source


def load(site: dict[str, Any]) -> int:
    """Rows of the table that one full load leaves."""
    folder = Path(site["folder"])
    pages = JSONResponseCursorPaginator(cursor_path="nextPageToken", cursor_param="nextPageToken")
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{site['url']}/rest/api/3/",
                "auth": {
                    "type": "http_basic",
                    "username": site["user"],
                    "password": site["token"],
                },
                "paginator": pages,
            },
            "resources": [
                {
                    "name": "issues",
                    "primary_key": "id",
                    "write_disposition": "replace",
                    "endpoint": {
                        "path": "search/jql",
                        "data_selector": "issues",
                        "params": {
                            "jql": "updated >= 0 ORDER BY updated ASC",
                            "fields": "*all",
                            "maxResults": 100,
                        },
                    },
                }
            ],
        }
    )
    source.max_table_nesting = 0

    pipeline = dlt.pipeline(
        "peers",
        pipelines_dir=str(folder / "pipelines"),
        destination=filesystem(bucket_url=f"file://{folder}/dlt"),
        dataset_name="jira",
    )
    pipeline.run(source, loader_file_format="parquet")

    rows: int = pipeline.last_trace.last_normalize_info.row_counts["issues"]
    return rows


if __name__ == "__main__":
    print(json.dumps({"rows": load(json.loads(sys.argv[1]))}))
