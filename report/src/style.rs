//! The formats of cells, made once for a workbook.

use std::collections::BTreeMap;

use maturity::finding::Severity;
use maturity::framework::Framework;
use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, ConditionalFormatDataBar, ConditionalFormatType, Format,
    FormatAlign, FormatBorder,
};

use crate::palette;
use crate::scale::Scale;

/// Found on every desk, and the free font that stands in for it elsewhere has the same widths.
pub(crate) const FONT: &str = "Arial";
const SCORE: &str = "0.000";
const POINTS: &str = "0.00";
const COUNT: &str = "#,##0";
const PERCENT: &str = "0%";
/// With a decimal, so that 199 of 200 does not read as all.
const COVERAGE: &str = "0.0%";
/// Changes and differences: the sign says which way.
const CHANGE: &str = "+0.000;-0.000;0.000";
/// Shares of a score that single answers carry.
const SHARE: &str = "0.00%";
const GENERAL: &str = "General";

/// The formats of a workbook.
pub(crate) struct Styles {
    /// The name of what the sheet is about.
    pub(crate) title: Format,
    /// The line beneath it.
    pub(crate) subtitle: Format,
    /// The heading of a section.
    pub(crate) section: Format,
    /// Small explanations.
    pub(crate) note: Format,
    /// A paragraph.
    pub(crate) paragraph: Format,
    /// The formula of a score.
    pub(crate) formula: Format,
    /// The caption above a large number.
    pub(crate) caption: Format,
    /// The large number of a summary.
    pub(crate) figure: Format,
    /// Text in a table.
    pub(crate) text: Format,
    /// Cells of a table in which readers write.
    pub(crate) entry: Format,
    /// Text in a table that follows a column of numbers.
    pub(crate) text_apart: Format,
    /// Short text in the middle of a column.
    pub(crate) centred: Format,
    /// That there is no value.
    pub(crate) absent: Format,
    /// The same where letters stand.
    pub(crate) absent_centred: Format,
    /// The same where text stands.
    pub(crate) absent_left: Format,
    /// Numbers in a column of text.
    pub(crate) value_left: Format,
    /// Scores.
    pub(crate) score: Format,
    /// Points.
    pub(crate) points: Format,
    /// Values with as many decimals as they have.
    pub(crate) value: Format,
    /// Counts.
    pub(crate) count: Format,
    /// Shares.
    pub(crate) percent: Format,
    /// Shares of a score.
    pub(crate) share: Format,
    /// Changes and differences.
    pub(crate) change: Format,
    /// Scores in a heat map.
    pub(crate) heat: Format,
    /// The large share of a summary.
    pub(crate) figure_percent: Format,
    /// A paragraph beside a large number.
    pub(crate) paragraph_middle: Format,
    /// The share of answered questions.
    pub(crate) coverage: Format,
    /// Values in a table for programs.
    pub(crate) plain: Format,
    /// The same for rows that sum up others.
    pub(crate) total: Totals,
    headers: [Format; 5],
    groups: BTreeMap<String, (Format, Format)>,
    severities: [Format; 3],
}

/// The formats of rows that sum up others.
pub(crate) struct Totals {
    pub(crate) text: Format,
    pub(crate) score: Format,
    pub(crate) points: Format,
    pub(crate) value: Format,
    pub(crate) count: Format,
    pub(crate) coverage: Format,
    pub(crate) percent: Format,
    pub(crate) change: Format,
    pub(crate) absent: Format,
}

impl Totals {
    fn new() -> Self {
        let total = || {
            font(9.0)
                .set_bold()
                .set_background_color(palette::TOTAL)
                .set_border_top(FormatBorder::Thin)
                .set_border_top_color(palette::RULE)
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(palette::RULE)
                .set_align(FormatAlign::VerticalCenter)
        };
        let total_number = |pattern| total().set_num_format(pattern).set_align(FormatAlign::Right);
        Self {
            text: total().set_text_wrap(),
            score: total_number(SCORE),
            points: total_number(POINTS),
            value: total_number(GENERAL),
            count: total_number(COUNT),
            coverage: total_number(COVERAGE),
            percent: total_number(PERCENT),
            change: total_number(CHANGE),
            absent: total_number(GENERAL).set_font_color(palette::MUTED).set_italic(),
        }
    }
}

/// How the cells of a column are aligned, headings included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Text that follows a column of numbers.
    Apart,
    /// Letters and codes.
    Centre,
    /// Numbers.
    Right,
}

