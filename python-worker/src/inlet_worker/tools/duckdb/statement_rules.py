"""What a tenant's query may be: one SELECT over the inputs, of parts that are known here. DuckDB's
own parser says what the text is; nothing is looked for in the text itself. Runs in the sandbox, and
imports nothing of ours but its table.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from inlet_worker.tools.duckdb.allowed_functions import FUNCTIONS, SPECIAL_NAMES, TABLE_FUNCTIONS

MOST_CHARACTERS = 20_000
DEEPEST = 2_000
TOO_DEEP = "its parts stand in one another too deep; write it flatter"
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLES = frozenset(
    {"BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "SUBQUERY", "TABLE_FUNCTION"}
)
_MODIFIERS = frozenset(
    {
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ASCENDING",
        "DESCENDING",
        "ORDER_DEFAULT",
    }
)
_PARTS = _NODES | _TABLES | _MODIFIERS
_EXPRESSIONS = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "LAMBDA_REF",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    }
)


class Refused(ValueError):
    """The message says what is not allowed, and what is."""


def check_statement(connection: Any, text: str, inputs: Mapping[str, Collection[str]]) -> None:
    """`inputs` are columns by table. Raises Refused for all but one SELECT of known parts."""
    if len(text) > MOST_CHARACTERS:
        raise Refused(f"it is longer than {MOST_CHARACTERS} characters")
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        raise Refused(f"it is {len(statements)} statements; write one SELECT")
    kind = str(statements[0].type).rpartition(".")[2]
    if kind != "SELECT":
        raise Refused(f"it is a statement of the kind {kind}; write one SELECT")

    tree = _tree(connection, text)
    views = connection.execute("SELECT view_name FROM duckdb_views()").fetchall()
    rules = _Rules(inputs, {name.lower() for (name,) in views})
    rules.check(tree)


def _tree(connection: Any, text: str) -> Any:
    given = connection.execute("SELECT json_serialize_sql(?)", [text]).fetchone()[0]
    try:
        tree = json.loads(given)
    except RecursionError:
        raise Refused(TOO_DEEP) from None
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise Refused("it is no plain SELECT; write one SELECT")
    return tree["statements"]


class _Rules:
    def __init__(self, inputs: Mapping[str, Collection[str]], views: Collection[str]) -> None:
        self._tables = {name.lower() for name in inputs}
        self._columns = {one.lower() for columns in inputs.values() for one in columns}
        self._views = views
        self._named: set[str] = set()

    def check(self, tree: Any) -> None:
        for part in _parts(tree):
            self._names(part)
        for part in _parts(tree):
            self._part(part)

    def _names(self, part: dict[str, Any]) -> None:
        """Names that the query gives to its own parts (WITH)."""
        for entry in (part.get("cte_map") or {}).get("map", ()):
            self._name(entry["key"])
        if part.get("type") in ("RECURSIVE_CTE_NODE", "CTE_NODE"):
            self._name(str(part.get("cte_name", "")))

    def _name(self, name: str) -> None:
        if name.lower() in self._views or name.lower() in self._tables:
            raise Refused(f"WITH calls a part {name[:60]}, which is taken; call it otherwise")
        self._named.add(name.lower())

    def _part(self, part: dict[str, Any]) -> None:
        if "class" in part:
            self._expression(part)
        elif isinstance(kind := part.get("type"), str) and kind not in _PARTS:
            raise Refused(f"it has a part of the kind {kind}, which is not allowed")
        elif kind == "BASE_TABLE":
            self._table(part)
        elif kind == "TABLE_FUNCTION":
            self._function(part["function"], TABLE_FUNCTIONS)
        if part.get("sample") or part.get("at_clause"):
            raise Refused("it draws a sample, or asks for another time; leave that out")

    def _expression(self, part: dict[str, Any]) -> None:
        kind = part["class"]
        if kind not in _EXPRESSIONS:
            raise Refused(f"it has an expression of the kind {kind}, which is not allowed")
        if kind == "FUNCTION" or (kind == "WINDOW" and part.get("function_name")):
            self._function(part, FUNCTIONS)
        if kind == "COLUMN_REF" and len(part["column_names"]) == 1:
            name = str(part["column_names"][0]).lower()
            if name in SPECIAL_NAMES and name not in self._columns:
                raise Refused(f"{name} is another in each run; take a column's value instead")

    def _table(self, part: dict[str, Any]) -> None:
        name = str(part["table_name"])
        qualified = part.get("schema_name") or part.get("catalog_name")
        if qualified or name.lower() not in self._tables | self._named:
            tables = " or ".join(sorted(self._tables))
            raise Refused(f"it reads the table {name[:60]}; read {tables} only")

    def _function(self, part: dict[str, Any], allowed: Collection[str]) -> None:
        name = str(part["function_name"])
        if part.get("schema") or part.get("catalog") or name.lower() not in allowed:
            raise Refused(f"it calls {name[:60]}, which is not among the functions of a transform")


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the tree, without recursion: the text decides how deep it is."""
    waiting: list[tuple[Any, int]] = [(tree, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Refused(TOO_DEEP)
        if isinstance(value, dict):
            yield value
            waiting.extend((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1) for inner in value)
