#!/usr/bin/env python3
"""Processor time of a whole run, as ratios to programs that do the same reading and writing: `just bench`.

    benches/run.py [--runs 5] [--peers 1] [--record] [--in FOLDER]
                   [--gtmi target/release/gtmi] [--floor target/release/floor]

The floor makes the same library calls and nothing else (`benches/floor`); the peers are Python programs
(`benches/peers`). All work on the same 198 questionnaires and write the same reports, in turns, so that a busy
machine slows all of them alike. Prints the medians and their ratios, and fails if a ratio is more than 15 % worse than
the one in `benches/recorded.json`; with `--record` that file gets the ratios of this machine instead.

Ratios depend on the machine, so the file has them by machine. On one that it does not have, the worst of the others count.

Everything lies in a file system in memory where there is one with room: what new files cost on a disk depends on what was
deleted there in the seconds before. `--in` says another place.
"""

import argparse
import json
import os
import pickle
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORDED = ROOT / "benches/recorded.json"
PEERS = {"calamine + XlsxWriter": "calamine_xlsxwriter.py", "pandas + openpyxl + XlsxWriter": "pandas_openpyxl.py"}
TOLERANCE = 1.15
# The ratios, their goals, and whether more is better.
GOALS = {
    "whole run / floor": (1.3, False),
    "calamine + XlsxWriter / whole run": (5.0, True),
    "pandas + openpyxl + XlsxWriter / whole run": (10.0, True),
    "second run / whole run": (0.02, False),
    "one changed / whole run": (0.04, False),
}
# A file system in memory, and the bytes that all turns together need at most.
IN_MEMORY, ROOM = Path("/dev/shm"), 4 << 30
# Values from outside that would override the configuration of the runs.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GTMI_")}


