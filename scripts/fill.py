#!/usr/bin/env python3
"""Fills in a questionnaire as a focal point does: opens it in LibreOffice, types into its cells, saves it.

Cells are found as a person finds them, by question number and column: nothing is known here of positions.
Answers come from a table of coded answers (--answers, --economy) and from --set; choices are entered by their labels
in the language of the questionnaire. Needs python3-uno and LibreOffice Calc.
"""

import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workbook", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the file to save; .xlsx or .ods")
    parser.add_argument("--framework", type=pathlib.Path, required=True, help="the framework's folder")
    parser.add_argument("--answers", type=pathlib.Path, help="a table of coded answers")
    parser.add_argument("--economy", help="the economy whose answers are entered")
    parser.add_argument("--set", action="append", default=[], metavar="ID=TEXT", help="an answer as it is typed")
    parser.add_argument("--choose", action="append", default=[], metavar="ID=CODE", help="an answer taken from the list")
    parser.add_argument("--evidence", action="append", default=[], metavar="ID=TEXT")
    parser.add_argument("--contest", action="append", default=[], metavar="RULE:ID=TEXT", help="an objection")
    parser.add_argument("--decide", action="append", default=[], metavar="ID|DECISION|ANSWER|EVIDENCE|REASON|REVIEWER",
                        help="a row of the sheet of decisions of an English report")
    return parser.parse_args()


def pairs(texts):
    return dict(text.split("=", 1) for text in texts)


class Labels:
    """The labels of choices, by question and code."""

    def __init__(self, folder):
        self.lists = {}
        with open(folder / "survey.csv", encoding="utf-8-sig", newline="") as table:
            for row in csv.DictReader(table):
                words = row["type"].split()
                if words and words[0] == "select_one":
                    self.lists[row["name"]] = words[1]
        with open(folder / "choices.csv", encoding="utf-8-sig", newline="") as table:
            self.choices = list(csv.DictReader(table))

    def label(self, question, code, language):
        if question not in self.lists:
            return code
        for row in self.choices:
            if row["list_name"] == self.lists[question] and row["name"] == code:
                column = next((name for name in row if name.endswith(f"({language})")), "label")
                return row[column]
        return code


def connect(profile):
    """Starts LibreOffice with a profile of its own; gives the process and its desktop."""
    pipe = f"fill-{os.getpid()}"
    process = subprocess.Popen(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nologo",
         f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    # The machine may be busy; a start takes a second or two where it is not.
    for _ in range(1200):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return process, context.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", context)
        except NoConnectException:
            if process.poll() not in (None, 0, 81):
                sys.exit(f"soffice ended with {process.returncode}")
            time.sleep(0.1)
    process.kill()
    sys.exit("soffice does not answer")


def used(sheet):
    """The texts of a sheet, row by row."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.getRangeAddress()
    area = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    return [[value.strip() if isinstance(value, str) else value for value in row] for row in area.getDataArray()]


DECIDED = ("Decision", "New answer", "Evidence found", "Reason for the decision", "Reviewer")


def columns(rows, *names):
    """The row of keys that holds all these names, and their columns."""
    for number, row in enumerate(rows):
        if all(name in row for name in names):
            return number, [row.index(name) for name in names]
    return None


def enter(sheet, row, column, text):
    cell = sheet.getCellByPosition(column, row)
    if cell.CellProtection.IsLocked and sheet.isProtected():
        sys.exit(f"{sheet.Name}: row {row + 1}, column {column + 1} is locked")
    if cell.NumberFormat == 0 and text.replace(".", "", 1).isdigit():
        cell.setValue(float(text))
    else:
        cell.setString(text)


def main():
    options = arguments()
    answers = {}
    labels = Labels(options.framework)
    collected = None
    if options.answers:
        with open(options.answers, encoding="utf-8-sig", newline="") as table:
            row = next((row for row in csv.DictReader(table) if row["economy"] == options.economy), None)
        if row is None:
            sys.exit(f"{options.answers} has no row for {options.economy}")
        collected = row.get("collected")
        answers = {name: text for name, text in row.items() if text not in ("", "-", None)}
    typed, chosen, evidence = pairs(options.set), pairs(options.choose), pairs(options.evidence)
    contests = pairs(options.contest)
    decided = {text.split("|")[0]: text.split("|")[1:] for text in options.decide}
    waiting = set(typed) | set(chosen) | set(evidence) | set(contests) | set(decided)

    with tempfile.TemporaryDirectory() as profile:
        process, desktop = connect(profile)
        hidden = PropertyValue("Hidden", 0, True, 0)
        book = desktop.loadComponentFromURL(options.workbook.resolve().as_uri(), "_blank", 0, (hidden,))
        rows = {sheet.Name: used(sheet) for sheet in book.Sheets}
        language = "en"
        for sheet in book.Sheets:
            for number, row in enumerate(rows[sheet.Name]):
                for column, value in enumerate(row):
                    if value == "language" and column + 1 < len(row):
                        language = row[column + 1]
                    elif value == "collected" and collected:
                        enter(sheet, number, column + 1, collected)
        for sheet in book.Sheets:
            found = columns(rows[sheet.Name], "id", "answer", "evidence")
            if found:
                start, (id_column, answer_column, evidence_column) = found
                for number, row in enumerate(rows[sheet.Name]):
                    question = row[id_column]
                    if number <= start or not isinstance(question, str) or not question:
                        continue
                    if question in typed:
                        enter(sheet, number, answer_column, typed[question])
                    elif question in chosen or question in answers:
                        code = chosen.get(question, answers.get(question))
                        enter(sheet, number, answer_column, labels.label(question, code, language))
                    if question in evidence:
                        enter(sheet, number, evidence_column, evidence[question])
                    waiting.discard(question)
            found = columns(rows[sheet.Name], "finding-rule", "finding-question", "finding-contest")
            if found:
                start, (rule_column, question_column, contest_column) = found
                for number, row in enumerate(rows[sheet.Name]):
                    name = f"{row[rule_column]}:{row[question_column]}"
                    if number > start and name in contests:
                        enter(sheet, number, contest_column, contests[name])
                        waiting.discard(name)
            found = columns(rows[sheet.Name], "Question no.", *DECIDED)
            if found:
                start, (id_column, *entered) = found
                for number, row in enumerate(rows[sheet.Name]):
                    if number > start and row[id_column] in decided:
                        for column, text in zip(entered, decided[row[id_column]], strict=True):
                            if text:
                                enter(sheet, number, column, text)
                        waiting.discard(row[id_column])
        if waiting:
            sys.exit(f"not found in {options.workbook}: {', '.join(sorted(waiting))}")
        kind = "calc8" if options.out.suffix == ".ods" else "Calc MS Excel 2007 XML"
        options.out.parent.mkdir(parents=True, exist_ok=True)
        book.storeToURL(options.out.resolve().as_uri(), (PropertyValue("FilterName", 0, kind, 0),))
        book.close(True)
        try:
            desktop.terminate()
        except Exception:  # The connection ends with the program.
            pass
        process.wait(60)


if __name__ == "__main__":
    main()
