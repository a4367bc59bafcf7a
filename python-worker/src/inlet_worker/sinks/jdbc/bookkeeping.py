"""What the sink keeps beside the landed tables, in three small tables of the same schema: what each
target is and up to which epoch, its commits, and the staging tables in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from inlet_sdk.errors import FencedError
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_worker.sinks.jdbc.columns import Column
from inlet_worker.sinks.jdbc.database import Database

TARGETS, COMMITS, STAGING = "_inlet_targets", "_inlet_commits", "_inlet_staging"
KEPT_RECEIPTS = 1000
"""Of a target. A commit that is asked about is one of its last."""


@dataclass(frozen=True)
class Landed:
    """The row of a target. `columns` are those that the sink made; `commits`, how many there
    were.
    """

    made: str
    epoch: int
    commits: int
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    facts: dict[str, str]


def make_tables(database: Database) -> None:
    """Create the three where they are not there. Within `making`."""
    types, known = database.types, database.columns_of
    name, text, count = types["name"], types["text"], types["count"]

    if known(TARGETS) is None:
        columns = [("target", name), ("made", name), ("epoch", count), ("commits", count)]
        database.create(
            TARGETS,
            [*columns, ("row_keys", text), ("row_columns", text), ("facts", text)],
            key="target",
        )
    if known(COMMITS) is None:
        columns = [("target", name), ("commit_id", name), ("ordinal", count), ("receipt", text)]
        database.create(COMMITS, columns, key="target, commit_id")
    if known(STAGING) is None:
        columns = [("staging", name), ("target", name), ("made_at", count)]
        database.create(STAGING, columns, key="staging")


def find_target(database: Database, target: str, *, locked: bool = False) -> Landed | None:
    """The row of a target; None where it has none. `locked`: until the transaction ends, other
    commits and fences of the target wait.
    """
    found = database.rows(
        "SELECT made, epoch, commits, row_keys, row_columns, facts "
        f"FROM {database.table(TARGETS)} WHERE target = {database.mark}"
        + (database.locked if locked else ""),
        (target,),
    )
    if not found:
        return None

    made, epoch, commits, keys, columns, facts = found[0]
    return Landed(
        made=str(made),
        epoch=int(epoch),
        commits=int(commits),
        keys=tuple(orjson.loads(keys)),
        columns=tuple(Column(**one) for one in orjson.loads(columns)),
        facts=orjson.loads(facts),
    )


def put_target(database: Database, target: str, landed: Landed, *, there: bool) -> None:
    """Write the row of a target, which is `there` already or not."""
    values = {
        "made": landed.made,
        "epoch": landed.epoch,
        "commits": landed.commits,
        "row_keys": _json(landed.keys),
        "row_columns": _json([column.as_json() for column in landed.columns]),
        "facts": _json(landed.facts),
    }
    table, mark = database.table(TARGETS), database.mark
    if there:
        changes = ", ".join(f"{name} = {mark}" for name in values)
        statement = f"UPDATE {table} SET {changes} WHERE target = {mark}"
    else:
        marks = database.marks(len(values) + 1)
        statement = f"INSERT INTO {table} ({', '.join(values)}, target) VALUES ({marks})"
    database.run(statement, (*values.values(), target))


def find_receipt(database: Database, target: str, commit_id: str) -> CommitReceipt | None:
    """The receipt of a commit that happened."""
    found = database.rows(
        f"SELECT receipt FROM {database.table(COMMITS)} "
        f"WHERE target = {database.mark} AND commit_id = {database.mark}",
        (target, commit_id),
    )
    return CommitReceipt(**orjson.loads(found[0][0])) if found else None


def put_receipt(database: Database, target: str, receipt: CommitReceipt, ordinal: int) -> None:
    """Record a commit, and forget those that are too old to be asked about."""
    table = database.table(COMMITS)
    database.run(
        f"INSERT INTO {table} (target, commit_id, ordinal, receipt) VALUES ({database.marks(4)})",
        (target, receipt.commit_id, ordinal, _json(receipt.as_json())),
    )
    database.run(
        f"DELETE FROM {table} WHERE target = {database.mark} AND ordinal <= {database.mark}",
        (target, ordinal - KEPT_RECEIPTS),
    )


def forget_receipts(database: Database, target: str) -> None:
    """Of a table that is no more."""
    database.run(f"DELETE FROM {database.table(COMMITS)} WHERE target = {database.mark}", (target,))


def refuse_if_fenced(landed: Landed, epoch: int) -> None:
    """Raises FencedError when a higher epoch was seen."""
    if landed.epoch > epoch:
        raise FencedError(
            "A newer run has committed to this table; leave the unit to it.",
            details={"epoch": epoch, "seen": landed.epoch},
        )


def note_staging(database: Database, staging: str, target: str, at: datetime) -> None:
    """Before a staging table is made, so that none is unknown."""
    database.run(
        f"INSERT INTO {database.table(STAGING)} (staging, target, made_at) "
        f"VALUES ({database.marks(3)})",
        (staging, target, _millis(at)),
    )


def forget_staging(database: Database, staging: str) -> None:
    """After it was dropped."""
    database.run(
        f"DELETE FROM {database.table(STAGING)} WHERE staging = {database.mark}", (staging,)
    )


def old_staging(database: Database, target: str, before: datetime) -> Sequence[str]:
    """Staging tables of a target that were made before."""
    found = database.rows(
        f"SELECT staging FROM {database.table(STAGING)} "
        f"WHERE target = {database.mark} AND made_at < {database.mark}",
        (target, _millis(before)),
    )
    return [str(staging) for (staging,) in found]


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
