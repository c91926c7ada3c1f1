//! The tables of figures that a run needs beside the framework: economies, external indices, published scores.

mod classification;
mod external;
mod focal_points;
mod previous;
mod published;
#[cfg(test)]
mod testing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use maturity::answer::Answer;
use maturity::economy::{Economies, Economy, EconomyCode};
use maturity::framework::{Framework, Kind};
use maturity::id::Id;
use maturity::language::column_language;
use maturity::normalize::matching_key;
use maturity::submission::Collected;
use serde::Deserialize;

use crate::hash::sha256;

pub use classification::classify;
pub use external::{Edition, ExternalIndices, ExternalInputs, ExternalUse, Scale, external_indices};
pub use focal_points::{FocalPoint, focal_points};
pub use previous::{PreviousTables, previous_answers};
pub use published::{PublishedScores, published_scores};

/// The coded answers of one economy as they were published.
#[derive(Debug, Clone)]
pub struct CodedAnswers {
    /// The line of the table.
    pub line: u64,
    /// The economy.
    pub economy: EconomyCode,
    /// Who collected them.
    pub collected: Option<Collected>,
    /// The text of each answer by question; marks for "no answer" are left out.
    pub answers: BTreeMap<Id, String>,
}

impl CodedAnswers {
    /// The answers by the kinds of their questions. What does not fit its question stays as text: dirt is part of
    /// a real wave.
    pub fn decoded(&self, framework: &Framework) -> BTreeMap<Id, Answer> {
        let decode = |(id, text): (&Id, &String)| {
            let answer = match &framework.question(id)?.kind {
                Kind::SelectOne(_) => Answer::Choice(text.clone()),
                Kind::SelectMultiple(_) => {
                    Answer::Choices(text.split(',').map(|code| code.trim().to_owned()).collect())
                }
                Kind::Integer | Kind::Decimal => {
                    text.parse().map_or_else(|_| Answer::Text(text.clone()), Answer::Number)
                }
                Kind::Text => Answer::Text(text.clone()),
                Kind::External(_) => return None,
            };
            Some((id.clone(), answer))
        };
        self.answers.iter().filter_map(decode).collect()
    }
}

/// A table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("failed to read {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A row is wrong.
    #[error("{}:{line}: {what}", .path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong and what is expected.
        what: String,
    },
    /// Several rows are wrong.
    #[error("{} problems in {}{}", .rows.len(), .path.display(), listed(.rows))]
    Rows {
        /// The file.
        path: PathBuf,
        /// Line, and what is wrong and what is expected; in the order of the file.
        rows: Vec<(u64, String)>,
    },
    /// What the configuration asks of a table cannot be had.
    #[error("{place}: {what}")]
    Setting {
        /// File and line, or the section.
        place: String,
        /// What is wrong and what is expected.
        what: String,
    },
}

/// A line for each problem, and how many more there are.
fn listed(rows: &[(u64, String)]) -> String {
    /// The rest is counted: a wrong separator is wrong in every row.
    const LISTED: usize = 20;
    let lines = rows.iter().take(LISTED).map(|(line, what)| format!("\n  line {line}: {what}"));
    let more = rows.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| format!("\n  and {more} more"));
    lines.chain(more).collect::<Vec<String>>().concat()
}

/// Nothing, or what is wrong with the rows of a file.
fn no_problems(path: &Path, mut rows: Vec<(u64, String)>) -> Result<(), TableError> {
    let path = path.to_owned();
    match rows.len() {
        0 => Ok(()),
        1 => {
            let (line, what) = rows.remove(0);
            Err(TableError::Row { path, line, what })
        }
        _ => Err(TableError::Rows { path, rows }),
    }
}

