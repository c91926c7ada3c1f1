//! What all visible sheets share: paper, footer, protection.

use rust_xlsxwriter::{ProtectionOptions, XlsxError};

use crate::put::{Sheet, Side};
use crate::write::Form;

/// A4 in the list of paper sizes.
const A4: u8 = 9;

/// Sets the paper, the footer with its page numbers and the printed area.
pub(crate) fn print(
    sheet: &mut Sheet<'_>,
    footer: &str,
    last_row: u32,
    last_column: u16,
) -> Result<(), XlsxError> {
    sheet.footer([Side::Text(footer), Side::Empty, Side::Codes("&P / &N")]);
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_print_center_horizontally(true)
        .set_margins(0.45, 0.45, 0.5, 0.6, 0.3, 0.3)
        .set_screen_gridlines(false)
        .set_print_area(0, 0, last_row, last_column)?;
    Ok(())
}

/// Lets the sheet begin where reading begins.
pub(crate) fn direct(sheet: &mut Sheet<'_>, form: &Form) {
    if form.right_to_left() {
        sheet.set_right_to_left(true);
    }
}

/// Locks everything but the input cells. There is no password: the lock guards against accidents only. Formats of
/// cells are free: a program that was once given "95%" shows every later number in percent, until its sender says otherwise.
pub(crate) fn protect(sheet: &mut Sheet<'_>) {
    sheet.protect_with_options(&ProtectionOptions {
        select_locked_cells: true,
        select_unlocked_cells: true,
        format_cells: true,
        format_columns: true,
        format_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
}
