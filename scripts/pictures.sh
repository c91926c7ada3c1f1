#!/usr/bin/env bash
# Makes the pictures in docs/images from out/ and the command, with LibreOffice and pdftoppm.
# Usage: scripts/pictures.sh [COMMAND]
#        scripts/pictures.sh --all [LANGUAGE]   every sheet of five reports and of the global workbook, into target/pictures
set -euo pipefail
cd "$(dirname "$0")/.."

for program in soffice pdftoppm; do
    command -v "$program" >/dev/null || { echo "$program is not installed (LibreOffice and poppler-utils are needed)" >&2; exit 2; }
done

if [ "${1:-}" = --all ]; then
    # Of a run of its own, with an answer of one economy overridden by a reviewer.
    language=${2:-en}
    pictures=target/pictures/$language
    rm -rf "$pictures"
    mkdir -p "$pictures"
    export GTMI_OUTPUT__DIR="$pictures/out" GTMI_STORE__PATH="$pictures/out/gtmi.db" GTMI_OUTPUT__LANGUAGE="$language"
    command="cargo run --release --quiet --"
    $command run --quiet
    $command review override PER I-1 --answer 0 --by "A. Reviewer" --reason "The platform is planned, not in use." \
        --evidence "https://example.org/plan" --quiet
    $command review override PER I-5.5 --answer - --by "A. Reviewer" --reason "No source says so." --quiet
    $command run --quiet
    # Complete, from public sources, without external indices, few answers, overridden.
    soffice "-env:UserInstallation=file://$PWD/$pictures/profile" --headless --convert-to pdf --outdir "$pictures" \
        "$pictures"/out/reports/{KEN,AFG,HKG,MAC,PER}.xlsx "$pictures/out/global.xlsx" >/dev/null
    rm -rf "$pictures/profile"
    for pdf in "$pictures"/*.pdf; do
        # The long sheets go on alike: the first thirty pages, and the last ones.
        pages=$(pdfinfo "$pdf" | awk '/^Pages:/ { print $2 }')
        pdftoppm -png -r 70 -l 30 "$pdf" "${pdf%.pdf}"
        if [ "$pages" -gt 32 ]; then pdftoppm -png -r 70 -f $((pages - 2)) "$pdf" "${pdf%.pdf}"; fi
    done
    echo "$pictures"
    exit
fi

command=${1:-cargo run --release --quiet --}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p docs/images

# picture WORKBOOK PAGE NAME
picture() {
    local base
    base=$(basename "$1" .xlsx)
    if [ ! -f "$work/$3.pdf" ]; then
        mkdir -p "$work/$3"
        soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$work/$3" "$1" >/dev/null
        mv "$work/$3/$base.pdf" "$work/$3.pdf"
    fi
    pdftoppm -png -r 80 -f "$2" -l "$2" -singlefile "$work/$3.pdf" "docs/images/$3"
    echo "docs/images/$3.png"
}

picture out/reports/KEN.xlsx 1 report-kenya
picture out/global.xlsx 1 global

# Questionnaires: empty, half filled, and as they come back.
$command template --economy KEN --language en --out "$work/empty.xlsx"
$command demo --economy KEN --language en --answers 8 --out "$work/half"
$command demo --economy KEN --language en --answers 120 --out "$work/later"
picture "$work/empty.xlsx" 1 questionnaire-cover
picture "$work/empty.xlsx" 2 questionnaire-empty
picture "$work/half/KEN.xlsx" 3 questionnaire-half-filled
soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$work" "$work/later/KEN.xlsx" >/dev/null
mv "$work/KEN.pdf" "$work/questionnaire-progress.pdf"
picture "$work/later/KEN.xlsx" "$(pdfinfo "$work/questionnaire-progress.pdf" | awk '/^Pages:/ { print $2 }')" questionnaire-progress

# A returned questionnaire: Kenya's, with three mistakes typed in by LibreOffice, as `gtmi check` marks it.
/usr/bin/python3 scripts/fill.py examples/wave-2022/KEN.xlsx --out "$work/KEN.xlsx" --framework frameworks/gtmi-2022 \
    --set "I-1=Maybe" --set "I-1.3=20160" --set "I-2=" --evidence "I-1.4=to be confirmed"
$command check "$work/KEN.xlsx" --out "$work/return.xlsx" --quiet || [ $? = 1 ]
picture "$work/return.xlsx" 1 return-receipt
sheet=$(pdftotext "$work/return-receipt.pdf" - | tr '\f' '\036' | awk 'BEGIN { RS = "\036" } /CHOICE-001/ && /Maybe/ && !/what we received/ { print NR; exit }')
cp "$work/return-receipt.pdf" "$work/return-questions.pdf"
picture "$work/return.xlsx" "${sheet:-8}" return-questions
