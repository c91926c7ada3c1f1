//! Colours and cell formats: the only file that decides what the questionnaire looks like.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};

use crate::mark_formats::MarkFormats;
use crate::put::Style;

/// The font: metrically the same in Excel and, as Liberation Sans, in `LibreOffice`.
const FONT: &str = "Arial";
/// The size of running text, in points.
pub(crate) const TEXT: f64 = 10.0;
/// The size of hints, in points.
pub(crate) const SMALL: f64 = 8.5;

const INK: Color = Color::RGB(0x1F_29_37);
pub(crate) const NAVY: Color = Color::RGB(0x1B_36_5D);
const MIST: Color = Color::RGB(0xE6_EC_F4);
/// Small print.
pub(crate) const MUTED: Color = Color::RGB(0x5B_67_77);
const PALE_ON_NAVY: Color = Color::RGB(0xC9_D6_E8);
const RULE: Color = Color::RGB(0xCF_D6_E0);
const STILL: Color = Color::RGB(0xF1_F3_F6);
const INPUT: Color = Color::RGB(0xFF_FB_E8);
const INPUT_EDGE: Color = Color::RGB(0xC8_AE_62);
/// What needs attention.
pub(crate) const MARK: Color = Color::RGB(0xA6_3D_2F);

/// How a date is shown: the same in every language.
pub(crate) const DATE: &str = "yyyy-mm-dd";

/// The bars of progress.
pub(crate) const INK_BAR: Color = Color::RGB(0x9D_B8_D9);

/// Every format that the questionnaire uses.
#[derive(Debug)]
pub(crate) struct Palette {
    /// The dark band behind a title.
    pub(crate) band: Style,
    /// The title of the cover.
    pub(crate) title: Style,
    /// The name of the economy on the cover.
    pub(crate) name: Style,
    /// The line above the title.
    pub(crate) subtitle: Style,
    /// The title of a question sheet.
    pub(crate) sheet_title: Style,
    /// The explanation of the marks.
    pub(crate) legend: Style,
    /// The heading of a part of the cover.
    pub(crate) part: Style,
    /// The heading of counts beside it.
    pub(crate) part_count: Style,
    /// The name of a value on the cover.
    pub(crate) label: Style,
    /// A value on the cover.
    pub(crate) value: Style,
    /// A value that only programs read.
    pub(crate) fine: Style,
    /// A paragraph of guidance.
    pub(crate) guidance: Style,
    /// A link to a sheet.
    pub(crate) link: Style,
    /// A link back to the cover.
    pub(crate) back: Style,
    /// A column heading.
    pub(crate) heading: Style,
    /// The heading of the column of marks.
    pub(crate) mark_heading: Style,
    /// The heading of a column of input cells.
    pub(crate) input_heading: Style,
    /// The title of a section.
    pub(crate) section: Style,
    /// The id of a question.
    pub(crate) id: Style,
    /// The live mark of a question.
    pub(crate) mark: Style,
    /// What the live mark means.
    pub(crate) check: Style,
    /// The run of the mark of a required question.
    pub(crate) star_run: Format,
    /// The cell of a question's text.
    pub(crate) question: Style,
    /// The run of the question's own words in that cell.
    pub(crate) question_run: Format,
    /// The run of words of a required question.
    pub(crate) required_run: Format,
    /// The run of the hint.
    pub(crate) hint_run: Format,
    /// A cell for text.
    pub(crate) input_text: Style,
    /// A cell for a number.
    pub(crate) input_number: Style,
    /// A cell for a number that holds a date.
    pub(crate) input_date: Style,
    /// A cell of the question's row that takes no input.
    pub(crate) still: Style,
    /// Such a cell with a link to where the input goes instead.
    pub(crate) still_link: Style,
    /// The formats of the marks of a return.
    pub(crate) marks: MarkFormats,
    /// A key for the reader.
    pub(crate) key: Style,
    /// The progress in the title of a section.
    pub(crate) section_count: Style,
    /// The heading of a column of counts.
    pub(crate) count_heading: Style,
    /// A count.
    pub(crate) count: Style,
    /// A count that sums up.
    pub(crate) count_total: Style,
    /// A share.
    pub(crate) share: Style,
    /// A share of all.
    pub(crate) share_total: Style,
    /// The title of the sum of all.
    pub(crate) total: Style,
    /// A link to a section.
    pub(crate) section_link: Style,
    /// A link to a sheet above its sections.
    pub(crate) subindex_link: Style,
}

impl Palette {
    /// The format of cells that have none of their own. It also sets the unit of column widths, which would
    /// otherwise depend on a font that not every computer has.
    pub(crate) fn plain() -> Format {
        Format::new().set_font_name(FONT).set_font_size(TEXT)
    }

