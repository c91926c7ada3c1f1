#!/usr/bin/env python3
"""How processor time and memory grow with the number of questionnaires: 198, and many more made up ones.

    benches/growth.py [--economies 198,1980,19800] [--stages] [--gtmi target/release/gtmi] [--in /tmp]

Every made-up economy has the answers of a real one. The runs include reports; feedback is off, as in `run.py`. For each
number: the questionnaires are written (`gtmi demo`), run, run again without a change, exported as tables, and one economy
and all are asked about. Prints processor seconds, and for each thousand questionnaires, and the highest memory of the process
and of its workers. With `--stages` the stages
run one by one, each in a process of its own, before the run that has only to record them.

19,800 questionnaires take 2 GB, and the store keeps them once more, beside their reports: `--in` says where there is room.
"""

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

from run import ENVIRONMENT, ROOT, configuration, cost

LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def write(path, head, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def code(number):
    """A code that no real economy has: Q, X and three to five letters."""
    return "QX" + f"{number:05}".translate(LETTERS)


def make(folder, economies):
    """The tables of so many economies, and a configuration."""
    folder.mkdir(parents=True)
    head, known = read(ROOT / "data/economies.csv")
    codes, name = [head.index(title) for title in ("code", "iso3", "iso2")], head.index("name")
    other = [head.index(title) for title in ("other_codes", "other_names")]
    other += [at for at, title in enumerate(head) if title.startswith("name::")]
    answers_head, answers = read(ROOT / "data/answers-2022.csv")
    external_head, external = read(ROOT / "data/external-indices.csv")
    column = external_head.index("economy")
    by_economy = {}
    for row in external:
        by_economy.setdefault(row[column], []).append(row)
    originals = {row[codes[0]]: row for row in known}
    new_economies, new_answers, new_external = [], [], []
    for number in range(economies):
        source = answers[number % len(answers)]
        original = originals[source[0]]
        row = list(original)
        for at in (*codes, *other):
            row[at] = ""
        row[codes[0]], row[name] = code(number), f"{original[name]} {number}"
        new_economies.append(row)
        new_answers.append([code(number), *source[1:]])
        for value in by_economy.get(source[0], []):
            new_external.append([code(number) if at == column else cell for at, cell in enumerate(value)])
    write(folder / "economies.csv", head, new_economies)
    write(folder / "answers.csv", answers_head, new_answers)
    write(folder / "external.csv", external_head, new_external)
    config = configuration(folder, folder / "inbox", False)
    text = config.read_text()
    for table, ours in (("economies", "economies"), ("answers-2022", "answers"), ("external-indices", "external")):
        text = text.replace(f'"{ROOT}/data/{table}.csv"', f'"{folder}/{ours}.csv"')
    # What was published is of real economies.
    text = "\n".join(line for line in text.splitlines() if not line.startswith("published_")) + "\n"
    (folder / "inbox").mkdir()
    config.write_text(text)
    return config


def told(number, what, costs):
    """A line of the table."""
    seconds, process, worker = costs
    each = seconds / number * 1000
    memory = f"{process:5.0f} MiB" + (f" {worker:5.0f} MiB" if worker else "")
    print(f"{number:14} {what:<12} {seconds:8.2f} s {each:8.2f} s {memory}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--economies", default="198,1980,19800")
    options.add_argument("--stages", action="store_true", help="each stage in a process of its own")
    options.add_argument("--gtmi", default=str(ROOT / "target/release/gtmi"))
    options.add_argument("--in", dest="folder", help="where there is room")
    options = options.parse_args()
    gtmi = str(Path(options.gtmi).resolve())
    folder = Path(tempfile.mkdtemp(prefix="gtmi-growth-", dir=options.folder))
    print(f"{'questionnaires':>14} {'command':<12} {'processor':>10} {'a thousand':>10} {'process':>9} {'worker':>9}")
    try:
        for number in (int(text) for text in options.economies.split(",")):
            place = folder / str(number)
            config, out = make(place, number), place / "out"
            environment = ENVIRONMENT | {"GTMI_OUTPUT__DIR": str(out), "GTMI_STORE__PATH": str(out / "gtmi.db")}

            def gtmi_does(what, *arguments):
                command = [gtmi, "--config", str(config), *arguments, "--quiet"]
                told(number, what, cost(command, cwd=place, env=environment))

            gtmi_does("demo", "demo", "--out", str(place / "inbox"))
            for stage in ("ingest", "validate", "score", "report") if options.stages else ():
                gtmi_does(stage, stage)
            gtmi_does("run", "run")
            gtmi_does("second run", "run")
            gtmi_does("export", "export", "--out", str(place / "export"))
            for command in ("status", f"explain {code(0)}", f"compare {code(0)}", f"raise {code(0)}"):
                gtmi_does(command.split()[0], *command.split())
            made = len(list((out / "reports").glob("*.xlsx")))
            if made != number:
                sys.exit(f"{made} reports instead of {number}")
            shutil.rmtree(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