/// A cell that is to hold a number.
fn number(column: &str, text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| {
        let guess = match text.replace(',', ".").parse::<f64>() {
            Ok(_) if text.contains(',') => {
                format!(" (decimals stand behind a point: {})", text.replace(',', "."))
            }
            _ if text.is_empty() => " (leave the row out where there is no value)".to_owned(),
            _ => " (digits, with a point for decimals)".to_owned(),
        };
        format!("{column} is \"{text}\", which is no number{guess}")
    })
}

/// A cell that is to hold a year.
fn year(column: &str, text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{column} is \"{text}\", which is no year (four digits, e.g. 2022)"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EconomyRow {
    code: String,
    name: String,
    /// Of a city or an agency there is none of what follows.
    #[serde(default)]
    iso3: String,
    #[serde(default)]
    iso2: String,
    #[serde(default)]
    other_codes: String,
    #[serde(default)]
    other_names: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    income: String,
    /// The date or year of the classification by region and income group.
    #[serde(default)]
    classified: String,
}

pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, TableError> {
    fs::read(path).map_err(|source| TableError::Read { path: path.to_owned(), source })
}

pub(crate) fn rows(bytes: &[u8]) -> csv::Reader<Cursor<Cow<'_, [u8]>>> {
    // Some publishers' programs put a byte order mark in front; it is no part of the first heading.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    // The library counts a line end of two characters in the line behind it.
    let bytes = if bytes.windows(2).any(|two| two == b"\r\n") {
        let mut plain = bytes.to_vec();
        let mut behind = bytes.iter().skip(1).chain(std::iter::once(&0));
        plain.retain(|byte| (*byte, behind.next()) != (b'\r', Some(&b'\n')));
        Cow::Owned(plain)
    } else {
        Cow::Borrowed(bytes)
    };
    csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(Cursor::new(bytes))
}

pub(crate) fn row_error(path: &Path, error: &csv::Error) -> TableError {
    let line = error.position().map_or(1, csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let message = err.kind().to_string();
            if message.starts_with("unknown field `") && message.contains(';') {
                let what = "the columns are separated by semicolons (save the table as CSV with commas)";
                return TableError::Row { path: path.to_owned(), line: 1, what: what.to_owned() };
            }
            let guess = maturity::spelling::did_you_mean_field(&message);
            err.field().map_or_else(|| message.clone(), |field| format!("column {}: {message}", field + 1))
                + &guess
        }
        csv::ErrorKind::Utf8 { .. } => {
            "the row is not in UTF-8 (save the table as UTF-8, in Excel as \"CSV UTF-8\")".to_owned()
        }
        _ => error.to_string(),
    };
    TableError::Row { path: path.to_owned(), line, what }
}

