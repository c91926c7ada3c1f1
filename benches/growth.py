#!/usr/bin/env python3
"""How processor time and memory grow with the number of questionnaires: 198, and many more made up ones.

    benches/growth.py [--economies 198,1980,19800] [--gtmi target/release/gtmi]

Every made-up economy has the answers of a real one. The run includes reports; feedback is off, as in `run.py`. Prints
seconds and seconds for each thousand questionnaires, and the highest memory of the process and of its workers.
"""

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

from run import ENVIRONMENT, ROOT, configuration, cost, run

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


def make(folder, economies, gtmi):
    """The tables of so many economies, their questionnaires, and a configuration."""
    folder.mkdir(parents=True)
    head, known = read(ROOT / "data/economies.csv")
    codes, name = [head.index(title) for title in ("code", "iso3", "iso2")], head.index("name")
    other = [head.index(title) for title in ("other_codes", "other_names")]
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
    command = [gtmi, "--config", str(config), "demo", "--out", str(folder / "inbox"), "--quiet"]
    return config, cost(command, cwd=folder, env=ENVIRONMENT)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--economies", default="198,1980,19800")
    options.add_argument("--gtmi", default=str(ROOT / "target/release/gtmi"))
    options = options.parse_args()
    gtmi = str(Path(options.gtmi).resolve())
    folder = Path(tempfile.mkdtemp(prefix="gtmi-growth-"))
    print(f"{'questionnaires':>14} {'making them':>12} {'whole run':>10} {'a thousand':>10} {'process':>9} {'worker':>9}")
    try:
        for number in (int(text) for text in options.economies.split(",")):
            place = folder / str(number)
            config, (making, _, _) = make(place, number, gtmi)
            seconds, parent, child = run(gtmi, config, place / "out")
            made = len(list((place / "out/reports").glob("*.xlsx")))
            if made != number:
                sys.exit(f"{made} reports instead of {number}")
            each = seconds / number * 1000
            print(f"{number:14} {making:10.2f} s {seconds:8.2f} s {each:8.2f} s {parent:5.0f} MiB {child:5.0f} MiB")
            shutil.rmtree(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
