//! The formats of cells, made once for a workbook.

use std::collections::BTreeMap;

use maturity::finding::Severity;
use maturity::framework::Framework;
use questionnaire::put::Style;
use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, ConditionalFormatDataBar, ConditionalFormatType, Format,
    FormatAlign, FormatBorder,
};

use crate::palette;
use crate::scale::Scale;

/// Found on every desk, and the free font that stands in for it elsewhere has the same widths.
pub(crate) const FONT: &str = "Arial";
const SCORE: &str = "0.000";
/// The decimals of a score.
pub(crate) const DECIMALS: usize = 3;
/// Scores that a maturity group begins just above, with a decimal more for each.
const NEAR: [&str; 6] = ["0.0000", "0.00000", "0.000000", "0.0000000", "0.00000000", "0.000000000"];
const POINTS: &str = "0.00";
const COUNT: &str = "#,##0";
/// Only all reads as 100 %.
const PERCENT: &str = "[=1]0%;[>=0.995]\">99%\";0%";
/// With a decimal, so that 199 of 200 does not read as all.
const COVERAGE: &str = "0.0%";
/// Changes and differences: the sign says which way.
const CHANGE: &str = "+0.000;-0.000;0.000";
/// Shares of a score that single answers carry.
const SHARE: &str = "0.00%";
const GENERAL: &str = "General";
/// Numbers as they were given, to four decimals.
const FOUR_DECIMALS: &str = "0.####";

/// The formats of a workbook.
#[derive(Debug)]
pub(crate) struct Styles {
    /// The name of what the sheet is about.
    pub(crate) title: Style,
    /// The line beneath it.
    pub(crate) subtitle: Style,
    /// The heading of a section.
    pub(crate) section: Style,
    /// Small explanations.
    pub(crate) note: Style,
    /// A paragraph.
    pub(crate) paragraph: Style,
    /// The formula of a score.
    pub(crate) formula: Style,
    /// The caption above a large number.
    pub(crate) caption: Style,
    /// The large number of a summary.
    pub(crate) figure: Style,
    /// The same for scores that a maturity group begins just above.
    pub(crate) figure_near: Near,
    /// Text in a table.
    pub(crate) text: Style,
    /// Cells of a table in which readers write.
    pub(crate) entry: Style,
    /// Text in a table that follows a column of numbers.
    pub(crate) text_apart: Style,
    /// Short text in the middle of a column.
    pub(crate) centred: Style,
    /// That there is no value.
    pub(crate) absent: Style,
    /// The same where letters stand.
    pub(crate) absent_centred: Style,
    /// The same where text stands.
    pub(crate) absent_left: Style,
    /// Numbers in a column of text, as they are.
    value_left: Style,
    /// The same with decimals: as many are shown as can be read, and all are kept.
    decimals_left: Style,
    /// Scores.
    pub(crate) score: Style,
    /// Scores that a maturity group begins just above.
    pub(crate) score_near: Near,
    /// Points.
    pub(crate) points: Style,
    /// Values with as many decimals as they have.
    pub(crate) value: Style,
    /// Counts.
    pub(crate) count: Style,
    /// Shares.
    pub(crate) percent: Style,
    /// Shares of a score.
    pub(crate) share: Style,
    /// Changes and differences.
    pub(crate) change: Style,
    /// Scores in a heat map.
    pub(crate) heat: Style,
    /// The large share of a summary.
    pub(crate) figure_percent: Style,
    /// A paragraph beside a large number.
    pub(crate) paragraph_middle: Style,
    /// The share of answered questions.
    pub(crate) coverage: Style,
    /// Values in a table for programs.
    pub(crate) plain: Style,
    /// The same for rows that sum up others.
    pub(crate) total: Totals,
    headers: [Style; 5],
    groups: BTreeMap<String, (Style, Style)>,
    severities: [Style; 3],
}

/// One format for scores with more decimals than others, for each number of them.
#[derive(Debug)]
pub(crate) struct Near([Style; NEAR.len()]);

