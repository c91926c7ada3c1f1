"""What both peers do between reading and writing: levels, scores and 10,000 replications, with numpy.

The peers are given more than the pipeline is: they trust every file, keep nothing, check nothing and explain
nothing, and the cells of the reports are handed to them ready made (`cells.pickle`). They print the processor seconds
that they took, without those for taking over the cells.
"""

import csv
import gc
import pickle
import sys
import time
from pathlib import Path

import numpy

REPLICATIONS = 10_000


def framework(folder):
    """The levels of the choices: by list, by label; and the list and the indicator of each question."""
    with open(Path(folder) / "choices.csv", encoding="utf-8", newline="") as file:
        levels = {}
        for row in csv.DictReader(file):
            label = row.get("label") or row.get("label::English (en)") or next(
                value for name, value in row.items() if name.startswith("label")
            )
            levels.setdefault(row["list_name"], {})[label.strip().lower()] = float(row.get("level") or 0)
    with open(Path(folder) / "survey.csv", encoding="utf-8", newline="") as file:
        questions = {}
        for row in csv.DictReader(file):
            kind = row["type"].split()
            if kind[0] == "select_one":
                questions[row["name"]] = (kind[1], row["name"].split(".")[0])
    return levels, questions


def score(answers, levels, questions):
    """The mean over indicators and its 95 % interval under random weights."""
    by_indicator = {}
    for question, (choices, indicator) in questions.items():
        level = levels[choices].get(str(answers.get(question, "")).strip().lower())
        if level is not None:
            top = max(levels[choices].values()) or 1.0
            by_indicator.setdefault(indicator, []).append(level / top)
    values = numpy.array([numpy.mean(some) for some in by_indicator.values()])
    generator = numpy.random.default_rng(2022)
    weights = generator.random((REPLICATIONS, len(values)))
    replicated = (weights @ values) / weights.sum(axis=1)
    return float(values.mean()), numpy.quantile(replicated, [0.025, 0.975])


def run(read, write):
    """`peer.py FRAMEWORK QUESTIONNAIRES CELLS OUT`"""
    _, folder, questionnaires, cells, out = sys.argv
    levels, questions = framework(folder)
    begun = time.process_time()
    with open(cells, "rb") as file:
        reports = pickle.load(file)
    # Nor is their own garbage looked for among what was handed to them.
    gc.collect()
    gc.freeze()
    handed = time.process_time() - begun
    Path(out).mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(questionnaires).glob("*.xlsx")):
        if path.stem not in reports:
            continue
        score(read(path), levels, questions)
        write(Path(out) / path.name, reports[path.stem])
    print(time.process_time() - handed)
