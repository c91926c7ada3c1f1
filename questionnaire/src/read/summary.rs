//! Summary rows and notes below the rows of a table: what people write in front of them.

use maturity::cell::{Cell, CellValue};
use maturity::normalize::{matching_key, tidy};

/// The words, in the languages of questionnaires.
const SUMMARIES: [&str; 28] = [
    "sum", "total", "mean", "average", "avg", "median", "min", "max", "minimum", "maximum", "count", "note",
    "notes", "source", "sources", "somme", "moyenne", "mediane", "nombre", "remarque", "suma", "promedio",
    "media", "mediana", "minimo", "maximo", "nota", "fuente",
];

/// Whether a cell holds what looks like the code of an economy.
pub(super) fn is_code(cell: &Cell) -> bool {
    let CellValue::Text(text) = &cell.value else { return false };
    let text = tidy(text);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.chars().count() >= 2 && text.starts_with(char::is_alphabetic) && text.chars().all(fits)
}

/// Whether a cell holds digits that may be the code of an economy: statistical offices give such ones.
pub(super) fn is_number(cell: &Cell) -> bool {
    match &cell.value {
        CellValue::Number(number) => number.fract() == 0.0 && (0.0..MOST_OF_CODE).contains(number),
        CellValue::Text(text) => {
            let text = tidy(text);
            (1..=LONGEST_NUMBER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// The most digits of such a code.
const LONGEST_NUMBER: usize = 9;
const MOST_OF_CODE: f64 = 1e9;

/// Whether a cell begins with such a word.
pub(super) fn begins_summary(cell: &Cell) -> bool {
    let key = matching_key(&cell.value.display());
    let first = key.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    SUMMARIES.contains(&first)
}

/// Whether the name in a row with a number before it is that of a summary. Somme is a place, too.
pub(super) fn is_total(name: &Cell) -> bool {
    const WORDS: [&str; 8] =
        ["total", "average", "mean", "median", "moyenne", "mediane", "promedio", "mediana"];
    let key = matching_key(&name.value.display());
    WORDS.contains(&key.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
}

/// Whether the name in a row without a code is that of a summary: `World`, `ASEM average`.
pub(super) fn is_of_many(name: &Cell) -> bool {
    let key = matching_key(&name.value.display());
    let last = key.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    SUMMARIES.contains(&last) || ["world", "monde", "mundo"].contains(&key.as_str())
}

/// Whether a cell says that the row is a summary or a note. A code may begin with such a word: `MIN-FIN`.
pub(super) fn is_summary(cell: &Cell) -> bool {
    if !is_code(cell) {
        return begins_summary(cell);
    }
    let key = matching_key(&cell.value.display());
    SUMMARIES.contains(&key.trim_matches(|c: char| !c.is_alphanumeric()))
}
