# The recipes of the project; `just` lists them.

default:
    @just --list

# The whole pipeline on the bundled wave
run *arguments:
    cargo run --release -- run {{arguments}}

# All tests
test:
    cargo test --workspace

# Processor time of a whole run beside its floor and Python programs; fails if it is 15 % worse than recorded
bench *arguments:
    cargo build --release -p gtmi -p floor
    test -x target/bench-python/bin/python3 || python3 -m venv target/bench-python
    target/bench-python/bin/pip install --quiet --disable-pip-version-check -r benches/requirements.txt
    target/bench-python/bin/python3 benches/run.py {{arguments}}

# Processor time and memory for 198, 1,980 and 19,800 questionnaires
growth *arguments:
    cargo build --release -p gtmi
    python3 benches/growth.py {{arguments}}

# Inputs that break what the readers promise, looked for on all processors: 600 seconds unless told otherwise
fuzz seconds="600" *targets:
    scripts/fuzz.sh {{seconds}} {{targets}}

# Everything that must hold before a change is shared
check:
    .ci/run

# Formatting, as the check wants it
format:
    cargo fmt --all

# examples/ made again from data/
examples:
    scripts/examples.sh

# The pictures of the documentation, with LibreOffice
pictures: run
    scripts/pictures.sh

# Known faults of the dependencies; asks the network
advisories:
    cargo deny check advisories
