//! Native charts: they follow the cells when someone changes them.

use questionnaire::put::caption;
use rust_xlsxwriter::{
    Chart, ChartAxisTickType, ChartDataLabel, ChartDataLabelPosition, ChartEmptyCells, ChartFont,
    ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker, ChartMarkerType, ChartPoint,
    ChartSolidFill, ChartType, Color, ObjectMovement,
};

use crate::palette;
use crate::scale::Scale;
use crate::style::FONT;

/// What a bar chart shows and where its cells are.
pub(crate) struct Bars<'a> {
    pub(crate) sheet: &'a str,
    pub(crate) title: &'a str,
    /// What the chart shows, for readers who do not see it.
    pub(crate) alternative: &'a str,
    pub(crate) rows: (u32, u32),
    pub(crate) label_column: u16,
    pub(crate) value_column: u16,
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
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

/// What a chart of several series shows.
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    /// What the chart shows, for readers who do not see it.
    pub(crate) alternative: &'a str,
    /// Stands where a score of the first series is absent.
    pub(crate) absent: &'a str,
    /// What the axis of values runs between; where that is open, the program that draws finds the ends.
    pub(crate) scale: Scale,
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
}

/// A range of cells: sheet, first row and column, last row and column.
pub(crate) type Range<'a> = (&'a str, u32, u16, u32, u16);

/// One series and where its cells are.
pub(crate) struct Series<'a> {
    pub(crate) name: &'a str,
    pub(crate) categories: Range<'a>,
    pub(crate) values: Range<'a>,
}

/// Columns of scores, one series beside the other; the first is that of the economy and bears its
/// numbers. Steps of lightness tell the series apart without colour. `others` are what the other series show.
pub(crate) fn beside(frame: &Frame, series: &[Series], scores: &[Option<f64>], others: &[f64]) -> Chart {
    let mut chart = framed(ChartType::Column, frame);
    let values = || scores.iter().flatten().chain(others).copied();
    for (position, one) in series.iter().enumerate() {
        let colour = palette::SERIES[position.min(palette::SERIES.len() - 1)];
        let mut format = ChartFormat::new();
        format.set_solid_fill(ChartSolidFill::new().set_color(colour));
        format.set_border(ChartLine::new().set_color(palette::MUTED).set_width(0.5));
        let added = chart.add_series();
        added
            .set_categories(one.categories)
            .set_values(one.values)
            .set_name(caption(one.name).as_str())
            .set_format(&mut format);
        added.set_gap(60).set_overlap(0);
        if position == 0 {
            let mut label = ChartDataLabel::new();
            label
                .show_value()
                .set_num_format(frame.scale.format(values()))
                .set_position(ChartDataLabelPosition::OutsideEnd)
                .set_font(&font(7.0));
            added.set_data_label(&label);
            if scores.iter().any(Option::is_none) {
                let labels: Vec<ChartDataLabel> = scores
                    .iter()
                    .map(|score| match score {
                        Some(_) => ChartDataLabel::default(),
                        None => ChartDataLabel::new()
                            .set_value(caption(frame.absent).as_str())
                            .set_font(&font(8.0))
                            .to_custom(),
                    })
                    .collect();
                added.set_custom_data_labels(&labels);
            }
        }
    }
    score_axes(&mut chart, frame.scale);
    let (low, high) = frame.scale.ends_of_bars(values().collect::<Vec<_>>());
    if let Some(low) = low {
        chart.y_axis().set_min(low);
    }
    if let Some(high) = high {
        chart.y_axis().set_max(high);
    }
    chart
}

