#!/usr/bin/env bash
# Rebuilds examples/wave-2022 from data/: 12 filled-in questionnaires in three languages and one workbook in
# the publisher's wide layout with the other economies. Usage: scripts/examples.sh [FOLDER [COMMAND]]
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-examples/wave-2022}
command=${2:-cargo run --release --quiet --}

english=KEN,IND,KOR,CAN,AFG,HKG
french=SEN,MAR,FRA
spanish=COL,PER,ESP

mkdir -p "$folder"
rm -f "$folder"/*.xlsx
$command demo --out "$folder" --economy "$english" --language en
$command demo --out "$folder" --economy "$french" --language fr
$command demo --out "$folder" --economy "$spanish" --language es
$command demo --out "$folder" --dataset --except "$english,$french,$spanish"
