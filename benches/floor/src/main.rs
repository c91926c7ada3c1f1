//! The floor of `just bench`: the same library calls as a whole run makes, and nothing else.
//!
//! Every cell of every questionnaire is streamed through calamine and thrown away; the cells of every report are
//! written again by `rust_xlsxwriter`, with formats, widths, formulas and two charts. Nothing is checked, understood,
//! scored or kept. Looking the reports' cells up beforehand is not counted.
//!
//! `floor QUESTIONNAIRES REPORTS OUT` prints the processor seconds of both halves as JSON.

#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    reason = "the floor is the libraries' own calls, without what the project adds"
)]
#![expect(clippy::print_stdout, reason = "its result goes to the terminal")]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx};
use rayon::prelude::*;
use rust_xlsxwriter::{Chart, ChartType, Format, FormatBorder, Formula, Workbook};
use rustix::time::{ClockId, clock_gettime};

type Failure = Box<dyn Error + Send + Sync>;

/// As the pipeline packs its files.
const PACKING: u8 = 3;

/// One sheet of a report.
struct Sheet {
    name: String,
    cells: Vec<(u32, u16, Content)>,
}

/// What a cell holds.
enum Content {
    Text(String),
    Number(f64),
    Formula(String, f64),
}

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
        let known = batch.par_iter().map(|path| look_up(path)).collect::<Result<Vec<_>, Failure>>()?;
        let begun = seconds();
        written += batch
            .par_iter()
            .zip(&known)
            .map(|(path, sheets)| write(sheets, &out.join(path.file_name().unwrap_or_default())))
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

/// The cells of a report.
fn look_up(path: &Path) -> Result<Vec<Sheet>, Failure> {
    let mut book = Xlsx::new(BufReader::new(File::open(path)?))?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let values = book.worksheet_range(&name)?;
        let formulas = book.worksheet_formula(&name)?;
        let start = values.start().unwrap_or_default();
        let mut cells = Vec::new();
        for (row, column, value) in values.used_cells() {
            let at = (start.0 + u32::try_from(row)?, start.1 + u32::try_from(column)?);
            let formula = formulas.get_value(at).filter(|formula| !formula.is_empty());
            let content = match (value, formula) {
                (Data::Float(number), Some(formula)) => Content::Formula(format!("={formula}"), *number),
                (Data::Float(number), None) => Content::Number(*number),
                (other, _) => Content::Text(other.to_string()),
            };
            cells.push((at.0, u16::try_from(at.1)?, content));
        }
        sheets.push(Sheet { name, cells });
    }
    Ok(sheets)
}

/// Writes a report; gives the number of its cells.
fn write(sheets: &[Sheet], path: &Path) -> Result<u64, Failure> {
    let mut book = Workbook::new();
    book.set_zip_compression_level(PACKING);
    let plain =
        || Format::new().set_font_name("Arial").set_font_size(9).set_border_bottom(FormatBorder::Hair);
    let text = plain().set_text_wrap();
    let number = plain().set_num_format("0.000");
    let mut cells = 0;
    for (position, sheet) in sheets.iter().enumerate() {
        let page = book.add_worksheet();
        page.set_name(&sheet.name)?;
        for column in 0..14 {
            page.set_column_width(column, 18)?;
        }
        page.set_freeze_panes(4, 1)?;
        for (row, column, content) in &sheet.cells {
            match content {
                Content::Text(value) => page.write_string_with_format(*row, *column, value, &text)?,
                Content::Number(value) => page.write_number_with_format(*row, *column, *value, &number)?,
                Content::Formula(formula, value) => {
                    let formula = Formula::new(formula).set_result(value.to_string());
                    page.write_formula_with_format(*row, *column, formula, &number)?
                }
            };
            cells += 1;
        }
        if position == 0 {
            for (row, kind) in [(16, ChartType::Column), (34, ChartType::Line)] {
                let mut chart = Chart::new(kind);
                chart.add_series().set_categories((sheet.name.as_str(), 8, 0, 11, 0)).set_values((
                    sheet.name.as_str(),
                    8,
                    2,
                    11,
                    2,
                ));
                page.insert_chart(row, 0, &chart)?;
            }
        }
    }
    fs::write(path, book.save_to_buffer()?)?;
    Ok(cells)
}
