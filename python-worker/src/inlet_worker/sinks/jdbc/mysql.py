"""MySQL and MariaDB, by pymysql. Rows come by LOAD DATA where the server takes it, else by INSERT.

What the server asks for in answer to LOAD DATA LOCAL is never looked at: it would be a file of this
machine, of the server's choice. It is sent the rows.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

import certifi
import pyarrow as pa
import pymysql
from pymysql.constants import CLIENT, COMMAND
from pymysql.cursors import SSCursor
from pymysql.protocol import OKPacketWrapper

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.sinks.jdbc import failures
from inlet_worker.sinks.jdbc.columns import Room
from inlet_worker.sinks.jdbc.database import Database, Row
from inlet_worker.sinks.jdbc.login import DatabaseLogin
from inlet_worker.sinks.jdbc.names import NameRules
from inlet_worker.sinks.jdbc.place import HOST, JdbcPlace
from inlet_worker.sinks.jdbc.rows_as_text import rows_as_text
from inlet_worker.sinks.jdbc.values import finite

CONNECT_SECONDS = 10
ANSWER_SECONDS = 600
"""What one statement may take."""
FROZEN_SECONDS = 60
"""A client that asks nothing for so long (a frozen process) is disconnected by the server, and its
transaction undone, whose locks its successors wait for.
"""
READING_SECONDS = 900
LOCK_SECONDS = 50
SORTED_BYTES = 1000
"""It sorts by the beginning of a value (`max_sort_length`), and reserves as much for each row."""
PACKET_BYTES = 512 * 1024
_SETTINGS = {
    "time_zone": "'+00:00'",
    "sql_mode": "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'",
    "transaction_isolation": "'READ-COMMITTED'",
    "innodb_lock_wait_timeout": str(LOCK_SECONDS),
    "wait_timeout": str(FROZEN_SECONDS),
    "net_read_timeout": str(READING_SECONDS),  # rows of LOAD DATA come as staging is read
    "net_write_timeout": str(READING_SECONDS),
}
_CONFLICTS = {1205, 1213, 1062, 1050, 1060, 1061, 1412, 1020}
"""Lock wait, deadlock, a key or a table or a column or an index that is there, a table that was
changed.
"""
_LOGIN = {1045, 1044, 1251, 1698, 1862, 4151}
_PLACE = {1049}
_RIGHTS = {1142, 1143, 1227, 1290, 1370, 1836, 1792}
_LATER = {1021, 1037, 1038, 1040, 1041, 1114, 1129, 1135, 1203, 1226, 1206, 3024, 1969}
_LOST = {
    1053,
    1077,
    1079,
    1152,
    1158,
    1159,
    1160,
    1161,
    1184,
    1927,
    2003,
    2006,
    2013,
    2014,
    2055,
    4031,
}


class MysqlDatabase(Database):
    """A connection to MySQL or MariaDB."""

    # Its identifiers are of the basic plane and compared without case and accents.
    rules = NameRules(longest=63, only_ascii=True, folds=True)
    mark = "%s"
    types: ClassVar[dict[str, str]] = {
        "text": "LONGTEXT",
        "long": "BIGINT",
        "double": "DOUBLE",
        "boolean": "BOOLEAN",
        "timestamp": "DATETIME(6)",
        "date": "DATE",
        "serial": "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
        "bytes": "LONGBLOB",
        "digest": "BINARY(32)",
        "name": "VARCHAR(255)",
        "count": "BIGINT",
        "act": "CHAR(1)",
    }
    # InnoDB's half page of 8,126 bytes, in which a long text leaves 40.
    room = Room(
        7600,
        {"text": 40, "long": 9, "double": 9, "boolean": 2, "timestamp": 9, "date": 4},
    )
    table_options = (
        " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    )

    def __init__(self, place: JdbcPlace, guard: EgressGuard, login: DatabaseLogin | None) -> None:
        self._schema = place.database or ""
        with _told():
            self._connection = _connected(place, guard, login)
            settings = dict(_SETTINGS)
            if self._is_mariadb:
                settings["tx_isolation"] = settings.pop("transaction_isolation")
            self._set(settings)
        _refuse_old(self._connection.server_version, self._is_mariadb)

    @property
    def _is_mariadb(self) -> bool:
        return "mariadb" in self._connection.server_version.lower()

    def _set(self, settings: dict[str, str]) -> None:
        changes = ", ".join(f"SESSION {name} = {value}" for name, value in settings.items())
        self._connection.query(f"SET {changes}")

    def quote(self, name: str) -> str:
        # Statements always go with parameters, if none, so a percent sign is doubled.
        return "`" + name.replace("`", "``").replace("%", "%%") + "`"

    def table(self, name: str) -> str:
        return f"{self.quote(self._schema)}.{self.quote(name)}"

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        with _told(), self._connection.cursor() as cursor:
            return int(cursor.execute(sql, tuple(parameters)))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with _told(), self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(parameters))
            return list(cursor.fetchall())

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        with _told(), self._connection.cursor(SSCursor) as cursor:
            cursor.execute(sql, tuple(parameters))
            yield from cursor.fetchall_unbuffered()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._transaction("START TRANSACTION"):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with _told():
            self._set({"wait_timeout": str(READING_SECONDS)})
            self._connection.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with self._transaction("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with _told():
            self._connection.query(begin)
            try:
                yield
            except BaseException:
                with suppress(pymysql.Error, OSError):
                    self._connection.rollback()
                raise
            self._connection.commit()

    @contextmanager
    def making(self) -> Iterator[None]:
        # DDL commits by itself, so a transaction would hold nothing together.
        lock = f"inlet/{self._schema}"[:64]
        ((taken,),) = self.rows("SELECT GET_LOCK(%s, %s)", (lock, LOCK_SECONDS))
        if taken != 1:
            raise failures.DatabaseConflict
        try:
            yield
        finally:
            with suppress(Exception):
                self.rows("SELECT RELEASE_LOCK(%s)", (lock,))

    def columns_of(self, table: str) -> frozenset[str] | None:
        found = self.rows(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = %s",
            (self._schema, table),
        )
        return frozenset(str(name) for (name,) in found) if found else None

    def load(self, table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch]) -> None:
        ((local,),) = self.rows("SELECT @@GLOBAL.local_infile")
        finite_batches = map(_finite, batches)
        if local:
            self._load_local(table, columns, finite_batches)
        else:
            self._insert(table, columns, finite_batches)

    def _load_local(
        self, table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch]
    ) -> None:
        first = next(iter(batches := iter(batches)), None)
        if first is None:
            return
        binary = [name for name, c in zip(columns, first.columns, strict=True) if _is_bytes(c)]
        read = ", ".join(f"@{name}" if name in binary else name for name in columns)
        made = ", ".join(f"{name} = UNHEX(@{name})" for name in binary)
        statement = (
            f"LOAD DATA LOCAL INFILE 'rows' INTO TABLE {self.table(table)} CHARACTER SET utf8mb4 "
            "FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' "
            f"({read}) SET {made}"
        )

        with _told():
            self._connection._execute_command(COMMAND.COM_QUERY, statement)
            asked = self._connection._read_packet()
            if not asked.is_load_local_packet():
                raise failures.refused("no LOAD DATA")
            for batch in (first, *batches):
                text = rows_as_text(batch, boolean_digits=True)
                for start in range(0, len(text), PACKET_BYTES):
                    self._connection.write_packet(bytes(text[start : start + PACKET_BYTES]))
            self._connection.write_packet(b"")
            OKPacketWrapper(self._connection._read_packet())

    def _insert(
        self, table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch]
    ) -> None:
        statement = (
            f"INSERT INTO {self.table(table)} ({', '.join(columns)}) "
            f"VALUES ({self.marks(len(columns))})"
        )
        with _told(), self._connection.cursor() as cursor:
            for batch in batches:
                values = [_values(column) for column in batch.columns]
                cursor.executemany(statement, list(zip(*values, strict=True)))

    def keep_newest(self, table: str, longest: int) -> None:
        if longest <= SORTED_BYTES:
            super().keep_newest(table, longest)
            return
        rows = self.table(table)
        self.run(f"CREATE INDEX newest ON {rows} (k)")
        self.run(
            f"DELETE s FROM {rows} s JOIN {rows} y ON y.k = s.k "
            "AND (y.o > s.o OR (y.o = s.o AND y.n > s.n))"
        )

    def inline_index(self, column: str | None) -> list[str]:
        return [f"KEY _inlet_i ({self.quote(column)})"] if column else []

    def analyze(self, table: str) -> None:
        self.rows(f"ANALYZE TABLE {self.table(table)}")

    def last(self, expression: str, characters: int) -> str:
        return f"RIGHT({expression}, {characters})"

    def delete_marked(self, table: str, key: str, marks: str, where: str) -> str:
        return f"DELETE t FROM {table} t JOIN {marks} p ON t.{key} = p.k WHERE {where}"

    def update_marked(self, table: str, key: str, marks: str, change: str) -> str:
        column = change.partition(" = ")[0]
        return (
            f"UPDATE {table} t JOIN {marks} p ON t.{key} = p.k SET t.{change} "
            f"WHERE t.{column} IS NULL"
        )

    def parameter(self, value: Any) -> Any:
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value

    def server(self) -> str:
        product = "MariaDB" if self._is_mariadb else "MySQL"
        return f"{product} {'.'.join(map(str, _version(self._connection.server_version)))}"

    def close(self) -> None:
        with suppress(Exception):
            self._connection._force_close()


def _connected(place: JdbcPlace, guard: EgressGuard, login: DatabaseLogin | None) -> Any:
    """Connected to a judged address: the socket is the guard's."""
    host = place.host or ""
    connection = pymysql.Connection(
        host=host,
        port=place.server_port,
        user=login.user if login else "",
        password=login.password if login else "",
        database=place.database,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        write_timeout=ANSWER_SECONDS,
        client_flag=CLIENT.LOCAL_FILES,
        read_default_file=None,
        ssl=_tls(place),
        ssl_disabled=place.tls == "disable",
        defer_connect=True,
    )
    way = guard.connect(host, place.server_port, HOST, CONNECT_SECONDS)
    way.settimeout(None)
    connection.connect(sock=way)
    return connection


