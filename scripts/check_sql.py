#!/usr/bin/env python3
"""Runs the scoring query on an engine and compares every row with the exported scores.

    check_sql.py duckdb|postgres|spark EXPORT QUERY

EXPORT is a folder written by `gtmi export`, QUERY a file written by `gtmi sql` for this engine, without
--tables. The two must agree in all rows and columns, numbers to 1e-12. Needs the module duckdb, the programs of
PostgreSQL (a throwaway cluster is made, on a socket in a temporary folder), or the module pyspark and Java.
"""

import csv
import glob
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

TABLES = ("economies", "answers", "external")
NUMBERS = ("points", "max_points", "score", "value")
COUNTS = ("wave", "answered", "asked")
TOLERANCE = 1e-12


def duckdb_rows(export, query):
    import duckdb

    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{export}/{table}.parquet')")
    result = connection.execute(query)
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, row)) for row in result.fetchall()]


def spark_rows(export, query):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("check_sql")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for table in TABLES:
        spark.read.parquet(f"{export}/{table}.parquet").createOrReplaceTempView(table)
    rows = [row.asDict() for row in spark.sql(query).collect()]
    spark.stop()
    return rows


def postgres_programs():
    """The folder of the server's programs: Debian keeps them out of the path."""
    found = shutil.which("initdb")
    folders = [os.path.dirname(os.path.realpath(found))] if found else []
    folders += sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    if not folders:
        raise SystemExit("PostgreSQL is missing: install the package postgresql")
    return folders[0]


def postgres_rows(export, query):
    programs = postgres_programs()
    # The server refuses to run as root.
    account = {}
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="gtmi-pg-", dir="/tmp") as folder:
        if account:
            os.chown(folder, account["user"], account["group"])
        run = lambda *command, **options: subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.PIPE, **{**account, **options}
        )
        cluster = f"{folder}/data"
        initdb = ["--auth=trust", "--username=gtmi", "--encoding=UTF8", "--locale=C", "--no-sync"]
        run(f"{programs}/initdb", *initdb, "-D", cluster)
        settings = f"-c listen_addresses='' -k {folder} -c fsync=off"
        run(f"{programs}/pg_ctl", "-D", cluster, "-w", "-l", f"{folder}/log", "-o", settings, "start")
        try:
            with open(f"{export}/datapackage.json", encoding="utf-8") as file:
                resources = {resource["name"]: resource for resource in json.load(file)["resources"]}
            script = ["\\set ON_ERROR_STOP on", "SET client_min_messages = warning;"]
            for table in TABLES:
                script.append(create_table(table, resources[table]["schema"]["fields"]))
                script.append(f"\\copy {table} FROM '{export}/{table}.csv' WITH (FORMAT csv, HEADER true)")
            script.append(f"COPY (\n{query.rstrip().rstrip(';')}\n) TO STDOUT WITH (FORMAT csv, HEADER true);")
            # psql runs under our own account: it reads the export, which the server need not.
            out = subprocess.run(
                ["psql", "-q", "-h", folder, "-U", "gtmi", "-d", "postgres", "-f", "-"],
                input="\n".join(script),
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        finally:
            run(f"{programs}/pg_ctl", "-D", cluster, "-m", "immediate", "stop")
    return list(csv.DictReader(out.stdout.splitlines()))


def create_table(name, fields):
    types = {
        "string": "text",
        "integer": "bigint",
        "number": "double precision",
        "boolean": "boolean",
        "datetime": "timestamptz",
    }
    columns = ", ".join(f'"{field["name"]}" {types[field["type"]]}' for field in fields)
    return f"CREATE TABLE {name} ({columns});"


def key(row):
    return row["economy"], row["level"], row["id"]


# What the program tells beside the score; the query computes scores only.
EXPORTED_ONLY = {"value", "withheld"}


def differences(expected, found):
    """What differs, in words; `found` may hold texts as well as typed values."""
    if len(found) != len(expected):
        yield f"{len(found)} rows, expected {len(expected)}"
    by_key = {key(row): row for row in found}
    if len(by_key) != len(found):
        yield "rows with equal keys"
    for row in expected:
        other = by_key.get(key(row))
        if other is None:
            yield f"{key(row)} is missing"
            continue
        for column, value in row.items():
            if column in EXPORTED_ONLY:
                continue
            got = other[column]
            got = None if got in (None, "") else got
            want = value or None
            if column in NUMBERS and got is not None and want is not None:
                want, got = float(want), float(got)
                equal = abs(got - want) <= TOLERANCE * max(1.0, abs(want))
            elif column in COUNTS and got is not None:
                equal = int(got) == int(want)
            else:
                equal = got == want
            if not equal:
                yield f"{key(row)} {column}: {got!r}, expected {want!r}"


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    engine, export, query = sys.argv[1:]
    with open(query, encoding="utf-8") as file:
        text = file.read()
    with open(f"{export}/scores.csv", encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    run = {"duckdb": duckdb_rows, "postgres": postgres_rows, "spark": spark_rows}[engine]
    found = run(os.path.abspath(export), text)
    wrong = list(differences(expected, found))
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    if wrong or not expected:
        raise SystemExit(f"{engine}: {len(wrong)} differences in {len(expected)} rows")
    worst = max(
        abs(float(a["score"]) - float(b["score"]))
        for a, b in zip(sorted(expected, key=key), sorted(found, key=key))
        if a["score"]
    )
    print(f"{engine}: {len(expected)} rows agree; largest difference of a score {worst:.1e}")


if __name__ == "__main__":
    main()
