//! External indices: figures that other organisations publish, from a table of our own and from files in
//! their publishers' arrangements.
//!
//! Of each index one edition is used for all economies: the pinned one, else the newest that is not later
//! than the wave. A scale is stated, never guessed: a value outside it is refused, and so is a file whose
//! values say that it is on another one. An economy without a value has none; that is not 0.

mod publisher;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use maturity::economy::{Economies, EconomyCode};
use maturity::spelling::{did_you_mean, meant};
use maturity::submission::Wave;
use serde::{Deserialize, Serialize};

use super::{TableError, bytes, no_problems, number, row_error, rows, year};
use crate::config::{ExternalChoice, ExternalFile};

/// The lowest and the highest value of a scale.
pub type Scale = (f64, f64);

/// Where values of external indices come from, and what is asked of them.
#[derive(Debug, Clone)]
pub struct ExternalInputs<'a> {
    /// The long table: `index,edition,economy,value`.
    pub table: Option<&'a Path>,
    /// What is known of the editions in the long table: `index,edition,low,high,source,licence`.
    pub editions: Option<&'a Path>,
    /// Files in their publishers' arrangements.
    pub files: &'a [ExternalFile],
    /// Pinned editions by index.
    pub choices: &'a BTreeMap<String, ExternalChoice>,
    /// The wave.
    pub wave: Wave,
    /// The economies.
    pub economies: &'a Economies,
    /// The framework's indices, each with the scale on which it is scored.
    pub ranges: &'a BTreeMap<&'a str, Scale>,
}

/// One edition of an external index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edition {
    /// The year of the edition.
    pub year: u16,
    /// The scale of the figures as published; they are brought to the framework's scale.
    pub scale: Scale,
    /// Who publishes them, where it is told.
    pub source: Option<String>,
    /// The licence, where it is told.
    pub licence: Option<String>,
    /// The name of the file.
    pub file: String,
}

/// What is used of one external index, and what was to be had.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExternalUse {
    /// The index, e.g. `TII`.
    pub index: String,
    /// The edition that is used; none if there is none that is not later than the wave.
    pub edition: Option<Edition>,
    /// Whether the edition was asked for in the configuration.
    pub pinned: bool,
    /// The years of all editions at hand.
    pub available: Vec<u16>,
    /// How many economies have a value.
    pub values: usize,
    /// The economies that have none.
    pub missing: Vec<EconomyCode>,
    /// Names and codes in the publishers' files that stand for none of the economies, e.g. aggregates.
    pub unmatched: BTreeSet<String>,
}

/// Values of external indices for the economies of one wave.
#[derive(Debug, Clone, Default)]
pub struct ExternalIndices {
    values: BTreeMap<String, BTreeMap<EconomyCode, f64>>,
    uses: BTreeMap<String, ExternalUse>,
}

impl ExternalIndices {
    /// The value of an index for an economy on the framework's scale; absent is not 0.
    pub fn value(&self, index: &str, economy: &EconomyCode) -> Option<f64> {
        self.values.get(index)?.get(economy).copied()
    }

    /// The year of the edition that is used of an index.
    pub fn edition(&self, index: &str) -> Option<u16> {
        self.uses.get(index)?.edition.as_ref().map(|edition| edition.year)
    }

    /// What is used of an index.
    pub fn of(&self, index: &str) -> Option<&ExternalUse> {
        self.uses.get(index)
    }

    /// What is used of every index of the framework, by id.
    pub fn uses(&self) -> impl Iterator<Item = &ExternalUse> {
        self.uses.values()
    }
}

/// One value as it stands in a file, with its line.
#[derive(Debug, Clone)]
struct Figure {
    line: u64,
    edition: u16,
    economy: EconomyCode,
    value: f64,
}

