//! Native charts: they follow the cells when someone changes them.

use rust_xlsxwriter::{
    Chart, ChartAxisTickType, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat, ChartLine,
    ChartPoint, ChartSolidFill, ChartType, Color, ObjectMovement,
};

use crate::palette;
use crate::style::FONT;

/// What a bar chart shows and where its cells are.
pub(crate) struct Bars<'a> {
    pub(crate) sheet: &'a str,
    pub(crate) title: &'a str,
    /// What the chart shows, for readers who do not see it.
    pub(crate) alternative: &'a str,
    /// Stands where a score is absent.
    pub(crate) absent: &'a str,
    pub(crate) rows: (u32, u32),
    pub(crate) label_column: u16,
    pub(crate) value_column: u16,
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
}

/// Horizontal bars of scores from 0 to 1. An absent score has no bar and says so: its cell holds text, which
/// spreadsheets would draw as 0.
pub(crate) fn scores(bars: &Bars, scores: &[Option<f64>]) -> Chart {
    let mut chart = plain(ChartType::Bar, bars);
    let mut label = ChartDataLabel::new();
    label
        .show_value()
        .set_num_format("0.000")
        .set_position(ChartDataLabelPosition::OutsideEnd)
        .set_font(&font(9.0));
    let series = add_series(&mut chart, bars, &label);
    series.set_gap(55);
    if scores.iter().any(Option::is_none) {
        let labels: Vec<ChartDataLabel> = scores
            .iter()
            .map(|score| match score {
                Some(_) => ChartDataLabel::default(),
                None => ChartDataLabel::new().set_value(bars.absent).set_font(&font(9.0)).to_custom(),
            })
            .collect();
        series.set_custom_data_labels(&labels);
    }
    // In bar charts the library calls the upright axis, the one with the categories, the y axis.
    chart
        .y_axis()
        .set_reverse()
        .set_font(&font(9.0))
        .set_format(&mut line(palette::MUTED))
        .set_major_gridlines(false);
    chart.y_axis().set_major_tick_type(ChartAxisTickType::None);
    chart
        .x_axis()
        .set_min(0)
        .set_max(1)
        .set_major_unit(0.25)
        .set_num_format("0.00")
        .set_font(&font(8.0))
        .set_major_gridlines_line(ChartLine::new().set_color(palette::RULE).set_width(0.75))
        .set_format(ChartFormat::new().set_no_line())
        .set_label_position(rust_xlsxwriter::ChartAxisLabelPosition::High);
    chart
}

/// Columns of counts, one for each maturity group in its colour.
pub(crate) fn counts(bars: &Bars) -> Chart {
    let mut chart = plain(ChartType::Column, bars);
    let mut label = ChartDataLabel::new();
    label.show_value().set_position(ChartDataLabelPosition::OutsideEnd).set_font(&font(9.0));
    let groups = usize::try_from(bars.rows.1 - bars.rows.0 + 1).unwrap_or(1);
    let points: Vec<ChartPoint> = (0..groups)
        .map(|position| {
            let mut format = ChartFormat::new();
            format.set_solid_fill(ChartSolidFill::new().set_color(palette::group(position, groups).0));
            // The lightest step needs an outline on white paper.
            format.set_border(ChartLine::new().set_color(palette::MUTED).set_width(0.5));
            ChartPoint::new().set_format(&mut format)
        })
        .collect();
    let series = add_series(&mut chart, bars, &label);
    series.set_gap(60).set_points(&points);
    chart.x_axis().set_font(&font(9.0)).set_format(&mut line(palette::MUTED));
    chart
        .y_axis()
        .set_min(0)
        .set_num_format("0")
        .set_font(&font(8.0))
        .set_major_gridlines_line(ChartLine::new().set_color(palette::RULE).set_width(0.75))
        .set_format(ChartFormat::new().set_no_line());
    chart
}

fn plain(kind: ChartType, bars: &Bars) -> Chart {
    let mut chart = Chart::new(kind);
    chart.set_width(bars.size.0).set_height(bars.size.1).set_alt_text(bars.alternative);
    chart.set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
    let mut title = font(10.0);
    title.set_bold().set_color(palette::INK);
    chart.title().set_name(bars.title).set_font(&title);
    chart.legend().set_hidden();
    chart.chart_area().set_format(ChartFormat::new().set_border(ChartLine::new().set_color(palette::RULE)));
    chart
}

fn add_series<'c>(
    chart: &'c mut Chart,
    bars: &Bars,
    label: &ChartDataLabel,
) -> &'c mut rust_xlsxwriter::ChartSeries {
    let (first, last) = bars.rows;
    chart
        .add_series()
        .set_categories((bars.sheet, first, bars.label_column, last, bars.label_column))
        .set_values((bars.sheet, first, bars.value_column, last, bars.value_column))
        .set_name(bars.title)
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(palette::BAR)))
        .set_data_label(label)
}

fn font(size: f64) -> ChartFont {
    let mut font = ChartFont::new();
    font.set_name(FONT).set_size(size).set_color(palette::TEXT).unset_bold();
    font
}

fn line(colour: Color) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_line(ChartLine::new().set_color(colour).set_width(0.75));
    format
}