/// Columns of counts, one series beside the other in steps of lightness, each with its numbers.
pub(crate) fn counts_of(frame: &Frame, series: &[Series]) -> Chart {
    let mut chart = framed(ChartType::Column, frame);
    for (position, one) in series.iter().enumerate() {
        // The latest series is the darkest.
        let colour = palette::SERIES[(series.len() - 1 - position).min(palette::SERIES.len() - 1)];
        let mut format = ChartFormat::new();
        format.set_solid_fill(ChartSolidFill::new().set_color(colour));
        format.set_border(ChartLine::new().set_color(palette::MUTED).set_width(0.5));
        let mut label = ChartDataLabel::new();
        label.show_value().set_position(ChartDataLabelPosition::OutsideEnd).set_font(&font(8.0));
        chart
            .add_series()
            .set_categories(one.categories)
            .set_values(one.values)
            .set_name(caption(one.name).as_str())
            .set_format(&mut format)
            .set_gap(60)
            .set_data_label(&label);
    }
    chart.x_axis().set_font(&font(8.0)).set_format(&mut line(palette::MUTED));
    chart
        .y_axis()
        .set_min(0)
        .set_num_format("0")
        .set_font(&font(8.0))
        .set_major_gridlines_line(ChartLine::new().set_color(palette::RULE).set_width(0.75))
        .set_format(ChartFormat::new().set_no_line());
    if series.len() > 1 {
        chart.legend().set_position(ChartLegendPosition::Bottom);
    } else {
        chart.legend().set_hidden();
    }
    chart
}

/// Lines of scores over waves: the composite thick, the others thin, each with a marker of its own.
pub(crate) fn lines(frame: &Frame, series: &[Series]) -> Chart {
    const MARKERS: [ChartMarkerType; 6] = [
        ChartMarkerType::Circle,
        ChartMarkerType::Square,
        ChartMarkerType::Triangle,
        ChartMarkerType::Diamond,
        ChartMarkerType::X,
        ChartMarkerType::PlusSign,
    ];
    let mut chart = framed(ChartType::Line, frame);
    for (position, one) in series.iter().enumerate() {
        let (colour, width) = if position == 0 { (palette::INK, 2.5) } else { (palette::BAR, 1.0) };
        let mut stroke = ChartLine::new();
        stroke.set_color(colour).set_width(width);
        if position > 0 {
            stroke.set_dash_type(ChartLineDashType::Dash);
        }
        let mut marker = ChartMarker::new();
        marker.set_type(MARKERS[position % MARKERS.len()]).set_size(if position == 0 { 7 } else { 6 });
        let fill = if position == 0 { palette::INK } else { Color::White };
        marker.set_format(
            ChartFormat::new()
                .set_solid_fill(ChartSolidFill::new().set_color(fill))
                .set_border(ChartLine::new().set_color(colour).set_width(1.0)),
        );
        chart
            .add_series()
            .set_categories(one.categories)
            .set_values(one.values)
            .set_name(caption(one.name).as_str())
            .set_format(ChartFormat::new().set_line(&stroke))
            .set_marker(&marker);
    }
    chart.show_empty_cells_as(ChartEmptyCells::Gaps);
    score_axes(&mut chart, frame.scale);
    chart
}

/// The scale at the left, names below, the legend beneath.
fn score_axes(chart: &mut Chart, scale: Scale) {
    chart.x_axis().set_font(&font(8.0)).set_format(&mut line(palette::MUTED));
    chart.x_axis().set_major_tick_type(ChartAxisTickType::None);
    if let Some((low, high)) = scale.ends() {
        chart.y_axis().set_min(low).set_max(high).set_major_unit((high - low) / 4.0);
    }
    chart.y_axis().set_num_format(if scale == Scale::Unit { "0.00" } else { "General" });
    chart
        .y_axis()
        .set_font(&font(8.0))
        .set_major_gridlines_line(ChartLine::new().set_color(palette::RULE).set_width(0.75))
        .set_format(ChartFormat::new().set_no_line());
    chart.legend().set_position(ChartLegendPosition::Bottom).set_font(&font(8.0));
}

fn framed(kind: ChartType, frame: &Frame) -> Chart {
    let mut chart = bare(kind, frame.title, frame.alternative, frame.size);
    chart.legend().set_font(&font(8.0));
    chart
}

fn plain(kind: ChartType, bars: &Bars) -> Chart {
    let mut chart = bare(kind, bars.title, bars.alternative, bars.size);
    chart.legend().set_hidden();
    chart
}

fn bare(kind: ChartType, text: &str, alternative: &str, size: (u32, u32)) -> Chart {
    let mut chart = Chart::new(kind);
    chart.set_width(size.0).set_height(size.1).set_alt_text(caption(alternative));
    chart.set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
    let mut title = font(10.0);
    title.set_bold().set_color(palette::INK);
    chart.title().set_name(caption(text).as_str()).set_font(&title);
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
        .set_name(caption(bars.title).as_str())
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