impl Near {
    fn of(format: impl Fn(&'static str) -> Format) -> Self {
        // Columns are as wide as three decimals need; a score that is hidden by "###" would be worse than a small one.
        Self(NEAR.map(|pattern| format(pattern).set_shrink().into()))
    }

    /// The format for so many decimals, or for the most that there are; none is needed for those that all scores have.
    pub(crate) fn style(&self, decimals: usize) -> Option<&Style> {
        let more = decimals.checked_sub(DECIMALS + 1)?;
        self.0.get(more.min(NEAR.len() - 1))
    }
}

/// The formats of rows that sum up others.
#[derive(Debug)]
pub(crate) struct Totals {
    pub(crate) text: Style,
    pub(crate) score: Style,
    pub(crate) score_near: Near,
    pub(crate) points: Style,
    pub(crate) value: Style,
    pub(crate) count: Style,
    pub(crate) coverage: Style,
    pub(crate) percent: Style,
    pub(crate) change: Style,
    pub(crate) absent: Style,
}

/// The sides at which texts begin and end.
#[derive(Debug, Clone, Copy)]
struct Sides {
    start: FormatAlign,
    end: FormatAlign,
    right_to_left: bool,
}

impl Sides {
    fn of(right_to_left: bool) -> Self {
        let (start, end) = if right_to_left {
            (FormatAlign::Right, FormatAlign::Left)
        } else {
            (FormatAlign::Left, FormatAlign::Right)
        };
        Self { start, end, right_to_left }
    }

    /// Text of the given size, at the top of its cell. In a sheet from right to left it is told where to begin, since texts
    /// in English stand there too.
    fn font(self, size: f64) -> Format {
        let format = font(size);
        if self.right_to_left { format.set_align(self.start) } else { format }
    }
}

impl Totals {
    fn new(sides: Sides) -> Self {
        let total = || {
            sides
                .font(9.0)
                .set_bold()
                .set_background_color(palette::TOTAL)
                .set_border_top(FormatBorder::Thin)
                .set_border_top_color(palette::RULE)
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(palette::RULE)
                .set_align(FormatAlign::VerticalCenter)
        };
        let total_number = |pattern| total().set_num_format(pattern).set_align(sides.end);
        Self {
            text: total().set_text_wrap().into(),
            score: total_number(SCORE).into(),
            score_near: Near::of(total_number),
            points: total_number(POINTS).into(),
            value: total_number(GENERAL).into(),
            count: total_number(COUNT).into(),
            coverage: total_number(COVERAGE).into(),
            percent: total_number(PERCENT).into(),
            change: total_number(CHANGE).into(),
            absent: total_number(GENERAL).set_font_color(palette::MUTED).set_italic().into(),
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
    pub(crate) fn new(framework: &Framework, long: bool, right_to_left: bool) -> Self {
        let sides = Sides::of(right_to_left);
        let font = |size| sides.font(size);
        let vertical = if long { FormatAlign::Top } else { FormatAlign::VerticalCenter };
        let cell = || {
            let cell = font(9.0).set_border_bottom(FormatBorder::Hair).set_border_bottom_color(palette::RULE);
            cell.set_align(vertical)
        };
        // Numbers stand at the right edge without an indent: LibreOffice forgets it where cells of one font
        // follow each other. Text that follows a number is indented instead.
        let number = |pattern| cell().set_num_format(pattern).set_align(sides.end);
        let figure = |pattern| {
            let figure = font(26.0).set_bold().set_font_color(palette::INK).set_num_format(pattern);
            figure.set_align(sides.start).set_align(FormatAlign::VerticalCenter)
        };
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
            let large = chip(font(14.0)).set_align(FormatAlign::VerticalCenter);
            (group.id.clone(), (chip(cell()).into(), large.into()))
        });
        Self {
            title: font(18.0).set_bold().set_font_color(palette::INK).into(),
            subtitle: font(10.0).set_font_color(palette::MUTED).into(),
            section: font(11.0).set_bold().set_font_color(palette::INK).into(),
            note: font(8.0)
                .set_font_color(palette::MUTED)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .into(),
            paragraph: font(9.0).set_text_wrap().into(),
            formula: font(9.0)
                .set_bold()
                .set_font_color(palette::INK)
                .set_background_color(palette::TOTAL)
                .set_text_wrap()
                .set_indent(1)
                .set_align(FormatAlign::VerticalCenter)
                .into(),
            caption: font(9.0).set_font_color(palette::MUTED).into(),
            figure: figure(SCORE).into(),
            figure_near: Near::of(|pattern| figure(pattern).set_font_size(18.0)),
            text: cell().set_text_wrap().into(),
            entry: cell().set_text_wrap().set_background_color(palette::ENTRY).into(),
            text_apart: cell().set_text_wrap().set_align(sides.start).set_indent(1).into(),
            centred: cell().set_align(FormatAlign::Center).into(),
            absent: cell().set_font_color(palette::MUTED).set_italic().set_align(sides.end).into(),
            absent_centred: cell()
                .set_font_color(palette::MUTED)
                .set_italic()
                .set_align(FormatAlign::Center)
                .into(),
            absent_left: cell().set_font_color(palette::MUTED).set_italic().set_text_wrap().into(),
            value_left: cell().set_num_format(GENERAL).set_align(sides.start).into(),
            decimals_left: cell().set_num_format(FOUR_DECIMALS).set_align(sides.start).into(),
            score: number(SCORE).into(),
            score_near: Near::of(number),
            points: number(POINTS).into(),
            value: number(GENERAL).into(),
            count: number(COUNT).into(),
            percent: number(PERCENT).into(),
            share: number(SHARE).into(),
            change: number(CHANGE).into(),
            heat: number("0.00").set_font_size(8.0).into(),
            figure_percent: font(20.0)
                .set_bold()
                .set_font_color(palette::INK)
                .set_num_format(PERCENT)
                .set_align(sides.start)
                .set_align(FormatAlign::VerticalCenter)
                .into(),
            paragraph_middle: font(9.0).set_text_wrap().set_align(FormatAlign::VerticalCenter).into(),
            coverage: number(COVERAGE).into(),
            plain: font(9.0).into(),
            headers: headers(sides),
            total: Totals::new(sides),
            groups: groups.collect(),
            severities: palette::SEVERITIES.map(|colour| cell().set_bold().set_font_color(colour).into()),
        }
    }

