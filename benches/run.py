"""Processor time of the whole run beside Python programs that do the same, as ratios: `just bench`.

    benches/run.py [--runs 5] [--peers 1] [--record] [--gtmi target/release/gtmi]

All programs work on the same 198 questionnaires, taking turns, so that a busy machine slows all of them alike.
Fails if a ratio is more than 15 % worse than the one in `benches/recorded.json`.
"""

import argparse
import json
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = {"calamine + XlsxWriter": "calamine_xlsxwriter.py", "pandas + openpyxl + XlsxWriter": "pandas_openpyxl.py"}
TOLERANCE = 1.15


def cost(command, **options):
    """Processor seconds of a program and its children, and the most memory of any of them in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def prepare(reports, path):
    """The cells of the reports, as the peers are handed them."""
    from python_calamine import CalamineWorkbook

    cells = {}
    for report in sorted(reports.glob("*.xlsx")):
        book = CalamineWorkbook.from_path(str(report))
        cells[report.stem] = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    with open(path, "wb") as file:
        pickle.dump(cells, file)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--peers", type=int, default=1, help="how often the slow peers run")
    options.add_argument("--record", action="store_true")
    options.add_argument("--gtmi", default=str(ROOT / "target/release/gtmi"))
    options = options.parse_args()
    gtmi = str(Path(options.gtmi).resolve())
    folder = Path(tempfile.mkdtemp(prefix="gtmi-bench-"))
    try:
        rows = measure(options, gtmi, folder)
    finally:
        shutil.rmtree(folder)
    for name, (seconds, memory) in rows.items():
        print(f"{name:34} {seconds:8.2f} s {memory:7.0f} MiB")
    first = rows["first run"][0]
    ratios = {name: rows[name][0] / first for name in PEERS}
    ratios |= {name: rows[name][0] / first for name in ("second run", "one changed", "with feedback", "questionnaires")}
    recorded_at = ROOT / "benches/recorded.json"
    recorded = json.loads(recorded_at.read_text()) if recorded_at.exists() else {}
    worse = []
    print()
    for name, ratio in ratios.items():
        known = recorded.get(name)
        print(f"{name:34} {ratio:8.3f} of the first run" + (f", recorded {known:.3f}" if known else ""))
        if known:
            # For peers less is worse: the pipeline came closer to them.
            change = known / ratio if name in PEERS else ratio / known
            if change > TOLERANCE:
                worse.append(name)
    if options.record:
        recorded_at.write_text(json.dumps(ratios, indent=2) + "\n")
    elif worse:
        sys.exit(f"more than 15 % worse than recorded: {', '.join(worse)}")


def measure(options, gtmi, folder):
    inbox = folder / "inbox"
    made = [cost([gtmi, "demo", "--out", str(inbox), "--quiet"], cwd=ROOT) for _ in range(options.runs)]
    # The same answers in another language: a changed workbook that is accepted like the first.
    french = folder / "french"
    cost([gtmi, "demo", "--economy", "KEN", "--language", "fr", "--out", str(french), "--quiet"], cwd=ROOT)
    english = (inbox / "KEN.xlsx").read_bytes()
    config = (ROOT / "pipeline.toml").read_text()
    for relative in ("frameworks/", "data/"):
        config = config.replace(f'"{relative}', f'"{ROOT}/{relative}')
    config = config.replace('"examples/wave-2022"', f'"{inbox}"')
    without = folder / "pipeline.toml"
    without.write_text(config.replace("feedback = true", "feedback = false"))
    full = folder / "feedback.toml"
    full.write_text(config)

    def run(file, out):
        return cost([gtmi, "--config", str(file), "run", "--quiet"], cwd=folder, env=os.environ | {
            "GTMI_OUTPUT__DIR": str(out), "GTMI_STORE__PATH": str(out / "gtmi.db")})

    samples = {name: [] for name in ("first run", "second run", "one changed", "with feedback", *PEERS)}
    samples["questionnaires"] = made
    for turn in range(options.runs):
        out = folder / f"out{turn}"
        samples["first run"].append(run(without, out))
        samples["second run"].append(run(without, out))
        shutil.copy(french / "KEN.xlsx", inbox / "KEN.xlsx")
        samples["one changed"].append(run(without, out))
        (inbox / "KEN.xlsx").write_bytes(english)
        samples["with feedback"].append(run(full, folder / f"full{turn}"))
        if turn < options.peers:
            cells = folder / "cells.pickle"
            prepare(out / "reports", cells)
            for name, script in PEERS.items():
                samples[name].append(cost(
                    [sys.executable, str(ROOT / "benches/peers" / script), str(ROOT / "frameworks/gtmi-2022"),
                     str(inbox), str(cells), str(folder / "peer")]))
    return {name: (statistics.median(s for s, _ in some), max(m for _, m in some)) for name, some in samples.items()}


if __name__ == "__main__":
    main()
