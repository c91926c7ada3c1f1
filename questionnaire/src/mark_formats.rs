//! What the marks of a return look like.

use maturity::finding::Severity;
use rust_xlsxwriter::{Color, Format, FormatBorder, FormatUnderline};

use crate::palette::{DATE, MUTED, NAVY, SMALL};
use crate::put::Style;

// Severities: the ink has a contrast of at least 4.5 to 1 on white and on its own fill.
const ERROR: Color = Color::RGB(0xA8_1E_1E);
const ERROR_FILL: Color = Color::RGB(0xFB_DD_DA);
const WARNING: Color = Color::RGB(0x8A_4B_00);
const WARNING_FILL: Color = Color::RGB(0xFF_E7_B8);
const NOTICE: Color = Color::RGB(0x1F_5A_8A);
const NOTICE_FILL: Color = Color::RGB(0xE3_EF_FA);
const GOOD: Color = Color::RGB(0x1E_64_3A);
const GOOD_FILL: Color = Color::RGB(0xDF_F3_E4);
/// Edge and fill of a marked cell, in the order of severities.
const MARKED: [(Color, Color); 3] = [(ERROR, ERROR_FILL), (WARNING, WARNING_FILL), (NOTICE, NOTICE_FILL)];

/// The formats of the marks and of the receipt.
#[derive(Debug)]
pub(crate) struct MarkFormats {
    /// A link in the row of a table.
    pub(crate) row_link: Style,
    /// A detail in the row of a table.
    pub(crate) row_fine: Style,
    /// The line that says that a questionnaire goes back.
    pub(crate) returned: Style,
    /// The line that says that a questionnaire is accepted.
    pub(crate) accepted: Style,
    /// The name of a severity.
    severities: [Style; 3],
    /// A marked cell for text.
    text: [Style; 3],
    /// A marked cell for a number.
    number: [Style; 3],
    /// A marked cell for a number that holds a date.
    date: [Style; 3],
}

/// What a marked cell is shown as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A text.
    Text,
    /// A number.
    Number,
    /// A date.
    Date,
}

impl MarkFormats {
    /// The formats, from those of a row, of an input cell and of a line.
    pub(crate) fn of(row: &Format, input: &Format, line: &Format) -> Self {
        let banner = |ink: Color, fill: Color| {
            line.clone().set_bold().set_font_size(12).set_font_color(ink).set_background_color(fill)
        };
        let marked = |(edge, fill): (Color, Color)| {
            input.clone().set_background_color(fill).set_border(FormatBorder::Medium).set_border_color(edge)
        };
        Self {
            row_link: row.clone().set_font_color(NAVY).set_underline(FormatUnderline::Single).into(),
            row_fine: row.clone().set_font_color(MUTED).set_font_size(SMALL).into(),
            returned: banner(ERROR, ERROR_FILL).into(),
            accepted: banner(GOOD, GOOD_FILL).into(),
            severities: [ERROR, WARNING, NOTICE].map(|ink| row.clone().set_bold().set_font_color(ink).into()),
            text: MARKED.map(|colours| marked(colours).set_num_format("@").into()),
            number: MARKED.map(|colours| marked(colours).into()),
            date: MARKED.map(|colours| marked(colours).set_num_format(DATE).into()),
        }
    }

    /// The format of the name of a severity.
    pub(crate) fn severity(&self, severity: Severity) -> &Style {
        of(&self.severities, severity)
    }

    /// The format of an input cell that a finding is about.
    pub(crate) fn cell(&self, severity: Severity, shape: Shape) -> &Style {
        let formats = match shape {
            Shape::Text => &self.text,
            Shape::Number => &self.number,
            Shape::Date => &self.date,
        };
        of(formats, severity)
    }
}

/// The format for a severity; the array is in the order of severities, gravest first.
fn of(formats: &[Style; 3], severity: Severity) -> &Style {
    let [error, warning, info] = formats;
    match severity {
        Severity::Error => error,
        Severity::Warning => warning,
        Severity::Info => info,
    }
}