    /// The format of a column's heading; `filtered` if the table has filter buttons.
    pub(crate) fn header(&self, align: Align, filtered: bool) -> &Style {
        let [left, apart, centre, right, right_filtered] = &self.headers;
        match align {
            Align::Left => left,
            Align::Apart => apart,
            Align::Centre => centre,
            Align::Right if filtered => right_filtered,
            Align::Right => right,
        }
    }

    /// The format of a number in a column of text.
    pub(crate) fn value_left(&self, number: f64) -> &Style {
        let shown = (number * 1e4).round() / 1e4;
        // With nothing to show behind it, the format of decimals would leave a bare decimal point.
        if shown.fract() == 0.0 { &self.value_left } else { &self.decimals_left }
    }

    /// The format of a group's letter in a table.
    pub(crate) fn group(&self, id: &str) -> &Style {
        self.groups.get(id).map_or(&self.centred, |(small, _)| small)
    }

    /// The format of a group's letter and name in large.
    pub(crate) fn large_group(&self, id: &str) -> &Style {
        self.groups.get(id).map_or(&self.figure, |(_, large)| large)
    }

    /// The format of a severity's name.
    pub(crate) fn severity(&self, severity: Severity) -> &Style {
        let [error, warning, info] = &self.severities;
        match severity {
            Severity::Error => error,
            Severity::Warning => warning,
            Severity::Info => info,
        }
    }
}

/// The formats of headings, by alignment.
fn headers(sides: Sides) -> [Style; 5] {
    let header = || {
        sides
            .font(9.0)
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
        header().set_align(sides.start).set_indent(1),
        header().set_align(FormatAlign::Center),
        header().set_align(sides.end),
        header().set_align(sides.end).set_indent(2),
    ]
    .map(Style::from)
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