class Memory(threading.Thread):
    """The highest resident memory of a process and of its children, in MiB, looked up while they run."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.parent, self.child, self.running = pid, 0.0, 0.0, True

    def run(self):
        while self.running:
            self.parent = max(self.parent, self.highest(self.pid))
            try:
                children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
                for task in Path(f"/proc/{self.pid}/task").iterdir():
                    children += (task / "children").read_text().split()
            except OSError:
                children = []
            for child in set(children):
                self.child = max(self.child, self.highest(child))
            time.sleep(0.01)

    @staticmethod
    def highest(pid):
        try:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        except OSError:
            pass
        return 0.0


def cost(command, output=subprocess.DEVNULL, **options):
    """Processor seconds of a program and its children, and the highest memory of it and of any child."""
    process = subprocess.Popen(command, stdout=output, **options)
    memory = Memory(process.pid)
    memory.start()
    _, status, used = os.wait4(process.pid, 0)
    memory.running = False
    memory.join()
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command} failed")
    return used.ru_utime + used.ru_stime, memory.parent, memory.child


def told(command):
    """The processor seconds that a peer says it took; its memory is mostly what it was handed."""
    with tempfile.TemporaryFile() as output:
        cost(command, output=output)
        output.seek(0)
        return float(output.read()), 0.0, 0.0


def prepare(reports, path):
    """The reports as the peers are handed them: rows of values, and every cell with the number of its format."""
    from openpyxl import load_workbook
    from python_calamine import CalamineWorkbook

    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    handed = {}
    for report in sorted(reports.glob("*.xlsx")):
        values = CalamineWorkbook.from_path(str(report))
        sheets, formats = [], {}
        for sheet in load_workbook(report):
            rows = values.get_sheet_by_name(sheet.title).to_python(skip_empty_area=False)
            cells = []
            for cell in (cell for line in sheet.iter_rows() for cell in line if cell.has_style):
                row, column = cell.row - 1, cell.column - 1
                value = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
                formula = cell.value if cell.data_type == "f" else None
                of_numbers = isinstance(value, (int, float))
                formats[cell.style_id] = formats.get(cell.style_id, False) or of_numbers
                cells.append((row, column, value, formula, cell.style_id))
            sheets.append({
                "name": sheet.title,
                "rows": rows,
                "cells": cells,
                "heights": [(row - 1, size.height) for row, size in sheet.row_dimensions.items() if size.height],
                "widths": [(size.min - 1, size.max - 1, size.width) for size in sheet.column_dimensions.values()],
                "joined": [(area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
                           for area in sheet.merged_cells.ranges],
            })
        handed[report.stem] = {"sheets": sheets, "formats": formats}
    with open(path, "wb") as file:
        pickle.dump(handed, file)


def configuration(folder, inbox, feedback):
    """A configuration for the questionnaires in a folder."""
    config = (ROOT / "pipeline.toml").read_text()
    for relative in ("frameworks/", "data/"):
        config = config.replace(f'"{relative}', f'"{ROOT}/{relative}')
    config = config.replace('"examples/wave-2022"', f'"{inbox}"')
    path = folder / f"pipeline-{'feedback' if feedback else 'plain'}.toml"
    path.write_text(config if feedback else config.replace("feedback = true", "feedback = false"))
    return path


def run(gtmi, config, out):
    environment = ENVIRONMENT | {"GTMI_OUTPUT__DIR": str(out), "GTMI_STORE__PATH": str(out / "gtmi.db")}
    return cost([gtmi, "--config", str(config), "run", "--quiet"], cwd=out.parent, env=environment)


def measure(options, folder):
    gtmi, inbox = options.gtmi, folder / "inbox"
    samples = {"questionnaires": [cost([gtmi, "demo", "--out", str(inbox), "--quiet"], cwd=ROOT, env=ENVIRONMENT)]}
    # The same answers in another language: a changed workbook that is accepted like the first.
    french = folder / "french"
    demo = [gtmi, "demo", "--economy", "KEN", "--language", "fr", "--out", str(french), "--quiet"]
    cost(demo, cwd=ROOT, env=ENVIRONMENT)
    english = (inbox / "KEN.xlsx").read_bytes()
    plain, feedback = configuration(folder, inbox, False), configuration(folder, inbox, True)

    def add(name, sample):
        samples.setdefault(name, []).append(sample)

    for turn in range(options.runs):
        out = folder / f"out{turn}"
        add("whole run", run(gtmi, plain, out))
        # The floor counts its own processor time: looking up what it is to write is no part of it.
        process = subprocess.Popen(
            [options.floor, str(inbox), str(out / "reports"), str(folder / "floor")], stdout=subprocess.PIPE
        )
        floor = json.loads(process.communicate()[0])
        add("floor, reading", (floor["reading"], 0.0, 0.0))
        add("floor, writing", (floor["writing"], 0.0, 0.0))
        add("floor", (floor["reading"] + floor["writing"], 0.0, 0.0))
        add("second run", run(gtmi, plain, out))
        shutil.copy(french / "KEN.xlsx", inbox / "KEN.xlsx")
        add("one changed", run(gtmi, plain, out))
        (inbox / "KEN.xlsx").write_bytes(english)
        add("whole run with feedback", run(gtmi, feedback, folder / f"full{turn}"))
        if turn < options.peers:
            cells = folder / "cells.pickle"
            prepare(out / "reports", cells)
            for name, script in PEERS.items():
                command = [sys.executable, str(ROOT / "benches/peers" / script), str(ROOT / "frameworks/gtmi-2022")]
                add(name, told([*command, str(inbox), str(cells), str(folder / "peer")]))
    return {name: tuple(statistics.median(values) for values in zip(*some)) for name, some in samples.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--peers", type=int, default=1, help="in how many of the turns the slow peers run")
    options.add_argument("--record", action="store_true")
    options.add_argument("--in", dest="place", default=in_memory(), help="the folder that everything lies in")
    options.add_argument("--gtmi", default=str(ROOT / "target/release/gtmi"))
    options.add_argument("--floor", default=str(ROOT / "target/release/floor"))
    options = options.parse_args()
    options.gtmi, options.floor = str(Path(options.gtmi).resolve()), str(Path(options.floor).resolve())
    folder = Path(tempfile.mkdtemp(prefix="gtmi-bench-", dir=options.place))
    print(f"in {folder.parent}")
    try:
        rows = measure(options, folder)
    finally:
        shutil.rmtree(folder)
    print(f"{'processor time, median':36} {'seconds':>8} {'process':>10} {'worker':>10}")
    for name, (seconds, parent, child) in rows.items():
        memory = [f"{size:6.0f} MiB" if size else "" for size in (parent, child)]
        print(f"{name:36} {seconds:8.2f} {memory[0]:>10} {memory[1]:>10}")
    compare(rows, options.record)


def in_memory():
    """The file system in memory, if there is one with room; else the usual place for temporary files is taken."""
    return IN_MEMORY if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM else None


def machine():
    """What the ratios of a machine are recorded under."""
    told = dict(re.findall(r"^(.+?)\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    name, family, model = (told.get(key, "unknown") for key in ("model name", "cpu family", "model"))
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{name}, family {family}, model {model}, {os.cpu_count()} cores, Python {python}"


def known_of(recorded, here, ratio, more_is_better):
    """What a ratio was on this machine; on one that is not known, the worst that it was on any."""
    if here in recorded:
        return recorded[here].get(ratio)
    of_others = [ratios[ratio] for ratios in recorded.values() if ratio in ratios]
    return (min if more_is_better else max)(of_others, default=None)


def compare(rows, record):
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    here, ratios, worse = machine(), {}, []
    print(f"\nmachine: {here}" + ("" if here in recorded else " (not recorded: compared with the worst of the others)"))
    print(f"{'ratio':46} {'found':>8} {'recorded':>9}  goal")
    for name, (goal, more_is_better) in GOALS.items():
        above, below = name.split(" / ")
        if above not in rows or below not in rows:
            continue
        ratio = ratios[name] = rows[above][0] / rows[below][0]
        known = known_of(recorded, here, name, more_is_better)
        before = "" if known is None else f"{known:.3f}"
        sign = "at least" if more_is_better else "at most"
        print(f"{name:46} {ratio:8.3f} {before:>9}  {sign} {goal}")
        if known and (known / ratio if more_is_better else ratio / known) > TOLERANCE:
            worse.append(name)
    if record:
        recorded[here] = {name: round(ratio, 4) for name, ratio in ratios.items()}
        RECORDED.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n")
    elif worse:
        sys.exit(f"more than 15 % worse than recorded: {', '.join(worse)}")


if __name__ == "__main__":
    main()