impl Styles {
    /// The formats of a sheet; `long` if its rows hold paragraphs, which are read from the top.
    pub(crate) fn new(framework: &Framework, long: bool) -> Self {
        let vertical = if long { FormatAlign::Top } else { FormatAlign::VerticalCenter };
        let cell = || {
            let cell = font(9.0).set_border_bottom(FormatBorder::Hair).set_border_bottom_color(palette::RULE);
            cell.set_align(vertical)
        };
        // Numbers stand at the right edge without an indent: LibreOffice forgets it where cells of one font
        // follow each other. Text that follows a number is indented instead.
        let number = |pattern| cell().set_num_format(pattern).set_align(FormatAlign::Right);
        let count = framework.groups.len();
        let groups = framework.groups.iter().enumerate().map(|(position, group)| {
            let (background, text) = palette::group(position, count);
            let chip = |format: Format| {
                format
                    .set_bold()
                    .set_background_color(background)
                    .set_font_color(text)
                    .set_align(FormatAlign::Center)
                    // A white edge keeps the number beside it apart.
                    .set_border_left(FormatBorder::Thick)
                    .set_border_left_color(Color::White)
            };
            (group.id.clone(), (chip(cell()), chip(font(14.0)).set_align(FormatAlign::VerticalCenter)))
        });
        Self {
            title: font(18.0).set_bold().set_font_color(palette::INK),
            subtitle: font(10.0).set_font_color(palette::MUTED),
            section: font(11.0).set_bold().set_font_color(palette::INK),
            note: font(8.0)
                .set_font_color(palette::MUTED)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter),
            paragraph: font(9.0).set_text_wrap(),
            formula: font(9.0)
                .set_bold()
                .set_font_color(palette::INK)
                .set_background_color(palette::TOTAL)
                .set_text_wrap()
                .set_indent(1)
                .set_align(FormatAlign::VerticalCenter),
            caption: font(9.0).set_font_color(palette::MUTED),
            figure: font(26.0)
                .set_bold()
                .set_font_color(palette::INK)
                .set_num_format(SCORE)
                .set_align(FormatAlign::Left)
                .set_align(FormatAlign::VerticalCenter),
            text: cell().set_text_wrap(),
            entry: cell().set_text_wrap().set_background_color(palette::ENTRY),
            text_apart: cell().set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
            centred: cell().set_align(FormatAlign::Center),
            absent: cell().set_font_color(palette::MUTED).set_italic().set_align(FormatAlign::Right),
            absent_centred: cell().set_font_color(palette::MUTED).set_italic().set_align(FormatAlign::Center),
            absent_left: cell().set_font_color(palette::MUTED).set_italic().set_text_wrap(),
            value_left: cell().set_num_format(GENERAL).set_align(FormatAlign::Left),
            score: number(SCORE),
            points: number(POINTS),
            value: number(GENERAL),
            count: number(COUNT),
            percent: number(PERCENT),
            share: number(SHARE),
            change: number(CHANGE),
            heat: number("0.00").set_font_size(8.0),
            figure_percent: font(20.0)
                .set_bold()
                .set_font_color(palette::INK)
                .set_num_format(PERCENT)
                .set_align(FormatAlign::Left)
                .set_align(FormatAlign::VerticalCenter),
            paragraph_middle: font(9.0).set_text_wrap().set_align(FormatAlign::VerticalCenter),
            coverage: number(COVERAGE),
            plain: font(9.0),
            headers: headers(),
            total: Totals::new(),
            groups: groups.collect(),
            severities: palette::SEVERITIES.map(|colour| cell().set_bold().set_font_color(colour)),
        }
    }

    /// The format of a column's heading; `filtered` if the table has filter buttons.
    pub(crate) fn header(&self, align: Align, filtered: bool) -> &Format {
        let [left, apart, centre, right, right_filtered] = &self.headers;
        match align {
            Align::Left => left,
            Align::Apart => apart,
            Align::Centre => centre,
            Align::Right if filtered => right_filtered,
            Align::Right => right,
        }
    }

    /// The format of a group's letter in a table.
    pub(crate) fn group(&self, id: &str) -> &Format {
        self.groups.get(id).map_or(&self.centred, |(small, _)| small)
    }

    /// The format of a group's letter and name in large.
    pub(crate) fn large_group(&self, id: &str) -> &Format {
        self.groups.get(id).map_or(&self.figure, |(_, large)| large)
    }

    /// The format of a severity's name.
    pub(crate) fn severity(&self, severity: Severity) -> &Format {
        let [error, warning, info] = &self.severities;
        match severity {
            Severity::Error => error,
            Severity::Warning => warning,
            Severity::Info => info,
        }
    }
}

/// The formats of headings, by alignment.
fn headers() -> [Format; 5] {
    let header = || {
        font(9.0)
            .set_bold()
            .set_font_color(palette::INK)
            .set_background_color(palette::HEADER)
            .set_border_bottom(FormatBorder::Thin)
            .set_border_bottom_color(palette::INK)
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
    };
    // Numbers' headings are indented where a filter button covers the corner.
    [
        header(),
        header().set_align(FormatAlign::Left).set_indent(1),
        header().set_align(FormatAlign::Center),
        header().set_align(FormatAlign::Right),
        header().set_align(FormatAlign::Right).set_indent(2),
    ]
}

/// The format of empty cells: its font is the measure of column widths.
pub(crate) fn default_format() -> Format {
    Format::new().set_font_name(FONT).set_font_size(10.0)
}

/// Text of the given size, at the top of its cell.
fn font(size: f64) -> Format {
    Format::new()
        .set_font_name(FONT)
        .set_font_size(size)
        .set_font_color(palette::TEXT)
        .set_align(FormatAlign::Top)
}

/// Bars for values from 0 to 1.
pub(crate) fn data_bar(scale: Scale) -> ConditionalFormatDataBar {
    let bar = ConditionalFormatDataBar::new();
    let bar = match scale.ends() {
        Some((low, high)) => bar
            .set_minimum(ConditionalFormatType::Number, low)
            .set_maximum(ConditionalFormatType::Number, high),
        None => bar,
    };
    bar.set_fill_color(palette::DATA_BAR).set_solid_fill(true).set_border_off(true)
}

/// Colours from the low to the high end of a scale.
pub(crate) fn heat(scale: Scale) -> ConditionalFormat2ColorScale {
    let colours = ConditionalFormat2ColorScale::new();
    let colours = match scale.ends() {
        Some((low, high)) => colours
            .set_minimum(ConditionalFormatType::Number, low)
            .set_maximum(ConditionalFormatType::Number, high),
        None => colours,
    };
    colours.set_minimum_color(palette::HEAT.0).set_maximum_color(palette::HEAT.1)
}
