//! What rows look like while a mark stands in them: conditional formats, a few for each sheet.

use rust_xlsxwriter::{Color, Format, XlsxError, utility};

use crate::layout::{Column, FIRST_ROW};
use crate::live::Mark;
use crate::palette::{MARK, MUTED};
use crate::put::{Computed, Sheet};
use crate::write::Form;

const OFF: Color = Color::RGB(0xEC_EE_F1);
const OFF_INK: Color = Color::RGB(0x8A_93_9F);
const WANTED: Color = Color::RGB(0xFF_E3_9C);
const ATTENTION: Color = Color::RGB(0xF9_CF_C4);
const DONE: Color = Color::RGB(0x2F_7D_4F);

/// What cells look like while a mark stands in their row; laid over their own format.
#[derive(Debug)]
struct Looks {
    /// The row of a question that does not apply.
    off: Format,
    /// What is said about such a row.
    still: Format,
    /// A cell that waits for an answer.
    wanted: Format,
    /// A cell that needs attention.
    attention: Format,
    /// The mark of a row with which all is well.
    done: Format,
    /// Any other mark.
    pending: Format,
}

impl Looks {
    /// The looks.
    fn new() -> Self {
        Self {
            off: Format::new().set_font_color(OFF_INK).set_font_strikethrough().set_background_color(OFF),
            still: Format::new().set_font_color(MUTED),
            wanted: Format::new().set_background_color(WANTED),
            attention: Format::new().set_background_color(ATTENTION).set_font_color(MARK),
            done: Format::new().set_font_color(DONE),
            pending: Format::new().set_font_color(MARK),
        }
    }
}

/// Lays the looks of the live marks over the rows: a few rules for the whole sheet, which read the marks.
pub(crate) fn lay(sheet: &mut Sheet<'_>, form: &Form, last_row: u32) -> Result<(), XlsxError> {
    let columns = form.plan.columns;
    let looks = Looks::new();
    let cells = |column| columns.position(column).map(|position| (position, position));
    let all = columns.position(Column::Id).zip(columns.position(Column::Comment));
    let rules = [
        (Mark::NotRelevant, all, &looks.off),
        (Mark::Clear, all, &looks.off),
        (Mark::NotRelevant, cells(Column::Check), &looks.still),
        (Mark::Missing, cells(Column::Answer), &looks.wanted),
        (Mark::Broken, cells(Column::Answer), &looks.attention),
        (Mark::Unread, cells(Column::Answer), &looks.attention),
        (Mark::Unproven, cells(Column::Evidence), &looks.wanted),
        (Mark::Unconfirmed, cells(Column::Confirm), &looks.wanted),
        (Mark::Unexplained, cells(Column::Reason), &looks.attention),
        (Mark::Answered, cells(Column::Status), &looks.done),
        (Mark::Missing, cells(Column::Status), &looks.pending),
        (Mark::Broken, cells(Column::Status), &looks.pending),
        (Mark::Unread, cells(Column::Status), &looks.pending),
        (Mark::Unexplained, cells(Column::Status), &looks.pending),
        (Mark::Clear, cells(Column::Status), &looks.pending),
    ];
    let Some(status) = columns.position(Column::Status) else { return Ok(()) };
    let letter = utility::column_number_to_name(status);
    for (mark, cells, format) in rules {
        let Some((first, last)) = cells else { continue };
        let rule = format!("${letter}{}=\"{}\"", FIRST_ROW + 1, mark.symbol());
        sheet.rule((FIRST_ROW, first, last_row, last), &Computed::new(&rule), format)?;
    }
    Ok(())
}
