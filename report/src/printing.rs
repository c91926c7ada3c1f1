//! How sheets look on paper and on the screen as a whole, and what the file says about itself.

use questionnaire::put::{Sheet, Side, properties, property};
use rust_xlsxwriter::Workbook;

use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::style;

/// The paper size A4.
const A4: u8 = 9;
/// The height of a row with one line, in points: 20 pixels.
pub(crate) const ROW: f64 = 15.0;

/// Starts a workbook whose bytes depend on nothing but what is written into it.
pub(crate) fn workbook(context: &Context, title: &str) -> Result<Workbook, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(
        &properties(title, context.framework.as_of)?
            .set_subject(property(context.framework.title.get(context.language()))),
    );
    // Arial 10 has columns of 64 pixels and rows of 17. Its metrics are the same on every system, so widths
    // and heights hold in Excel and in LibreOffice.
    workbook.set_default_format(&style::default_format(), 17, 64)?;
    Ok(workbook)
}

/// Sets paper, margins, footer, frozen headings and what is repeated on each page.
pub(crate) fn set_up(sheet: &mut Sheet<'_>, context: &Context, form: &Form) -> Result<(), ReportError> {
    sheet.set_paper_size(A4);
    if matches!(form.paper, Paper::Landscape | Paper::TwoWide | Paper::OneLandscape) {
        sheet.set_landscape();
    }
    let across = if form.paper == Paper::TwoWide { 2 } else { 1 };
    let one = matches!(form.paper, Paper::OnePage | Paper::OneLandscape);
    sheet.set_print_fit_to_pages(across, u16::from(one));
    // In inches: left, right, top, bottom, header, footer.
    sheet.set_margins(0.5, 0.5, 0.55, 0.65, 0.3, 0.3);
    sheet.set_print_center_horizontally(true);
    sheet.set_screen_gridlines(false);
    // Where all rows are as the workbook has them, none has to say so.
    if !form.for_programs {
        sheet.set_default_row_height(ROW);
    }
    let page = context.words.fill(Key::FooterPage, &[("page", "&P"), ("pages", "&N")]);
    let version = format!("{} {}", context.framework.id, context.framework.version);
    sheet.footer([Side::Text(&context.footer), Side::Codes(&page), Side::Text(&version)]);
    if let Some((row, column)) = form.frozen {
        sheet.set_freeze_panes(row, column)?;
        if row > form.titles {
            sheet.set_repeat_rows(form.titles, row - 1)?;
        }
        if form.paper == Paper::TwoWide && column > 0 {
            sheet.set_repeat_columns(0, column - 1)?;
        }
    }
    Ok(())
}
