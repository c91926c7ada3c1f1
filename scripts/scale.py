#!/usr/bin/env python3
"""Scores a large synthetic population with the query of `gtmi sql` on DuckDB, and checks a sample.

    scale.py [--entities 1000000] [--sample 1000] [--levels index,subindex] [--memory 4GB] [--threads 2]
             [--framework frameworks/gtmi-2022] [--gtmi target/release/gtmi] [--keep DIR]

Makes answers for that many entities as Parquet: for every scored question one of its choices (for some, several),
three in a hundred left open, and values of the external indices, one in fifty missing. Then runs the query in a
process of its own and prints its time and peak memory. At last a random sample goes through the normal pipeline
as a wide table: workbook, ingest, validate, score, export; its scores must equal those of the query to 1e-12.
"""

import argparse
import csv
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

import duckdb

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOLERANCE = 1e-12
# The wide table tells rows of economies from footnotes by their codes, which have letters only.
LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
# Without values that would override the configuration of the sample's own pipeline.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GTMI_")}


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instrument(folder):
    """The scored questions with the codes of their choices, the ids of the external indices, and the wave."""
    with open(f"{folder}/framework.toml", "rb") as file:
        framework = tomllib.load(file)
    codes = {}
    for choice in read(f"{folder}/choices.csv"):
        codes.setdefault(choice["list_name"], []).append(choice["name"])
    questions = []
    for row in read(f"{folder}/survey.csv"):
        kind, _, name = row["type"].partition(" ")
        if row["scoring"] and kind in ("select_one", "select_multiple"):
            questions.append((row["name"], kind, codes[name]))
    indices = [(index["id"], *index["range"]) for index in framework["external_index"]]
    return questions, indices, framework["wave"]


