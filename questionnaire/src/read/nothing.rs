//! Cells in which programs and people say that nothing is there.

use maturity::cell::CellValue;
use maturity::framework::Framework;
use maturity::normalize::tidy;

/// What programs write there that know no blank cells.
const OF_PROGRAMS: [&str; 7] = ["na", "n/a", "nan", "null", "nil", "none", "undefined"];

/// Whether a cell says that nothing is there: a blank, an error, or a mark for what is missing.
pub(super) fn is_nothing(framework: &Framework, value: &CellValue) -> bool {
    match value {
        CellValue::Blank | CellValue::Error(_) => true,
        CellValue::Text(text) => {
            let text = tidy(text);
            // `#N/A` is an error that went through a table of plain text.
            !text.contains(char::is_alphanumeric)
                || text.starts_with('#')
                || OF_PROGRAMS.iter().any(|mark| text.eq_ignore_ascii_case(mark))
                || framework.is_missing_mark(&text)
        }
        CellValue::Number(_)
        | CellValue::Percent(_)
        | CellValue::Masked(_)
        | CellValue::Date(_)
        | CellValue::Boolean(_) => false,
    }
}
