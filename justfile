# The recipes of the project; `just` lists them.

default:
    @just --list

# The whole pipeline on the bundled wave
run *arguments:
    cargo run --release -- run {{arguments}}

# All tests
test:
    cargo test --workspace

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
