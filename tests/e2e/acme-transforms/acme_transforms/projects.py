"""What becomes of projects before they land."""

import pandas as pd


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """Projects by what people call them."""
    return rows[["id"]].assign(title=rows["key"] + ": " + rows["name"])
