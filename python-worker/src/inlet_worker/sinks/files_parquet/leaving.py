"""Since when a file of a table does not count any more: what replaced it was written then. Whoever
reads a snapshot that has just been replaced may finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from inlet_worker.sinks.parquet.columns import Json

MANIFEST = "/_manifest.json"


class Leaving:
    """`live` are the keys of the files that count, `commits` the last ones of the pointer, `pages`
    the listing of the table's place.
    """

    def __init__(
        self, live: set[str], commits: Iterable[Json], pages: Sequence[Sequence[Any]]
    ) -> None:
        self._live = live
        self._live_folders = {key.rsplit("/", 2)[0] for key in live}
        self._snapshots: dict[str, datetime] = {}
        snapshots = {entry["directory"] for entry in commits if entry["mode"] == "FULL"}
        for one in (one for page in pages for one in page):
            if (folder := one["path"].rsplit("/", 2)[0]) in snapshots:
                last = self._snapshots.get(folder, one["last_modified"])
                self._snapshots[folder] = max(last, one["last_modified"])

    def was_out_by(self, entry: Any, oldest: datetime) -> bool:
        """Whether the listed object counts for nothing, and did so before `oldest`. What never
        counted is as old as it is.
        """
        path, written = entry["path"], entry["last_modified"]
        if path.endswith(MANIFEST):
            is_dead = path.removesuffix(MANIFEST) not in self._live_folders
        else:
            is_dead = path.endswith(".parquet") and path not in self._live
        if not is_dead:
            return False

        folder = path.rsplit("/", 2)[0]
        after = [at for other, at in self._snapshots.items() if other != folder and at > written]
        return min(after, default=written) < oldest
