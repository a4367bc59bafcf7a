"""Numbers that every reader of JSON keeps as they are: beyond 53 bits, one that counts in doubles
keeps another.
"""

from __future__ import annotations

import math
from typing import Any

LARGEST = 2**53 - 1


def with_exact_numbers(value: Any) -> Any:
    """The same JSON, with numbers that not every reader holds as texts of their digits; what is no
    number, as null.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return {name: with_exact_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_exact_numbers(inner) for inner in value]
    return value


def _number(value: int | float) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if -LARGEST <= value <= LARGEST else str(value)
