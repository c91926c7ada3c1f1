//! The publisher's wide table: a row an economy, a column a question, and the remains of office work below.
//!
//! It is written as the published file is: missing values as "-", external indices as text with float noise,
//! summary rows and footnotes after the economies. A reader that survives it survives the original.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::Economy;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::submission::Collected;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::put::{self, Sheet, Style};
use crate::write::WriteError;

mod summary;

/// The name of the publisher's sheet.
const SHEET: &str = "CG_GTMI_Data";
/// What the publisher writes for a value that is missing.
const MISSING: &str = "-";

/// The headings of the fixed columns, as the publisher words them and as the reader finds them.
pub(crate) mod headings {
    /// The wave.
    pub(crate) const YEAR: &str = "Year";
    /// The economy's code.
    pub(crate) const CODE: &str = "Code";
    /// The economy's name.
    pub(crate) const ECONOMY: &str = "Economy";
    /// Survey or remote.
    pub(crate) const SOURCE: &str = "Src";
    /// Region, income group, population, maturity group.
    pub(crate) const ABOUT: [&str; 4] = ["Reg", "Level", "Population", "Grp"];

    /// The maturity group by a subindex, which has a number here.
    pub(crate) fn group_of(subindex: usize) -> String {
        format!("GT{subindex}")
    }
}

/// What the wide table is made from.
#[derive(Debug, Clone)]
pub struct DatasetRequest<'a> {
    /// What is asked.
    pub framework: &'a Framework,
    /// The rows, in the order in which they are to stand.
    pub rows: &'a [DatasetRow<'a>],
}

/// One economy of the wide table.
#[derive(Debug, Clone)]
pub struct DatasetRow<'a> {
    /// The economy, with its region and income group.
    pub economy: &'a Economy,
    /// Who collected the answers, if known.
    pub collected: Option<Collected>,
    /// The answers by question.
    pub answers: &'a BTreeMap<Id, Answer>,
    /// The values of external indices, by the question that takes them (`I-16`).
    pub external: &'a BTreeMap<Id, f64>,
    /// The population, in the unit of the publisher.
    pub population: Option<f64>,
    /// The published scores, if they are to stand there.
    pub scores: Option<&'a PublishedScores>,
}

/// The scores that were published for an economy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublishedScores {
    /// The maturity group.
    pub group: Option<String>,
    /// The score of the index as a whole.
    pub composite: Option<f64>,
    /// The scores of the subindexes.
    pub subindexes: BTreeMap<Id, f64>,
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Blank,
    Text(String),
    Number(f64),
}

impl Value {
    fn text(text: &str) -> Self {
        Self::Text(if text.is_empty() { MISSING } else { text }.to_owned())
    }

    fn number(number: Option<f64>) -> Self {
        number.map_or_else(|| Self::text(MISSING), Self::Number)
    }
}

/// Writes the wide table; the same request always gives the same bytes.
pub fn write_dataset(request: &DatasetRequest) -> Result<Vec<u8>, WriteError> {
    let framework = request.framework;
    let mut book = Workbook::new();
    book.set_properties(&put::properties(framework.title.default_text(), framework.as_of)?);
    write_sheet(Sheet::add(&mut book, SHEET)?, request)?;
    Ok(put::save(&mut book)?)
}

fn write_sheet(mut sheet: Sheet<'_>, request: &DatasetRequest) -> Result<(), XlsxError> {
    let framework = request.framework;
    sheet.set_freeze_panes(1, 3)?.set_column_width(2, 28)?;
    let headings = columns(framework);
    let (plain, bold) = (Style::from(Format::new()), Style::from(Format::new().set_bold()));
    for (column, heading) in (0_u16..).zip(&headings) {
        sheet.text(0, column, heading, &bold)?;
    }
    let rows: Vec<Vec<Value>> = request.rows.iter().map(|row| economy(framework, row)).collect();
    let below = summary::rows(framework, &headings, &rows);
    for (number, row) in (1_u32..).zip(rows.iter().chain(&below)) {
        for (column, value) in (0_u16..).zip(row) {
            match value {
                Value::Blank => {}
                Value::Text(text) => sheet.text(number, column, text, &plain)?,
                Value::Number(value) => sheet.number(number, column, *value, &plain)?,
            }
        }
    }
    Ok(())
}