    /// The formats of the questionnaire, for a script that runs from left to right or from right to left.
    pub(crate) fn new(right_to_left: bool) -> Self {
        // Texts begin at the side where reading begins.
        let start = if right_to_left { FormatAlign::Right } else { FormatAlign::Left };
        let end = if right_to_left { FormatAlign::Left } else { FormatAlign::Right };
        // Each text is read in the direction of its own language: where a text lacks the language of the questionnaire, it
        // stands there in another one.
        let base = Self::plain().set_font_color(INK).set_reading_direction(0);
        let middle = base.clone().set_align(FormatAlign::VerticalCenter);
        // A text in English begins at the same side as those around it.
        let middle = if right_to_left { middle.set_align(start) } else { middle };
        let wrapped = middle.clone().set_text_wrap();
        let band = middle.clone().set_background_color(NAVY).set_font_color(Color::White);
        let row = wrapped.clone().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(RULE);
        let input = input(&wrapped).set_align(start);
        let label = wrapped.clone().set_font_color(MUTED).set_align(start).set_indent(1);
        let still = row
            .clone()
            .set_background_color(STILL)
            .set_align(start)
            .set_indent(1)
            .set_font_color(MUTED)
            .set_font_size(SMALL);
        let linked = |format: Format| format.set_underline(FormatUnderline::Single);
        let count = middle
            .clone()
            .set_align(FormatAlign::Center)
            .set_border_bottom(FormatBorder::Thin)
            .set_border_bottom_color(RULE);
        let total = count.clone().set_bold().set_background_color(MIST).set_font_color(NAVY);
        let (heading, section, part) = (heading(&middle), section(&middle, start), part(&middle));
        let marks = MarkFormats::of(&row, &input, &middle.clone().set_align(start).set_indent(1));
        Self {
            section_count: section.clone().set_align(end).set_font_size(SMALL).into(),
            count_heading: heading.clone().set_align(FormatAlign::Center).into(),
            share: count.clone().set_num_format("0%").into(),
            share_total: total.clone().set_num_format("0%").into(),
            count: count.into(),
            count_total: total.clone().into(),
            section_link: row.clone().set_align(start).set_indent(2).set_font_color(INK).into(),
            subindex_link: total.clone().set_align(start).set_indent(1).into(),
            total: total.set_align(start).set_indent(1).into(),
            title: band.clone().set_font_size(22).set_bold().into(),
            name: band.clone().set_font_size(15).into(),
            subtitle: band.clone().set_font_color(PALE_ON_NAVY).into(),
            sheet_title: band.clone().set_align(start).set_indent(1).set_font_size(14).set_bold().into(),
            band: band.into(),
            legend: middle
                .clone()
                .set_align(start)
                .set_indent(1)
                .set_font_size(SMALL)
                .set_font_color(MUTED)
                .into(),
            part_count: part
                .clone()
                .set_font_size(SMALL)
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::Bottom)
                .into(),
            part: part.into(),
            value: wrapped.clone().set_align(start).set_indent(1).set_bold().into(),
            fine: wrapped
                .clone()
                .set_align(start)
                .set_indent(1)
                .set_font_size(SMALL)
                .set_font_color(MUTED)
                .into(),
            guidance: wrapped.clone().set_align(start).set_indent(1).into(),
            link: linked(label.clone().set_font_color(NAVY)).set_bold().into(),
            back: linked(middle.clone().set_font_size(SMALL).set_font_color(NAVY)).set_align(end).into(),
            label: label.into(),
            heading: heading.clone().into(),
            mark_heading: heading.clone().set_align(FormatAlign::Center).into(),
            input_heading: heading.set_align(start).set_indent(1).into(),
            section: section.into(),
            id: row.clone().set_font_color(MUTED).set_num_format("@").into(),
            mark: row.clone().set_font_color(MUTED).set_bold().set_align(FormatAlign::Center).into(),
            check: row
                .clone()
                .set_font_size(SMALL)
                .set_font_color(MARK)
                .set_align(start)
                .set_indent(1)
                .into(),
            star_run: base.clone().set_bold().set_font_color(MARK),
            question: row.into(),
            marks,
            question_run: base.clone(),
            required_run: base.clone().set_bold(),
            hint_run: base.clone().set_font_size(SMALL).set_font_color(MUTED),
            // Text format: a code such as "1,2" must not become a number, nor a date be made of "3/4".
            input_text: input.clone().set_num_format("@").into(),
            input_date: input.clone().set_num_format(DATE).into(),
            input_number: input.into(),
            still_link: linked(still.clone()).into(),
            still: still.into(),
            key: base.set_font_color(MUTED).into(),
        }
    }
}

/// A cell that waits for an entry: framed, and not locked.
fn input(base: &Format) -> Format {
    base.clone()
        .set_indent(1)
        .set_background_color(INPUT)
        .set_border(FormatBorder::Thin)
        .set_border_color(INPUT_EDGE)
        .set_unlocked()
}

/// A heading above columns.
fn heading(middle: &Format) -> Format {
    middle
        .clone()
        .set_bold()
        .set_text_wrap()
        .set_background_color(MIST)
        .set_font_color(NAVY)
        .set_border_bottom(FormatBorder::Medium)
        .set_border_bottom_color(NAVY)
}

/// The title of a section.
fn section(middle: &Format, start: FormatAlign) -> Format {
    middle
        .clone()
        .set_align(start)
        .set_indent(1)
        .set_bold()
        .set_font_size(11)
        .set_background_color(MIST)
        .set_font_color(NAVY)
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(RULE)
}

/// The heading of a part of the cover.
fn part(middle: &Format) -> Format {
    middle
        .clone()
        .set_font_size(12)
        .set_bold()
        .set_font_color(NAVY)
        .set_border_bottom(FormatBorder::Medium)
        .set_border_bottom_color(NAVY)
}
