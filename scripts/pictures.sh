#!/usr/bin/env bash
# Makes the pictures in docs/images from out/ and examples/, with LibreOffice and pdftoppm.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in soffice pdftoppm; do
    command -v "$program" >/dev/null || { echo "$program is not installed (LibreOffice and poppler-utils are needed)" >&2; exit 2; }
done

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
picture examples/wave-2022/KEN.xlsx 1 questionnaire-cover
picture examples/wave-2022/KEN.xlsx 2 questionnaire-questions
