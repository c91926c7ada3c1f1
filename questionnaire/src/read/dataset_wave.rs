//! Which rows of a wide table are for the wave.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use maturity::cell::{Address, CellValue, Place};
use maturity::digits::latin;
use maturity::finding::{Finding, Problem, Severity};
use maturity::normalize::tidy;
use maturity::submission::Wave;

use super::unseen::listed;

/// Of how many rows of the wave there must be one of another year, for that year to be a wave of the table.
const ROWS_TO_ONE: usize = 4;

/// What a row says of its year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// A year.
    Year(Wave),
    /// Not clearly one, but others than that of the wave, as it stands there: `2020/21`.
    Others(String),
    /// Nothing that could be understood.
    Nothing,
}

impl Said {
    /// What the cell of the year says.
    pub(super) fn of(value: &CellValue, wave: Wave) -> Self {
        match (Wave::said_by(value), value) {
            (Some(year), _) => Self::Year(year),
            (None, CellValue::Text(text)) if names_others(text, wave) => Self::Others(tidy(text)),
            _ => Self::Nothing,
        }
    }

    /// The year, if it is clear.
    pub(super) fn year(&self) -> Option<Wave> {
        match self {
            Self::Year(year) => Some(*year),
            _ => None,
        }
    }
}

/// Whether a text names years, and none of them is that of the wave. `21` behind `2020/` is 2021.
fn names_others(text: &str, wave: Wave) -> bool {
    let text: String = text.chars().map(latin).collect();
    let mut years: Vec<u16> = Vec::new();
    for digits in text.split(|c: char| !c.is_ascii_digit()) {
        match (digits.len(), digits.parse::<u16>(), years.last()) {
            (4, Ok(year), _) if (1900..=2200).contains(&year) => years.push(year),
            (2, Ok(year), Some(last)) => years.push(last / 100 * 100 + year),
            _ => {}
        }
    }
    !years.is_empty() && !years.contains(&wave.0)
}

/// A row of a table, as far as it matters which wave it is for.
pub(super) trait OfYear {
    /// What it says of its year.
    fn said(&self) -> &Said;
    /// The matching key of what names the economy; it may be empty.
    fn economy(&self) -> &str;
    /// Where it stands.
    fn place(&self) -> &Place;
}

/// The rows that are for the wave, and those of which somebody has to say whether they are; and what is to be said of the
/// others.
///
/// A table may hold several waves. A row of another year is passed over where its economy has a row of the wave, too, or
/// where so many rows are of that year that it is a wave of the table; else the year may be a slip. Where no row is of
/// the wave, all are kept, so that somebody is told.
pub(super) fn of_wave<R: OfYear>(rows: Vec<R>, wave: Wave) -> (Vec<R>, Vec<Finding>) {
    let mut years: BTreeMap<Wave, usize> = BTreeMap::new();
    for year in rows.iter().filter_map(|row| row.said().year()) {
        *years.entry(year).or_default() += 1;
    }
    let Some(of_wave) = years.get(&wave).copied() else { return (rows, Vec::new()) };
    let is_of_wave = |row: &&R| row.said().year() == Some(wave) && !row.economy().is_empty();
    let economies: HashSet<String> =
        rows.iter().filter(is_of_wave).map(|row| row.economy().to_owned()).collect();
    let is_wave = |year: Wave| {
        let rows = years.get(&year).copied().unwrap_or_default();
        rows > 1 && rows * ROWS_TO_ONE >= of_wave
    };
    let is_kept = |row: &R| match row.said() {
        Said::Year(year) => *year == wave || !is_wave(*year) && !economies.contains(row.economy()),
        Said::Others(_) => !economies.contains(row.economy()),
        Said::Nothing => true,
    };
    let (kept, others): (Vec<R>, Vec<R>) = rows.into_iter().partition(is_kept);
    (kept, passed_over(&others))
}

/// What is to be said of rows that were passed over: one finding for each sheet.
fn passed_over<R: OfYear>(rows: &[R]) -> Vec<Finding> {
    let mut sheets: BTreeMap<&str, (BTreeSet<String>, Vec<Address>)> = BTreeMap::new();
    for row in rows {
        let (years, cells) = sheets.entry(&row.place().sheet).or_default();
        match row.said() {
            Said::Year(year) => years.insert(year.to_string()),
            Said::Others(text) => years.insert(text.clone()),
            Said::Nothing => false,
        };
        cells.extend(row.place().cell);
    }
    let finding = |(sheet, (years, cells)): (&str, (BTreeSet<String>, Vec<Address>))| {
        let found = years.into_iter().collect::<Vec<_>>().join(", ");
        let problem = Problem::RowsPassedOver { found, count: cells.len(), cells: listed(&cells) };
        let place = cells.first().map(|first| Place::cell(sheet, *first));
        Finding::new(Severity::Info, problem).at(place)
    };
    sheets.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_that_is_not_clear_may_still_be_another_one() {
        let said = |text: &str| Said::of(&CellValue::Text(text.to_owned()), Wave(2022));
        for text in ["2020/21", "2020 (revised)", "FY2019-20", "٢٠٢٠/٢١", "2020*"] {
            assert_eq!(said(text), Said::Others(text.to_owned()));
        }
        for text in ["2022*", "2021/22", "2022 (revised)", "last year", "20", "", "2021-2022"] {
            assert_eq!(said(text), Said::Nothing, "{text}");
        }
        assert_eq!(said("2020.0"), Said::Year(Wave(2020)));
        // 2022 in a cell that is formatted as a date.
        assert_eq!(Said::of(&CellValue::Date("1905-07-14".to_owned()), Wave(2022)), Said::Nothing);
    }
}
