//! Files as publishers give them out, recognised by their headings.
//!
//! | arrangement | recognised by | known from |
//! | --- | --- | --- |
//! | a row an economy, a column an index | a heading that is the name of the index | UN e-government survey, ITU tables saved as CSV |
//! | a row an economy and indicator, a column a year | headings `REF_AREA`, `INDICATOR` and years | Data360 `*_WIDEF.csv` |
//! | a row a value | headings `REF_AREA`, `INDICATOR`, `TIME_PERIOD`, `OBS_VALUE` | Data360 and SDMX-CSV |

use std::collections::BTreeSet;

use csv::StringRecord;
use maturity::economy::Economies;
use maturity::normalize::matching_key;
use maturity::spelling::did_you_mean;

use super::{Figure, Scale, TableError, bytes, check_scale, row_error, rows};
use crate::config::ExternalFile;

/// Headings under which publishers put the economy, in the order in which they are trusted.
const ECONOMY: [&str; 11] = [
    "ref_area",
    "economy",
    "country code",
    "iso3",
    "iso code",
    "economy code",
    "code",
    "ref_area_label",
    "country name",
    "country",
    "economy name",
];

/// Headings under which publishers put the year.
const YEAR: [&str; 5] = ["survey year", "time_period", "edition", "year", "date"];

/// What publishers write where there is no value.
const NO_VALUE: [&str; 8] = ["", "-", "--", "..", "n/a", "na", "nan", "null"];

/// What was read from a file.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) figures: Vec<Figure>,
    pub(super) scale: Scale,
    /// Economies of the file that are not in the table of economies.
    pub(super) unmatched: BTreeSet<String>,
}

/// Where things stand in a file.
#[derive(Debug)]
struct Columns {
    economy: usize,
    /// The column of indicators, in files that hold several in rows.
    indicator: Option<usize>,
    year: Option<usize>,
    /// The columns of values, each with its year if the heading is one.
    values: Vec<(usize, Option<u16>)>,
}

/// Reads one index from a file.
pub(super) fn read(file: &ExternalFile, economies: &Economies) -> Result<Read, TableError> {
    let bytes = bytes(&file.path)?;
    let mut reader = rows(&bytes);
    let headings = reader.headers().map_err(|error| row_error(&file.path, &error))?.clone();
    let columns = columns(file, &headings.iter().collect::<Vec<_>>())?;
    let mut figures = Vec::new();
    let mut unmatched = BTreeSet::new();
    let mut indicators = BTreeSet::new();
    for record in reader.records() {
        let record = record.map_err(|error| row_error(&file.path, &error))?;
        let text = |at: usize| record.get(at).unwrap_or_default();
        if let Some(at) = columns.indicator {
            indicators.insert(text(at).to_owned());
            if matching_key(text(at)) != matching_key(called(file)) {
                continue;
            }
        }
        let Ok((economy, _)) = economies.find(text(columns.economy)) else {
            if !text(columns.economy).is_empty() {
                unmatched.insert(text(columns.economy).to_owned());
            }
            continue;
        };
        for (at, year) in &columns.values {
            if NO_VALUE.contains(&text(*at).to_lowercase().as_str()) {
                continue;
            }
            let (edition, value) = figure(file, &columns, &record, *at, *year)?;
            let line = record.position().map_or(0, csv::Position::line);
            figures.push(Figure { line, edition, economy: economy.code.clone(), value });
        }
    }
    if let Some(edition) = file.edition {
        figures.retain(|figure| figure.edition == edition);
    }
    if figures.is_empty() {
        let what = no_value(file, columns.indicator.map(|_| &indicators));
        return Err(TableError::Row { path: file.path.clone(), line: 1, what });
    }
    Ok(Read { scale: scale(file, &figures)?, figures, unmatched })
}

/// Why a file gives nothing: its rows may be of other indicators.
fn no_value(file: &ExternalFile, indicators: Option<&BTreeSet<String>>) -> String {
    let index = &file.index;
    match indicators {
        Some(others) if !others.contains(called(file)) => {
            let some: Vec<&str> = others.iter().map(String::as_str).take(12).collect();
            let (called, listed) = (called(file), some.join(", "));
            let guess = did_you_mean(called, some.iter().copied());
            format!(
                "there is no value of {index}: no row is of the indicator \"{called}\"{guess} (called = one of: {listed})"
            )
        }
        _ => format!("there is no value of {index}"),
    }
}

