//! The floor of `just bench`: the same library calls as a whole run makes, and nothing else.
//!
//! Every cell of every questionnaire is streamed through calamine and thrown away; every report is written again by
//! `rust_xlsxwriter`: each cell with its value or formula and its format (as many formats as the report has), heights and
//! widths, joined cells, two charts. Nothing is checked, understood, scored or kept. Left out are what a sheet has a few
//! of: bars in cells, lists of choices, footers, the set-up of pages. Looking the reports up beforehand is not counted.
//!
//! `floor QUESTIONNAIRES REPORTS OUT` prints the processor seconds of both halves as JSON.

#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    reason = "the floor is the libraries' own calls, without what the project adds"
)]
#![expect(clippy::print_stdout, reason = "its result goes to the terminal")]

mod known;

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx};
use rayon::prelude::*;
use rust_xlsxwriter::{Chart, ChartType, Format, FormatBorder, Formula, Workbook, Worksheet};
use rustix::time::{ClockId, clock_gettime};

use known::{Cell, Content, Report};

type Failure = Box<dyn Error + Send + Sync>;

/// As the pipeline packs its files.
const PACKING: u8 = 3;

fn main() -> Result<(), Failure> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(questionnaires), Some(reports), Some(out)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: floor QUESTIONNAIRES REPORTS OUT".into());
    };
    fs::create_dir_all(&out)?;
    let begun = seconds();
    let read =
        workbooks(&questionnaires)?.par_iter().map(|path| stream(path)).sum::<Result<u64, Failure>>()?;
    let reading = seconds() - begun;

    let reports = workbooks(&reports)?;
    let mut writing = 0.0;
    let mut written = 0;
    // In batches, as the pipeline does: the cells of all reports at once would take a gigabyte.
    for batch in reports.chunks(32) {
        let known = batch.par_iter().map(|path| known::look_up(path)).collect::<Result<Vec<_>, Failure>>()?;
        let begun = seconds();
        written += batch
            .par_iter()
            .zip(&known)
            .map(|(path, report)| write(report, &out.join(path.file_name().unwrap_or_default())))
            .sum::<Result<u64, Failure>>()?;
        writing += seconds() - begun;
    }
    println!(
        "{}",
        serde_json::json!({ "reading": reading, "cells_read": read, "writing": writing, "cells_written": written })
    );
    Ok(())
}

/// The processor time of the program so far, in seconds.
fn seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    // Seconds and nanoseconds of a program that runs for minutes are exact in an f64.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let seconds = now.tv_sec as f64 + now.tv_nsec as f64 / 1e9;
    seconds
}

fn workbooks(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "xlsx") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Streams all cells of a workbook; gives their number.
fn stream(path: &Path) -> Result<u64, Failure> {
    let mut book = Xlsx::new(BufReader::new(File::open(path)?))?;
    let mut cells = 0;
    for name in book.sheet_names() {
        let mut reader = book.worksheet_cells_reader(&name)?;
        while reader.next_cell()?.is_some() {
            cells += 1;
        }
    }
    Ok(cells)
}

/// Writes a report; gives the number of its cells.
fn write(report: &Report, path: &Path) -> Result<u64, Failure> {
    let mut book = Workbook::new();
    book.set_zip_compression_level(PACKING);
    let formats: Vec<Format> =
        (0..).zip(&report.formats).map(|(at, of_numbers)| format(at, *of_numbers)).collect();
    let mut cells = 0;
    for (position, sheet) in report.sheets.iter().enumerate() {
        let page = book.add_worksheet();
        page.set_name(&sheet.name)?;
        for (column, width) in &sheet.widths {
            page.set_column_width(*column, *width)?;
        }
        for (row, height) in &sheet.heights {
            page.set_row_height(*row, *height)?;
        }
        page.set_freeze_panes(4, 1)?;
        for (row, first, last) in &sheet.joined {
            page.merge_range(*row, *first, *row, *last, "", formats.first().ok_or("no format")?)?;
        }
        for cell in &sheet.cells {
            write_cell(page, cell, formats.get(cell.format).ok_or("no such format")?)?;
            cells += 1;
        }
        if position == 0 {
            for (row, kind, series) in [(16, ChartType::Column, 4), (34, ChartType::Line, 5)] {
                let mut chart = Chart::new(kind);
                for column in 1..=series {
                    let name = sheet.name.as_str();
                    let added = chart.add_series();
                    added.set_categories((name, 8, 0, 11, 0)).set_values((name, 8, column, 11, column));
                }
                page.insert_chart(row, 0, &chart)?;
            }
        }
    }
    fs::write(path, book.save_to_buffer()?)?;
    Ok(cells)
}

/// A format that is unlike the others.
fn format(at: u32, of_numbers: bool) -> Format {
    let format = Format::new().set_font_name("Arial").set_font_size(9).set_border_bottom(FormatBorder::Hair);
    let format = format.set_background_color(0x00F0_F000 + at);
    if of_numbers { format.set_num_format("0.000") } else { format.set_text_wrap() }
}

fn write_cell(page: &mut Worksheet, cell: &Cell, format: &Format) -> Result<(), Failure> {
    let (row, column) = (cell.row, cell.column);
    match &cell.content {
        Content::Nothing => page.write_blank(row, column, format)?,
        Content::Text(value) => page.write_string_with_format(row, column, value, format)?,
        Content::Number(value) => page.write_number_with_format(row, column, *value, format)?,
        Content::Formula(formula, value) => {
            let formula = Formula::new(formula).set_result(value.to_string());
            page.write_formula_with_format(row, column, formula, format)?
        }
    };
    Ok(())
}