/// The headings from left to right.
fn columns(framework: &Framework) -> Vec<String> {
    let fixed = [headings::YEAR, headings::CODE, headings::ECONOMY].map(str::to_owned);
    let mut all = fixed.to_vec();
    all.extend(framework.questions.iter().map(|question| question.id.to_string()));
    all.push(headings::SOURCE.to_owned());
    all.extend(headings::ABOUT.map(str::to_owned));
    all.push(framework.composite.id.to_string());
    for (number, subindex) in (1..).zip(&framework.subindexes) {
        all.push(headings::group_of(number));
        all.push(subindex.id.to_string());
    }
    all
}

fn economy(framework: &Framework, row: &DatasetRow) -> Vec<Value> {
    let economy = row.economy;
    let mut values = vec![
        Value::Number(f64::from(framework.wave.0)),
        Value::text(economy.code.as_str()),
        Value::text(&economy.name),
    ];
    values.extend(framework.questions.iter().map(|question| match row.external.get(&question.id) {
        Some(external) => Value::Text(noisy(*external)),
        None => answer(row.answers.get(&question.id)),
    }));
    let source = row.collected.map_or(MISSING, |who| match who {
        Collected::Survey => "S",
        Collected::Remote => "R",
    });
    let scores = row.scores;
    values.extend([
        Value::text(source),
        Value::text(&economy.region),
        Value::text(&economy.income),
        Value::number(row.population),
        Value::text(scores.and_then(|scores| scores.group.as_deref()).unwrap_or(MISSING)),
        Value::number(scores.and_then(|scores| scores.composite)),
    ]);
    for subindex in &framework.subindexes {
        let score = scores.and_then(|scores| scores.subindexes.get(&subindex.id).copied());
        let group = score.and_then(|score| framework.group(score));
        values.push(Value::text(group.map_or(MISSING, |group| &group.id)));
        values.push(Value::number(score));
    }
    values
}

/// Codes of single choices are stored as numbers where they are numbers, as the publisher does.
fn answer(answer: Option<&Answer>) -> Value {
    match answer {
        Some(Answer::Choice(code)) => match code.parse::<f64>() {
            Ok(number) if number.to_string() == *code => Value::Number(number),
            _ => Value::text(code),
        },
        Some(Answer::Choices(codes)) => Value::Text(codes.join(", ")),
        Some(Answer::Number(number)) => Value::Number(*number),
        Some(Answer::Text(text)) => Value::text(text),
        Some(Answer::Missing(_)) | None => Value::text(MISSING),
    }
}

/// A number as text with the 17 digits that spreadsheets keep: `0.60370000000000001`, `5.2035127272014627E-2`.
fn noisy(number: f64) -> String {
    let digits = if number.abs() >= 0.1 && number.abs() < 10.0 {
        format!("{number:.17}")
    } else {
        format!("{number:.16E}")
    };
    match digits.split_once('E') {
        Some((digits, "0")) => trimmed(digits).to_owned(),
        Some((digits, exponent)) => format!("{}E{exponent}", trimmed(digits)),
        None => trimmed(&digits).to_owned(),
    }
}

fn trimmed(digits: &str) -> &str {
    digits.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_text_carry_the_noise_of_the_original() {
        assert_eq!(noisy(0.6037), "0.60370000000000001");
        assert_eq!(noisy(0.052_035_127_272_014_63), "5.2035127272014627E-2");
        assert_eq!((noisy(1.0), noisy(0.5), noisy(0.0)), ("1".to_owned(), "0.5".to_owned(), "0".to_owned()));
        for value in [0.9871, 0.123_456_789, 1.0 / 3.0] {
            assert_eq!(noisy(value).parse::<f64>().unwrap().to_bits(), f64::to_bits(value));
        }
    }
}
