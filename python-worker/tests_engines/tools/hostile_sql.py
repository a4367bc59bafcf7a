"""Statements of a hostile tenant, by name. `{file}` is a file with a secret in it, `{folder}` its
folder, `{port}` one that hears connections. Each is to be refused; those of HARMLESS may run, and
show nothing but the rows.
"""

from __future__ import annotations

FILES = {
    "reads a file as text": "SELECT id, updated, content FROM rows, read_text('{file}')",
    "reads a file as bytes": "SELECT * FROM rows, read_blob('{file}')",
    "reads a file as a table's name": "SELECT * FROM '{file}'",
    "reads a file by a quoted name": 'SELECT * FROM "{file}"',
    "reads a file as CSV": "SELECT * FROM read_csv('{file}', header = false)",
    "reads a file by guessing its CSV": "SELECT * FROM read_csv_auto('{file}')",
    "reads a file as JSON": "SELECT * FROM read_json('{file}')",
    "reads a file as lines of JSON": "SELECT * FROM read_ndjson_objects('{file}')",
    "reads a file as Parquet": "SELECT * FROM read_parquet('{file}')",
    "reads the head of a Parquet file": "SELECT * FROM parquet_metadata('{file}')",
    "reads a database file": "SELECT * FROM read_duckdb('{file}', table_name = 'x')",
    "sniffs a file": "SELECT * FROM sniff_csv('{file}')",
    "lists a folder": "SELECT * FROM glob('{folder}/*')",
    "lists by a table's name": "SELECT * FROM '{folder}/*.csv'",
    "reads in a subquery": "SELECT *, (SELECT content FROM read_text('{file}')) AS c FROM rows",
    "reads in a WITH": "WITH x AS (SELECT * FROM read_text('{file}')) SELECT * FROM rows, x",
    "reads in a WHERE": "SELECT * FROM rows WHERE EXISTS (FROM read_text('{file}'))",
    "reads behind a comment": "SELECT * FROM /* rows */ read_text('{file}') -- rows",
    "reads by a qualified function": "SELECT * FROM system.main.read_text('{file}')",
    "reads by a function in capitals": "SELECT * FROM READ_TEXT('{file}')",
    "reads by a quoted function": "SELECT * FROM \"read_text\"('{file}')",
    "reads the process's environment": "SELECT * FROM read_text('/proc/self/environ')",
    "reads the process's memory map": "SELECT * FROM read_text('/proc/self/maps')",
    "reads passwords": "SELECT * FROM read_csv('/etc/passwd')",
    "reads a named pipe": "SELECT * FROM read_text('/dev/stdin')",
    "writes a file": "COPY rows TO '{folder}/written.csv'",
    "writes what a query makes": "COPY (SELECT 1) TO '{folder}/written.parquet'",
    "reads a file into a table": "COPY rows FROM '{file}'",
    "copies a database": "COPY FROM DATABASE memory TO memory",
    "exports all": "EXPORT DATABASE '{folder}/written'",
    "imports all": "IMPORT DATABASE '{folder}'",
    "logs into a file": "CALL enable_logging(storage = 'file', storage_path = '{folder}/written')",
    "profiles into a file": "PRAGMA profile_output = '{folder}/written'",
}
NETWORK = {
    "reads a web address": "SELECT * FROM read_text('http://127.0.0.1:{port}/x')",
    "reads a web address as a table": "SELECT * FROM 'http://127.0.0.1:{port}/x.csv'",
    "reads a bucket": "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "reads another store": "SELECT * FROM read_csv('gcs://bucket/x.csv')",
    "attaches PostgreSQL": "ATTACH 'host=127.0.0.1 port={port}' AS p (TYPE postgres)",
    "attaches a web database": "ATTACH 'http://127.0.0.1:{port}/x.db' AS w",
    "scans PostgreSQL": "SELECT * FROM postgres_scan('host=127.0.0.1 port={port}', 's', 't')",
    "installs from an address": "INSTALL httpfs FROM 'http://127.0.0.1:{port}'",
    "writes to a web address": "COPY rows TO 'http://127.0.0.1:{port}/x.csv'",
}
EXTENSIONS = {
    "installs an extension": "INSTALL httpfs",
    "installs of the community": "INSTALL shellfs FROM community",
    "loads an extension": "LOAD httpfs",
    "loads a library": "LOAD '{folder}/x.duckdb_extension'",
    "updates extensions": "UPDATE EXTENSIONS",
    "calls an extension": "SELECT * FROM st_read('{file}')",
    "lists extensions": "SELECT * FROM duckdb_extensions()",
}
DATABASES = {
    "attaches a file": "ATTACH '{folder}/written.db' AS x",
    "attaches memory": "ATTACH ':memory:' AS x",
    "detaches": "DETACH memory",
    "uses another database": "USE system",
    "makes a table": "CREATE TABLE x AS SELECT 1",
    "makes a temporary table": "CREATE TEMP TABLE rows AS SELECT 1",
    "makes a view": "CREATE OR REPLACE VIEW rows AS SELECT 1",
    "makes a macro": "CREATE MACRO upper(x) AS (SELECT content FROM read_text('{file}'))",
    "makes a type": "CREATE TYPE x AS ENUM (SELECT content FROM read_text('{file}'))",
    "makes a sequence": "CREATE SEQUENCE x",
    "drops the rows": "DROP VIEW rows",
    "deletes rows": "DELETE FROM rows",
    "updates rows": "UPDATE rows SET id = '1'",
    "inserts rows": "INSERT INTO rows SELECT * FROM rows",
    "deletes in a WITH": "WITH x AS (DELETE FROM rows RETURNING *) SELECT * FROM x",
    "begins a transaction": "BEGIN TRANSACTION",
    "vacuums": "VACUUM",
    "checkpoints": "CHECKPOINT",
}
SETTINGS = {
    "opens the doors": "SET enable_external_access = true",
    "unlocks the configuration": "SET lock_configuration = false",
    "resets a setting": "RESET memory_limit",
    "lifts the limit of memory": "SET memory_limit = '100GB'",
    "takes more threads": "PRAGMA threads = 64",
    "spills to a folder": "SET temp_directory = '{folder}/written'",
    "reads a setting": "SELECT current_setting('home_directory') AS s, * FROM rows",
    "lists settings": "SELECT * FROM duckdb_settings()",
    "lists settings by a view": "SELECT * FROM pg_catalog.pg_settings",
    "sets a variable": "SET VARIABLE x = 1",
    "reads a variable": "SELECT getvariable('x') AS v, * FROM rows",
    "calls a pragma": "PRAGMA database_list",
    "calls a pragma as a table": "SELECT * FROM pragma_database_size()",
    "asks for the version": "SELECT version() AS v, * FROM rows",
}
SECRETS = {
    "reads the environment": "SELECT getenv('CANARY_ENV') AS e, * FROM rows",
    "reads the environment of a table": "SELECT * FROM rows WHERE id = getenv('CANARY_ENV')",
    "makes a secret": "CREATE SECRET x (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "keeps a secret": "CREATE PERSISTENT SECRET x (TYPE s3, PROVIDER credential_chain)",
    "lists secrets": "SELECT * FROM duckdb_secrets(redact = false)",
    "asks which secret": "SELECT * FROM which_secret('s3://x', 's3')",
}
CATALOGUE = {
    "lists tables": "SELECT * FROM information_schema.tables",
    "lists tables by a function": "SELECT * FROM duckdb_tables()",
    "lists tables of SQLite": "SELECT * FROM sqlite_master",
    "shows tables": "SHOW TABLES",
    "shows all tables": "SHOW ALL TABLES",
    "describes": "DESCRIBE rows",
    "describes in a subquery": "SELECT * FROM (DESCRIBE rows)",
    "summarizes": "SUMMARIZE rows",
    "explains": "EXPLAIN ANALYZE SELECT * FROM rows",
    "reads logs": "SELECT * FROM duckdb_logs()",
    "reads memory": "SELECT * FROM duckdb_memory()",
    "hides a view behind a WITH": "WITH pg_settings AS (SELECT 1) SELECT * FROM pg_settings",
    "asks for the query": "SELECT current_query() AS q, * FROM rows",
}
CODE = {
    "scans a Python variable": "SELECT * FROM canary_variable",
    "scans an address of memory": "SELECT * FROM arrow_scan(1, 2, 3)",
    "scans another address": "SELECT * FROM python_arrow_scan(1, 2, 3)",
    "scans a frame's address": "SELECT * FROM pandas_scan(140000000000)",
    "calls Python": "SELECT * FROM python_map_function(1, (SELECT * FROM rows))",
    "runs a text": "SELECT * FROM query('SELECT * FROM read_text(''{file}'')')",
    "runs a table by its name": "SELECT * FROM query_table('{file}')",
    "runs a tree": "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "writes the log": "SELECT write_log('x') AS l, * FROM rows",
    "prepares": "PREPARE x AS SELECT * FROM read_text('{file}')",
    "executes": "EXECUTE x",
    "asks for a parameter": "SELECT ? AS p, * FROM rows",
    "asks for a named parameter": "SELECT $p AS p, * FROM rows",
    "stacks statements": "SELECT * FROM rows; COPY rows TO '{folder}/written.csv'",
    "stacks behind a comment": "SELECT * FROM rows /* ; */; -- x\n DROP VIEW rows",
    "stacks behind a null": "SELECT * FROM rows\u0000; DROP VIEW rows",
    "stacks by another semicolon": "SELECT * FROM rows\uff1b DROP VIEW rows",
    "hides a word in spaces": "SELECT * FROM\u00a0read_text\u2003('{file}')",
    "turns the text around": "SELECT * FROM rows \u202e -- swor \u202c, read_text('{file}')",
    "names a function alike": "SELECT * FROM r\u0435ad_text('{file}')",
    "leaves a string open": "SELECT * FROM rows WHERE id = 'x",
    "says nothing": " ; ",
    "nests without end": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000 + " AS x FROM rows",
    "nests subqueries": "SELECT * FROM " + "(SELECT * FROM " * 600 + "rows" + ")" * 600,
    "chains operators": "SELECT " + "+".join(["1"] * 9_000) + " AS x, * FROM rows",
}
CLOCK = {
    "asks for the time": "SELECT now() AS t, * FROM rows",
    "asks for the day": "SELECT current_date AS t, * FROM rows",
    "draws a number": "SELECT random() AS r, * FROM rows",
    "draws an identity": "SELECT uuid() AS r, * FROM rows",
    "draws a sample": "SELECT * FROM rows USING SAMPLE 1",
    "waits": "SELECT sleep_ms(60000) AS s, * FROM rows",
    "waits as PostgreSQL does": "SELECT pg_sleep(60) AS s, * FROM rows",
}
BOMBS = {
    "crosses rows with many": "SELECT rows.* FROM rows, range(1000000000)",
    "crosses rows with themselves": "SELECT a.* FROM rows a, rows b, rows c, rows d",
    "counts without end": "SELECT id, updated, (SELECT count(*) FROM range(1000000000000) t(x) "
    "WHERE x % 7 = length(id)) AS n FROM rows",
    "recurs without end": "WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x) "
    "SELECT id, updated, (SELECT max(a) FROM x) AS m FROM rows",
    "grows while it recurs": "WITH RECURSIVE x AS (SELECT id AS a FROM rows UNION ALL "
    "SELECT a || a FROM x) SELECT id, updated, (SELECT max(a) FROM x) AS m FROM rows",
    "repeats a text": "SELECT id, updated, repeat(id, 2000000000) AS r FROM rows",
    "pads a text": "SELECT id, updated, lpad(id, 2000000000, 'x') AS r FROM rows",
    "repeats a constant": "SELECT id, updated, repeat('a', 4000000000) AS r FROM rows",
    "joins a text with itself": "SELECT id, updated, string_agg(repeat(id, 100000), ',') "
    "OVER () AS r FROM rows, range(100000)",
    "lists without end": "SELECT id, updated, "
    "to_json(range(length(id) * 1000000000)) AS l FROM rows",
    "unfolds a list": "SELECT id, updated, unnest(range(1000000000)) AS l FROM rows",
    "folds a list": "SELECT id, updated, "
    "(SELECT list(x) FROM range(1000000000) t(x)) AS l FROM rows",
    "sorts too much": "SELECT id, updated, (SELECT max(m) FROM (SELECT md5(x::VARCHAR) AS m "
    "FROM range(200000000) t(x) ORDER BY m LIMIT 1)) AS s FROM rows",
    "groups too much": "SELECT id, updated, (SELECT count(*) FROM (SELECT md5(x::VARCHAR) AS m "
    "FROM range(200000000) t(x) GROUP BY m)) AS s FROM rows",
    "compares long texts": "SELECT id, updated, "
    "levenshtein(repeat(id, 1000000), repeat('b', 1000000)) AS d FROM rows",
    "matches a long text": "SELECT id, updated, "
    "regexp_replace(repeat(id, 50000000), '(a|1)*(a|1)*c', '', 'g') AS r FROM rows",
    "compiles a great pattern": "SELECT id, updated, "
    "regexp_matches(id, '((a{{1,100}}){{1,100}}){{1,100}}') AS r FROM rows",
    "prints wide": "SELECT id, updated, printf('%2000000000d', 1) AS p FROM rows",
    "formats wide": "SELECT id, updated, format('{{:>2000000000}}', id) AS p FROM rows",
    "makes great structures": "SELECT id, updated, to_json(list_transform(range(100000), "
    "lambda x: range(100000))) AS n FROM rows",
    "windows over all": "SELECT id, updated, count(*) OVER (ORDER BY x RANGE BETWEEN 1000000 "
    "PRECEDING AND CURRENT ROW) AS w FROM rows, range(100000000) t(x)",
    "raises to a power": "SELECT id, updated, factorial(100) AS f, pow(10, 400) AS p FROM rows",
}
HARMLESS = {
    "turns the text around",
    "says its own file name in a text",
    "calls a column like a secret",
}
OWN_TEXT = {
    "says its own file name in a text": "SELECT *, '{file}' AS f FROM rows",
    "calls a column like a secret": 'SELECT *, 1 AS "CANARY_ENV" FROM rows',
}
STATEMENTS = {
    **FILES,
    **NETWORK,
    **EXTENSIONS,
    **DATABASES,
    **SETTINGS,
    **SECRETS,
    **CATALOGUE,
    **CODE,
    **CLOCK,
    **BOMBS,
    **OWN_TEXT,
}
