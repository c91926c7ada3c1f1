#!/usr/bin/env bash
# Lets the fuzzer look for inputs that break what `fuzz/entries` promises, on the stable compiler: the targets are built
# with the coverage that cargo-fuzz asks for when it adds no sanitizer. Ends with 1 and names the file if there is a find.
#
#   scripts/fuzz.sh [SECONDS [TARGET...]]      60 seconds for all targets together unless told otherwise
#
# As many targets as there are processors run at the same time. Each begins with the honest inputs, with what came
# of earlier runs (target/fuzz/corpus), and with what was ever found (fuzz/regressions).
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(sed -n 's/^name = "\(.*\)"/\1/p' fuzz/Cargo.toml | grep -v '^fuzz$')
fi

host=$(rustc -vV | sed -n 's/^host: //p')
work=target/fuzz
# What the crates under test depend on stands in the lock file of the workspace; that of fuzz/ follows it.
# Coverage for the target only: with `--target`, build scripts and macros are built without.
flags="-Cpasses=sancov-module"
for option in level=4 inline-8bit-counters pc-table trace-compares stack-depth; do
    flags+=" -Cllvm-args=-sanitizer-coverage-$option"
done
RUSTFLAGS="$flags" CARGO_TARGET_DIR="$work" \
    cargo build --release --quiet --manifest-path fuzz/Cargo.toml --target "$host"

jobs=$(nproc)
[ "$jobs" -le ${#targets[@]} ] || jobs=${#targets[@]}
each=$((seconds * jobs / ${#targets[@]}))
[ "$each" -ge 1 ] || each=1

fuzz() {
    local target=$1 corpus="$work/corpus/$1" finds="$work/finds/$1" told="$work/$1.log" known=()
    mkdir -p "$corpus" "$finds"
    [ ! -d "fuzz/regressions/$target" ] || known=("fuzz/regressions/$target")
    local status=0
    GTMI_FUZZ_SEEDS="$corpus" "$work/$host/release/$target" "$corpus" "${known[@]}" \
        -artifact_prefix="$finds/" -max_total_time="$each" -timeout=20 -rss_limit_mb=1024 -max_len=60000 \
        -print_final_stats=1 > "$told" 2>&1 || status=$?
    awk -v target="$target" '
        /number_of_executed_units/ { inputs = $2 } /average_exec_per_sec/ { pace = $2 }
        /peak_rss_mb/ { memory = $2 } match($0, /cov: [0-9]+/) { places = substr($0, RSTART + 5, RLENGTH - 5) }
        END { printf "%-12s %9d inputs, %6d a second, %5d places reached, at most %4d MB\n", target, inputs, pace, places, memory }
    ' "$told"
    if [ "$status" -ne 0 ]; then
        grep -v '^#' "$told" | tail -n 60
        echo "$target broke a promise (exit $status); the input:"
        find "$finds" -type f | sed 's/^/    /'
        echo "Mend it, and move the input to fuzz/regressions/$target, where every run and a test begin with it."
        return 1
    fi
}

failed=0
running=0
for target in "${targets[@]}"; do
    if [ "$running" -ge "$jobs" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    fuzz "$target" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
exit "$failed"