def synthesise(connection, out, entities, questions, indices, wave):
    """Writes the three tables that the query reads. Every number follows from the number of the entity and of the
    question alone, so that a run can be repeated."""
    rows = [(at, name, kind, codes, len(codes)) for at, (name, kind, codes) in enumerate(questions)]
    connection.execute(
        "CREATE TABLE asked (place BIGINT, question TEXT, kind TEXT, codes TEXT[], choices BIGINT)"
    )
    connection.executemany("INSERT INTO asked VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("CREATE TABLE indices (place BIGINT, index TEXT, low DOUBLE, high DOUBLE)")
    connection.executemany(
        "INSERT INTO indices VALUES (?, ?, ?, ?)", [(at, *index) for at, index in enumerate(indices)]
    )
    code = "'M' || lpad(e::TEXT, 8, '0')"
    copy = lambda name, query: connection.execute(
        f"COPY ({query}) TO '{out}/{name}.parquet' (FORMAT parquet, COMPRESSION snappy)"
    )
    copy(
        "economies",
        f"SELECT {wave} AS wave, {code} AS economy, TRUE AS scored, 'survey' AS collected"
        f" FROM range({entities}) AS r(e)",
    )
    # A choice by a hash of entity and question; of several choices, those whose bit is set, at least one.
    copy(
        "answers",
        f"""
        SELECT {wave} AS wave, {code} AS economy, question,
            CASE kind
                WHEN 'select_one' THEN codes[1 + (h % choices)::BIGINT]
                ELSE array_to_string(list_filter(codes,
                    lambda c, i: (h >> (i + 8)::INT) & 1 = 1 OR i = 1 + (h % choices)::BIGINT), ' ')
            END AS code,
            CAST(NULL AS DOUBLE) AS value
        FROM (
            SELECT e, question, kind, codes, choices, hash(e * 1000 + place) AS h
            FROM range({entities}) AS r(e), asked
        )
        WHERE (h >> 40) % 100 >= 3
        """,
    )
    copy(
        "external",
        f"""
        SELECT {wave} AS wave, {code} AS economy, index, low + (high - low) * ((h % 10000)::DOUBLE / 1e4) AS value
        FROM (SELECT e, index, low, high, hash(-1 - e * 1000 - place) AS h FROM range({entities}) AS r(e), indices)
        WHERE (h >> 40) % 50 > 0
        """,
    )


def measured_query(folder, query, memory, threads):
    """Runs the query in this process and prints seconds and peak memory (for the parent, in bytes)."""
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{memory}'; SET threads = {threads}")
    connection.execute(f"SET temp_directory = '{folder}/spill'; SET preserve_insertion_order = false")
    with open(query, encoding="utf-8") as file:
        text = file.read()
    began = time.perf_counter()
    connection.execute(f"COPY (\n{text}\n) TO '{folder}/scores.parquet' (FORMAT parquet)")
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def check_sample(connection, gtmi, framework, folder, sample, questions, indices, wave):
    """Feeds some entities as a wide table through the pipeline and compares; returns rows and worst difference."""
    desk = f"{folder}/desk"
    os.makedirs(f"{desk}/inbox")
    connection.execute("CREATE TABLE sample (economy TEXT)")
    connection.executemany("INSERT INTO sample VALUES (?)", [(economy,) for economy in sample])
    answers = {economy: {} for economy in sample}
    found = f"SELECT economy, question, code FROM '{folder}/answers.parquet' SEMI JOIN sample USING (economy)"
    for economy, question, code in connection.execute(found).fetchall():
        answers[economy][question] = code.replace(" ", ", ")
    with open(f"{desk}/answers.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["economy", "collected", *(name for name, _, _ in questions)])
        for economy in sample:
            given = answers[economy]
            writer.writerow([economy.translate(LETTERS), "survey", *(given.get(name, "-") for name, _, _ in questions)])
    with open(f"{desk}/economies.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, read_heading(f"{ROOT}/data/economies.csv"), restval="")
        writer.writeheader()
        for economy in sample:
            code = economy.translate(LETTERS)
            writer.writerow({"code": code, "iso3": code, "iso2": code, "name": f"Municipality {economy}"})
    with open(f"{desk}/external.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "edition", "economy", "value"])
        values = f"SELECT index, economy, value FROM '{folder}/external.parquet' SEMI JOIN sample USING (economy)"
        for index, economy, value in connection.execute(values).fetchall():
            writer.writerow([index, wave, economy.translate(LETTERS), repr(value)])
    # Synthetic answers have gaps; with them an economy's questionnaire would be returned and not scored.
    shutil.copytree(framework, f"{desk}/framework")
    with open(f"{desk}/framework/framework.toml", encoding="utf-8") as file:
        text = file.read()
    with open(f"{desk}/framework/framework.toml", "w", encoding="utf-8") as file:
        file.write(re.sub(r'^required = "error"', 'required = "warning"', text, flags=re.MULTILINE))
    with open(f"{desk}/pipeline.toml", "w", encoding="utf-8") as file:
        file.write(
            f'[run]\nwave = {wave}\n[framework]\npath = "framework"\n'
            '[data]\neconomies = "economies.csv"\nexternal_indices = "external.csv"\n'
            'coded_answers = "answers.csv"\n'
            '[[source]]\nname = "sample"\nkind = "directory"\npath = "inbox"\ninclude = ["*.xlsx"]\n'
            '[store]\npath = "gtmi.db"\n[output]\ndir = "out"\nlanguage = "en"\n'
        )
    for command in (
        ["demo", "--out", "inbox", "--dataset"],
        ["ingest"],
        ["validate"],
        ["score"],
        ["export", "--out", "export", "--format", "csv"],
    ):
        ran = subprocess.run(
            [gtmi, *command, "--quiet"], cwd=desk, env=ENVIRONMENT, capture_output=True, text=True
        )
        if ran.returncode not in (0, 1):
            raise SystemExit(f"gtmi {' '.join(command)}: {ran.stderr}")
    expected = {(row["economy"], row["level"], row["id"]): row for row in read(f"{desk}/export/scores.csv")}
    rows, worst, economies = 0, 0.0, set()
    query = (
        'SELECT economy, level, id, points, max_points, score, "group", answered, asked'
        f" FROM '{folder}/scores.parquet' SEMI JOIN sample USING (economy)"
    )
    for economy, level, id, *numbers, group, answered, asked in connection.execute(query).fetchall():
        row = expected.get((economy.translate(LETTERS), level, id))
        if row is None:
            raise SystemExit(f"{economy} was not scored by the pipeline")
        for name, number in zip(("points", "max_points", "score"), numbers):
            if (number is None) != (row[name] == ""):
                raise SystemExit(f"{economy} {id} {name}: {number}, the pipeline says {row[name]!r}")
            if number is not None:
                difference = abs(number - float(row[name]))
                if difference > TOLERANCE * max(1.0, abs(number)):
                    raise SystemExit(f"{economy} {id} {name}: {number}, the pipeline says {row[name]}")
                worst = max(worst, difference) if name == "score" else worst
        if (group or "", answered, asked) != (row["group"], int(row["answered"]), int(row["asked"])):
            raise SystemExit(f"{economy} {id}: {group}, {answered} of {asked}; the pipeline says {row}")
        rows += 1
        economies.add(economy)
    if len(economies) != len(sample):
        raise SystemExit(f"{len(economies)} of {len(sample)} entities of the sample were compared")
    return rows, worst


def read_heading(path):
    with open(path, encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def gibibytes(count):
    return f"{count / 2**30:.2f} GiB"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--entities", type=int, default=1_000_000)
    arguments.add_argument("--sample", type=int, default=1_000)
    arguments.add_argument("--levels", default="index,subindex")
    arguments.add_argument("--memory", default="4GB")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--framework", default=f"{ROOT}/frameworks/gtmi-2022")
    arguments.add_argument("--gtmi", default=f"{ROOT}/target/release/gtmi")
    arguments.add_argument("--keep", help="work in this folder and keep it; data that are there are used again")
    arguments.add_argument("--run-query", nargs=2, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.run_query:
        measured_query(*options.run_query, options.memory, options.threads)
        return
    options.gtmi = os.path.abspath(options.gtmi)
    with tempfile.TemporaryDirectory(prefix="gtmi-scale-") as temporary:
        folder = os.path.abspath(options.keep or temporary)
        os.makedirs(folder, exist_ok=True)
        run(options, folder)


def run(options, folder):
    questions, indices, wave = instrument(options.framework)
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{options.memory}'; SET threads = {options.threads}")
    connection.execute(f"SET temp_directory = '{folder}/spill'")
    began = time.perf_counter()
    if not os.path.exists(f"{folder}/external.parquet"):
        synthesise(connection, folder, options.entities, questions, indices, wave)
    answers = connection.execute(f"SELECT COUNT(*) FROM '{folder}/answers.parquet'").fetchone()[0]
    size = sum(os.path.getsize(f"{folder}/{name}.parquet") for name in ("economies", "answers", "external"))
    print(
        f"made   {options.entities:,} entities, {answers:,} answers, {gibibytes(size)} of Parquet"
        f" in {time.perf_counter() - began:.1f} s"
    )

    command = [options.gtmi, "sql", "--dialect", "duckdb", "--tables", folder, "--levels", options.levels]
    query = subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    path = f"{folder}/query.sql"
    with open(path, "w", encoding="utf-8") as file:
        file.write(query)
    child = [sys.executable, __file__, "--run-query", folder, path]
    child += ["--memory", options.memory, "--threads", str(options.threads)]
    out = subprocess.run(child, check=True, capture_output=True, text=True).stdout.split()
    seconds, processor, peak = (float(number) for number in out)
    scores = connection.execute(f"SELECT COUNT(*) FROM '{folder}/scores.parquet'").fetchone()[0]
    print(
        f"scored {options.entities:,} entities, {scores:,} rows ({options.levels}) in {seconds:.1f} s"
        f" ({processor:.1f} s of processor time on {options.threads} threads), peak memory {gibibytes(peak)}"
    )

    sample = random.Random(2022).sample(range(options.entities), min(options.sample, options.entities))
    codes = [f"M{number:08d}" for number in sorted(sample)]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder, prefix="sample-") as desk:
        for name in ("answers", "external", "scores"):
            os.symlink(f"{folder}/{name}.parquet", f"{desk}/{name}.parquet")
        arguments = (options.gtmi, options.framework, desk, codes, questions, indices, wave)
        rows, worst = check_sample(connection, *arguments)
    print(
        f"same   {len(codes):,} entities through the pipeline in {time.perf_counter() - began:.1f} s:"
        f" {rows:,} rows agree, largest difference of a score {worst:.1e}"
    )


if __name__ == "__main__":
    main()