/// The edition and the value that stand in one cell.
fn figure(
    file: &ExternalFile,
    columns: &Columns,
    record: &StringRecord,
    at: usize,
    year: Option<u16>,
) -> Result<(u16, f64), TableError> {
    let line = record.position().map_or(0, csv::Position::line);
    let wrong = |what: String| TableError::Row { path: file.path.clone(), line, what };
    let text = |at: usize| record.get(at).unwrap_or_default();
    let stated = columns.year.map(text);
    let edition = year
        .or(stated.and_then(as_year))
        .or(file.edition.filter(|_| stated.is_none()))
        .ok_or_else(|| wrong(format!("\"{}\" is not a year", stated.unwrap_or_default())))?;
    let value = text(at).parse::<f64>().ok().filter(|value| value.is_finite());
    let economy = text(columns.economy);
    let value = value.ok_or_else(|| {
        wrong(format!("{} of {economy} is \"{}\", which is no number", file.index, text(at)))
    })?;
    Ok((edition, value))
}

fn called(file: &ExternalFile) -> &str {
    file.called.as_deref().unwrap_or(&file.index)
}

/// The stated scale; without one the file is refused, with what its values look like.
fn scale(file: &ExternalFile, figures: &[Figure]) -> Result<Scale, TableError> {
    let wrong = |what| TableError::Setting { place: file.place.clone(), what };
    let Some(scale) = file.scale else {
        let low = figures.iter().map(|figure| figure.value).fold(f64::INFINITY, f64::min);
        let high = figures.iter().map(|figure| figure.value).fold(f64::NEG_INFINITY, f64::max);
        return Err(wrong(format!(
            "the scale of {} is not stated; its values run from {low} to {high} (write scale = [0, 1] or scale = [0, 100], as its publisher says)",
            file.index
        )));
    };
    check_scale(scale).map_err(wrong)?;
    Ok(scale)
}

/// A year as it stands in a cell or a heading: `2022`, `2022.0`, `2022 [YR2022]`.
fn as_year(text: &str) -> Option<u16> {
    let (digits, rest) = text.split_at_checked(4)?;
    let rest = rest.trim_start();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && (rest.is_empty() || rest == ".0" || rest.starts_with('['))).then(|| digits.parse().ok())?
}

/// Finds the columns by their headings.
fn columns(file: &ExternalFile, headings: &[&str]) -> Result<Columns, TableError> {
    let wrong = |what: String| TableError::Row { path: file.path.clone(), line: 1, what };
    let keys: Vec<String> = headings.iter().map(|heading| matching_key(heading)).collect();
    let find = |name: &str| keys.iter().position(|key| key == name);
    let economy = ECONOMY.iter().find_map(|name| find(name)).ok_or_else(|| {
        wrong(format!("no column names the economy (a heading such as {})", ECONOMY.join(", ")))
    })?;
    let year = YEAR.iter().find_map(|name| find(name));
    let no_year = || TableError::Setting {
        place: file.place.clone(),
        what: format!(
            "{} has no column of years (write edition = and the year of its figures)",
            super::file_name(&file.path)
        ),
    };
    let year_or_edition = || if year.is_none() && file.edition.is_none() { Err(no_year()) } else { Ok(year) };
    if let Some(indicator) = find("indicator") {
        let years: Vec<(usize, Option<u16>)> = headings
            .iter()
            .enumerate()
            .filter_map(|(at, heading)| as_year(heading).map(|year| (at, Some(year))))
            .collect();
        if !years.is_empty() {
            return Ok(Columns { economy, indicator: Some(indicator), year: None, values: years });
        }
        if let Some(value) = find("obs_value") {
            let year = year_or_edition()?;
            return Ok(Columns { economy, indicator: Some(indicator), year, values: vec![(value, None)] });
        }
    }
    let value = find(&matching_key(called(file))).ok_or_else(|| {
        let guess = did_you_mean(called(file), headings.iter().copied());
        let listed = headings.join(", ");
        wrong(format!("no column is called \"{}\"{guess} (called = one of: {listed})", called(file)))
    })?;
    Ok(Columns { economy, indicator: None, year: year_or_edition()?, values: vec![(value, None)] })
}