def _tls(place: JdbcPlace) -> ssl.SSLContext | None:
    if place.tls == "disable":
        return None
    try:
        return ssl.create_default_context(
            cafile=None if place.ca else certifi.where(), cadata=place.ca
        )
    except ssl.SSLError:
        raise failures.tls_refused() from None


def _refuse_old(version: str, mariadb: bool) -> None:
    oldest = (10, 5) if mariadb else (8, 0)
    if _version(version) < oldest:
        raise failures.too_old("MariaDB 10.5" if mariadb else "MySQL 8.0")


def _version(text: str) -> tuple[int, ...]:
    # MariaDB puts 5.5.5- before its own, for clients that know no better.
    digits = text.removeprefix("5.5.5-").split("-")[0].split(".")[:2]
    return tuple(int(one) for one in digits if one.isdigit())


def _finite(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [finite(c) if pa.types.is_floating(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_bytes(column: pa.Array) -> bool:
    return bool(pa.types.is_binary(column.type))


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())
    found: list[Any] = column.to_pylist()
    return found


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except pymysql.Error as e:
        raise _failure(e) from None
    except ssl.SSLError:
        raise failures.tls_refused() from None
    except socket.gaierror:
        raise failures.host_unknown() from None
    except OSError:
        raise failures.DatabaseLost from None


def _failure(error: pymysql.Error) -> Exception:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if isinstance(error, pymysql.InterfaceError):
        return failures.DatabaseLost()
    if code == 2026 or "SSL" in str(error) or "certificate" in str(error):
        return failures.tls_refused()
    if code in _CONFLICTS:
        return failures.DatabaseConflict()
    if code in _LOGIN:
        return failures.login_refused(code)
    if code in _PLACE:
        return failures.place_refused(code, "config.database")
    if code in _RIGHTS:
        return failures.rights_refused(code)
    if code in _LOST:
        return failures.DatabaseLost()
    return failures.unavailable(code) if code in _LATER else failures.refused(code)