/// All values of one index from one file that share one edition.
#[derive(Debug, Clone)]
struct Batch {
    path: PathBuf,
    edition: Edition,
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalRow {
    index: String,
    edition: String,
    economy: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditionRow {
    index: String,
    edition: String,
    low: String,
    high: String,
    source: String,
    licence: String,
}

/// Reads all external indices that the framework uses.
pub fn external_indices(inputs: &ExternalInputs<'_>) -> Result<ExternalIndices, TableError> {
    for index in inputs.choices.keys() {
        known(inputs, index, "[external]")?;
    }
    let mut batches: BTreeMap<String, Vec<Batch>> = BTreeMap::new();
    let mut unmatched: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if let Some(path) = inputs.table {
        long_table(inputs, path, &mut batches)?;
    }
    for file in inputs.files {
        known(inputs, &file.index, &file.place)?;
        let read = publisher::read(file, inputs.economies)?;
        unmatched.entry(file.index.clone()).or_default().extend(read.unmatched);
        for (edition, figures) in by_edition(read.figures) {
            let edition = Edition {
                year: edition,
                scale: read.scale,
                source: file.source.clone(),
                licence: file.licence.clone(),
                file: file_name(&file.path),
            };
            let batch = Batch { path: file.path.clone(), edition, figures };
            batches.entry(file.index.clone()).or_default().push(batch);
        }
    }
    let mut all = ExternalIndices::default();
    for (index, range) in inputs.ranges {
        let of_index = batches.remove(*index).unwrap_or_default();
        let unmatched = unmatched.remove(*index).unwrap_or_default();
        take(inputs, index, *range, &of_index, unmatched, &mut all)?;
    }
    Ok(all)
}

/// An index that the framework does not have cannot be asked for.
fn known(inputs: &ExternalInputs<'_>, index: &str, place: &str) -> Result<(), TableError> {
    if inputs.ranges.contains_key(index) {
        return Ok(());
    }
    let names: Vec<&str> = inputs.ranges.keys().copied().collect();
    let guess = did_you_mean(index, names.iter().copied());
    let what =
        format!("the framework has no external index \"{index}\"{guess} (it has: {})", names.join(", "));
    Err(TableError::Setting { place: place.to_owned(), what })
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn by_edition(figures: Vec<Figure>) -> BTreeMap<u16, Vec<Figure>> {
    let mut editions: BTreeMap<u16, Vec<Figure>> = BTreeMap::new();
    for figure in figures {
        editions.entry(figure.edition).or_default().push(figure);
    }
    editions
}

/// Reads the long table; an index that the framework does not use is left out, unless it is one that it uses, written
/// otherwise.
fn long_table(
    inputs: &ExternalInputs<'_>,
    path: &Path,
    batches: &mut BTreeMap<String, Vec<Batch>>,
) -> Result<(), TableError> {
    let mut figures: BTreeMap<String, Vec<Figure>> = BTreeMap::new();
    let mut problems: Vec<(u64, String)> = Vec::new();
    let bytes = bytes(path)?;
    let mut reader = rows(&bytes);
    let headers = reader.headers().map_err(|error| row_error(path, &error))?.clone();
    for record in reader.records() {
        let record = record.map_err(|error| row_error(path, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row: ExternalRow = record.deserialize(Some(&headers)).map_err(|error| {
            let TableError::Row { what, .. } = row_error(path, &error) else {
                return row_error(path, &error);
            };
            TableError::Row { path: path.to_owned(), line, what }
        })?;
        if !inputs.ranges.contains_key(row.index.as_str()) {
            problems.extend(misspelled(inputs, &row.index).map(|what| (line, what)));
            continue;
        }
        match figure(inputs, &row, line) {
            Ok(figure) => figures.entry(row.index).or_default().push(figure),
            Err(what) => problems.extend(what.into_iter().map(|what| (line, what))),
        }
    }
    no_problems(path, problems)?;
    let stated = inputs.editions.map(editions).transpose()?;
    for (index, figures) in figures {
        let Some(range) = inputs.ranges.get(index.as_str()) else { continue };
        for (year, figures) in by_edition(figures) {
            let edition = match &stated {
                Some(stated) => stated.get(&(index.clone(), year)).cloned().ok_or_else(|| {
                    let what = format!(
                        "{index} {year} stands in {} but not here (add a row with its scale, source and licence)",
                        file_name(path)
                    );
                    let path = inputs.editions.unwrap_or(path).to_owned();
                    TableError::Row { path, line: 1, what }
                })?,
                None => Edition { year, scale: *range, source: None, licence: None, file: String::new() },
            };
            let edition = Edition { file: file_name(path), ..edition };
            batches.entry(index.clone()).or_default().push(Batch { path: path.to_owned(), edition, figures });
        }
    }
    Ok(())
}

/// What a row says, or everything that is wrong with it.
fn figure(inputs: &ExternalInputs<'_>, row: &ExternalRow, line: u64) -> Result<Figure, Vec<String>> {
    let economy = inputs.economies.find(&row.economy).map(|(economy, _)| economy.code.clone());
    let economy =
        economy.map_err(|_| format!("the economy \"{}\" is not in the table of economies", row.economy));
    match (economy, year("edition", &row.edition), number("value", &row.value)) {
        (Ok(economy), Ok(edition), Ok(value)) => Ok(Figure { line, edition, economy, value }),
        (economy, edition, value) => {
            Err([economy.err(), edition.err(), value.err()].into_iter().flatten().collect())
        }
    }
}

/// An index of the framework that is written otherwise: its values would be missed by everybody.
fn misspelled(inputs: &ExternalInputs<'_>, index: &str) -> Option<String> {
    let name = meant(index, inputs.ranges.keys().copied())?;
    Some(format!("the framework has no external index \"{index}\", did you mean \"{name}\"?"))
}

/// Reads what is known of the editions.
fn editions(path: &Path) -> Result<BTreeMap<(String, u16), Edition>, TableError> {
    let bytes = bytes(path)?;
    let mut all = BTreeMap::new();
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    for (line, row) in (2_u64..).zip(rows(&bytes).deserialize()) {
        let row: EditionRow = row.map_err(|error| row_error(path, &error))?;
        let wrong = |what: String| TableError::Row { path: path.to_owned(), line, what };
        let year = year("edition", &row.edition).map_err(wrong)?;
        let low = number("low", &row.low).map_err(wrong)?;
        let scale = (low, number("high", &row.high).map_err(wrong)?);
        check_scale(scale).map_err(wrong)?;
        let edition = Edition {
            year,
            scale,
            source: text(row.source),
            licence: text(row.licence),
            file: String::new(),
        };
        if all.insert((row.index.clone(), year), edition).is_some() {
            return Err(wrong(format!("{} {year} stands there twice", row.index)));
        }
    }
    Ok(all)
}

/// A scale has a lowest and a higher highest value, both finite.
fn check_scale((low, high): Scale) -> Result<(), String> {
    if low.is_finite() && high.is_finite() && low < high {
        return Ok(());
    }
    Err(format!("the scale {low} to {high} is none (the lowest value comes first and is below the highest)"))
}

/// Checks every edition of an index, chooses one, and takes its values over onto the framework's scale.
fn take(
    inputs: &ExternalInputs<'_>,
    index: &str,
    range: Scale,
    batches: &[Batch],
    unmatched: BTreeSet<String>,
    all: &mut ExternalIndices,
) -> Result<(), TableError> {
    let mut editions: BTreeMap<u16, &Batch> = BTreeMap::new();
    for batch in batches {
        check_values(index, batch)?;
        let year = batch.edition.year;
        if let Some(other) = editions.insert(year, batch) {
            let what = format!(
                "the edition {year} of {index} stands in {} and in {} (keep one of them)",
                other.edition.file, batch.edition.file
            );
            return Err(TableError::Row { path: batch.path.clone(), line: 1, what });
        }
    }
    let pin = inputs.choices.get(index).map(|choice| choice.edition);
    let chosen = match pin {
        Some(year) => Some(*editions.get(&year).ok_or_else(|| {
            let known: Vec<String> = editions.keys().map(ToString::to_string).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            TableError::Setting {
                place: format!("[external.{index}]"),
                what: format!("there is no edition {year} of {index} (there is: {known})"),
            }
        })?),
        None => editions.range(..=inputs.wave.0).next_back().map(|(_, batch)| *batch),
    };
    let mut values = BTreeMap::new();
    for figure in chosen.map(|batch| batch.figures.as_slice()).unwrap_or_default() {
        let scale = chosen.map_or(range, |batch| batch.edition.scale);
        values.insert(figure.economy.clone(), converted(figure.value, scale, range));
    }
    let missing = inputs.economies.iter().map(|economy| &economy.code);
    let missing: Vec<EconomyCode> = missing.filter(|code| !values.contains_key(code)).cloned().collect();
    let used = ExternalUse {
        index: index.to_owned(),
        edition: chosen.map(|batch| batch.edition.clone()),
        pinned: pin.is_some(),
        available: editions.keys().copied().collect(),
        values: values.len(),
        missing,
        unmatched,
    };
    all.values.insert(index.to_owned(), values);
    all.uses.insert(index.to_owned(), used);
    Ok(())
}

/// Brings a value from one scale to another; bit for bit the same where the scales are equal.
fn converted(value: f64, from: Scale, to: Scale) -> f64 {
    if from == to {
        return value;
    }
    to.0 + (value - from.0) / (from.1 - from.0) * (to.1 - to.0)
}

/// Refuses values outside the stated scale, values that say that the file is on another one, and economies
/// that stand there twice.
fn check_values(index: &str, batch: &Batch) -> Result<(), TableError> {
    let (low, high) = batch.edition.scale;
    let mut seen = BTreeSet::new();
    for figure in &batch.figures {
        let wrong = |what| TableError::Row { path: batch.path.clone(), line: figure.line, what };
        if !figure.value.is_finite() || figure.value < low || figure.value > high {
            return Err(wrong(format!(
                "{index} of {} is {}, outside its scale of {low} to {high} (state the scale that the file is on: {})",
                figure.economy,
                figure.value,
                hint(batch)
            )));
        }
        if !seen.insert(&figure.economy) {
            return Err(wrong(format!(
                "{index} {} of {} stands there twice",
                figure.edition, figure.economy
            )));
        }
    }
    let highest = batch.figures.iter().map(|figure| figure.value).fold(f64::NEG_INFINITY, f64::max);
    // All values in the lowest hundredth of the scale: shares in a file that is said to hold percentages.
    if high > 1.0 && low >= 0.0 && highest > low && highest <= 1.0 {
        let what = format!(
            "no value of {index} {} is above {highest}, though its scale is said to be {low} to {high} (if the file is on 0 to 1, write {})",
            batch.edition.year,
            hint(batch)
        );
        return Err(TableError::Row { path: batch.path.clone(), line: 1, what });
    }
    Ok(())
}

/// What to write where to state another scale.
fn hint(batch: &Batch) -> String {
    let highest = batch.figures.iter().map(|figure| figure.value).fold(f64::NEG_INFINITY, f64::max);
    let top = if highest <= 1.0 { 1 } else { 100 };
    format!(
        "scale = [0, {top}] at its [[external_file]], or low = 0 and high = {top} in the table of editions"
    )
}

#[cfg(test)]
mod tests;