fn list(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether a code is fit to name files below a folder: reports, returns and questionnaires are named by it.
fn names_files(code: &str) -> bool {
    code.starts_with(char::is_alphanumeric)
        && code.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Reads the table of economies; also gives the hash of its file.
pub fn economies(path: &Path) -> Result<(Economies, String), TableError> {
    let bytes = bytes(path)?;
    let mut economies = Vec::new();
    let mut vintage = None;
    let mut reader = rows(&bytes);
    let headings = reader.headers().map_err(|error| row_error(path, &error))?.clone();
    let is_name = |heading: &str| matches!(column_language(heading), ("name", Some(_)));
    let plain: StringRecord = headings.iter().filter(|heading| !is_name(heading)).collect();
    for (line, record) in (2_u64..).zip(reader.records()) {
        let record = record.map_err(|error| row_error(path, &error))?;
        let cells = || headings.iter().zip(&record);
        let mut of_plain: StringRecord =
            cells().filter(|(heading, _)| !is_name(heading)).map(|(_, cell)| cell).collect();
        of_plain.set_position(record.position().cloned());
        let row: EconomyRow = of_plain.deserialize(Some(&plain)).map_err(|error| row_error(path, &error))?;
        let translated = cells().filter(|(heading, name)| is_name(heading) && !name.is_empty());
        let names =
            translated.filter_map(|(heading, name)| Some((column_language(heading).1?, name.to_owned())));
        classification::same_vintage(path, line, &mut vintage, &row.classified)?;
        if !names_files(&row.code) {
            let what = format!(
                "the code \"{}\" cannot be the name of a file; use letters, digits, \"-\" and \"_\"",
                row.code
            );
            return Err(TableError::Row { path: path.to_owned(), line, what });
        }
        if row.name.is_empty() {
            let what =
                format!("the economy {} has no name (enter the one that reports and tables show)", row.code);
            return Err(TableError::Row { path: path.to_owned(), line, what });
        }
        economies.push(Economy {
            code: EconomyCode::new(&row.code),
            name: row.name,
            names: names.collect(),
            iso3: row.iso3,
            iso2: row.iso2,
            other_codes: list(&row.other_codes),
            other_names: list(&row.other_names),
            region: row.region,
            income: row.income,
        });
    }
    let (economies, doubled) = Economies::new(economies);
    if doubled.is_empty() {
        let vintage = vintage.filter(|vintage| !vintage.is_empty());
        return Ok((economies.classified_as_of(vintage), sha256(&bytes)));
    }
    Err(TableError::Rows { path: path.to_owned(), rows: claimed(&bytes, &doubled) })
}

/// The lines that name each of the codes and names that two economies claim.
fn claimed(bytes: &[u8], doubled: &[String]) -> Vec<(u64, String)> {
    let records: Vec<StringRecord> = rows(bytes).records().flatten().collect();
    let names = |record: &StringRecord, name: &str| {
        record.iter().flat_map(|cell| cell.split(';')).any(|part| matching_key(part) == matching_key(name))
    };
    let told = |name: &String| {
        let lines: Vec<u64> =
            (2_u64..).zip(&records).filter(|(_, record)| names(record, name)).map(|(line, _)| line).collect();
        let others: Vec<String> = lines.iter().skip(1).map(u64::to_string).collect();
        let what = format!(
            "\"{name}\" stands for another economy, too (line {}): each code and name belongs to one (add to the name what tells them apart, such as the state in brackets)",
            others.join(", ")
        );
        (lines.first().copied().unwrap_or(1), what)
    };
    doubled.iter().map(told).collect()
}

/// A table of coded answers, whose economies are understood one by one: there may be many thousands.
#[derive(Debug)]
pub struct CodedTable<'a> {
    path: &'a Path,
    framework: &'a Framework,
    economies: &'a Economies,
    bytes: Vec<u8>,
}

impl<'a> CodedTable<'a> {
    /// Reads the file.
    pub fn read(
        path: &'a Path,
        framework: &'a Framework,
        economies: &'a Economies,
    ) -> Result<Self, TableError> {
        Ok(Self { path, framework, economies, bytes: bytes(path)? })
    }

    /// Its rows: columns `economy`, `collected`, and one for each question of the framework.
    pub fn rows(&self) -> Result<impl Iterator<Item = Result<CodedAnswers, TableError>>, TableError> {
        let mut reader = rows(&self.bytes);
        let headings = reader.headers().map_err(|error| row_error(self.path, &error))?.clone();
        let questions: Vec<Option<Id>> = headings
            .iter()
            .map(|heading| Some(Id::from(heading)).filter(|id| self.framework.question(id).is_some()))
            .collect();
        Ok(reader.into_records().map(move |record| {
            let record = record.map_err(|error| row_error(self.path, &error))?;
            self.row(&headings, &questions, &record)
        }))
    }

    fn row(
        &self,
        headings: &csv::StringRecord,
        questions: &[Option<Id>],
        record: &csv::StringRecord,
    ) -> Result<CodedAnswers, TableError> {
        let line = record.position().map_or(0, csv::Position::line);
        let column = |name: &str| headings.iter().position(|heading| heading == name);
        let text = |name: &str| column(name).and_then(|at| record.get(at)).unwrap_or_default();
        let Ok((economy, _)) = self.economies.find(text("economy")) else {
            let what = format!("the economy \"{}\" is not in the table of economies", text("economy"));
            return Err(TableError::Row { path: self.path.to_owned(), line, what });
        };
        let answers = questions
            .iter()
            .zip(record)
            .filter(|(_, text)| !text.is_empty() && !self.framework.is_missing_mark(text))
            .filter_map(|(id, text)| id.clone().map(|id| (id, text.to_owned())))
            .collect();
        let collected = Collected::parse(text("collected"));
        Ok(CodedAnswers { line, economy: economy.code.clone(), collected, answers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(table: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("economies.csv");
        fs::write(&path, table).unwrap();
        economies(&path).map_or_else(|error| error.to_string(), |(all, _)| format!("{} economies", all.len()))
    }

    #[test]
    fn a_code_that_would_lead_out_of_a_folder_is_refused() {
        let of = |code: &str| {
            told(&format!("code,name,iso3,iso2,other_codes,other_names,region,income\r\n{code},A,,,,,,\r\n"))
        };
        for code in ["KEN", "BR-SP", "X_1", "É.2"] {
            assert_eq!(of(code), "1 economies", "{code}");
        }
        for code in ["../../ESC", "B/B", "B\\B", ".", "..", "", "C:D", "-x"] {
            assert!(of(code).contains("cannot be the name of a file"), "{code}: {}", of(code));
        }
    }

    #[test]
    fn a_table_of_cities_needs_codes_and_names_and_mistakes_are_told_with_their_lines() {
        assert_eq!(told("code,name\nA,Aa\nB,Bb\n"), "2 economies");
        let found = told("code,name\nA,Aa\nB, \u{a0}\n");
        assert!(found.contains("economies.csv:3: the economy B has no name"), "{found}");
        let found = told("code;name\nA;Aa\n");
        assert!(
            found
                .ends_with(":1: the columns are separated by semicolons (save the table as CSV with commas)")
        );
        let found = told("code,name,other_names\nA,Bom Jesus,\nB,Other,\nC,Third,bom jesus;x\n");
        assert!(found.contains("2: \"bom jesus\" stands for another economy, too (line 4)"), "{found}");
    }

    #[test]
    fn names_stand_in_the_columns_of_their_languages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("economies.csv");
        let table = "code,iso3,iso2,name,name::French (fr),other_codes,other_names,region,income,name::es\n\
                     DEU,DEU,DE,Germany,Allemagne,,,ECA,H,\nESP,ESP,ES,Spain,Espagne,,,ECA,H,España\n";
        fs::write(&path, table).unwrap();
        let (all, _) = economies(&path).unwrap();
        let germany = all.get(&EconomyCode::new("DEU")).unwrap();
        let name = |tag: &str| germany.name_in(&maturity::language::Language::new(tag)).to_owned();
        assert_eq!(
            (name("en"), name("fr"), name("es")),
            ("Germany".into(), "Allemagne".into(), "Germany".into())
        );
        assert_eq!(germany.region, "ECA", "a column of names moves no other");
        assert!(all.find("espana").is_ok());
        fs::write(&path, table.replace("Espagne", "Allemagne")).unwrap();
        assert!(
            economies(&path)
                .unwrap_err()
                .to_string()
                .contains("\"Allemagne\" stands for another economy, too")
        );
        fs::write(&path, table.replace("region", "regoin")).unwrap();
        assert!(economies(&path).unwrap_err().to_string().contains("did you mean \"region\""));
    }

    #[test]
    fn lines_that_excel_ends_are_counted_like_others() {
        let line = |ends: &str| {
            let table = ["code,name", "KEN", "AGO,Angola"].join(ends);
            let mut reader = rows(table.as_bytes());
            reader.records().find_map(Result::err).and_then(|error| error.position().map(csv::Position::line))
        };
        assert_eq!(line("\n"), Some(2));
        assert_eq!(line("\r\n"), Some(2));
    }
}
