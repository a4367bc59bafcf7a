"""The six programs of the contract suite, for tools that take functions of frames."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def select(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["id", "version"]].rename(columns={"id": "key", "version": "number"})


def keep(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["open"].fillna(False)]


def derive(rows: pd.DataFrame) -> pd.DataFrame:
    """pandas' own addition wraps beyond 64 bits; Arrow's checked one does not."""
    version = pa.chunked_array(rows["version"].array.__arrow_array__())
    return rows.assign(
        next=pd.Series(pd.arrays.ArrowExtensionArray(pc.add_checked(version, 1)), rows.index),
        upper=rows["title"].str.upper(),
        year=rows["updated"].dt.year,
    )


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("version", kind="stable").drop_duplicates("id", keep="last")


def union(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([rows, others], ignore_index=True)


def count(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby("title", dropna=False, as_index=False).size().rename(columns={"size": "n"})
