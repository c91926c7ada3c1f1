//! Regions and income groups of another date than those in the table of economies.

use std::path::Path;

use maturity::economy::Economies;
use serde::Deserialize;

use super::{TableError, bytes, row_error, rows};
use crate::hash::sha256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassRow {
    economy: String,
    region: String,
    income: String,
    classified: String,
}

/// Puts every economy into the region and income group of a dated table: `economy,region,income,classified`.
/// All economies have to stand there, since a mixture of two dates would compare like with unlike. Gives the
/// hash of the file.
pub fn classify(path: &Path, economies: &mut Economies) -> Result<String, TableError> {
    let bytes = bytes(path)?;
    let mut vintage = None;
    let mut seen = std::collections::BTreeSet::new();
    for (line, row) in (2_u64..).zip(rows(&bytes).deserialize()) {
        let row: ClassRow = row.map_err(|error| row_error(path, &error))?;
        let wrong = |what: String| TableError::Row { path: path.to_owned(), line, what };
        same_vintage(path, line, &mut vintage, &row.classified)?;
        if row.classified.is_empty() {
            return Err(wrong(
                "the date of the classification is missing (column \"classified\")".to_owned(),
            ));
        }
        let Ok((economy, _)) = economies.find(&row.economy) else {
            return Err(wrong(format!("the economy \"{}\" is not in the table of economies", row.economy)));
        };
        let code = economy.code.clone();
        if !seen.insert(code.clone()) {
            return Err(wrong(format!("{code} stands there twice")));
        }
        economies.reclassify(&code, &row.region, &row.income);
    }
    let left: Vec<&str> = economies
        .iter()
        .map(|economy| &economy.code)
        .filter(|code| !seen.contains(*code))
        .map(maturity::economy::EconomyCode::as_str)
        .collect();
    if !left.is_empty() {
        let what = format!("these economies are not classified: {} (add a row for each)", left.join(", "));
        return Err(TableError::Row { path: path.to_owned(), line: 1, what });
    }
    *economies = std::mem::take(economies).classified_as_of(vintage);
    Ok(sha256(&bytes))
}

/// One table has one date of classification.
pub(super) fn same_vintage(
    path: &Path,
    line: u64,
    vintage: &mut Option<String>,
    found: &str,
) -> Result<(), TableError> {
    let first = vintage.get_or_insert_with(|| found.to_owned());
    if first == found {
        return Ok(());
    }
    let what = format!(
        "the classification is of \"{found}\" here and of \"{first}\" above (one table has one date)"
    );
    Err(TableError::Row { path: path.to_owned(), line, what })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::economies;
    use super::*;

    const HEADER: &str = "code,iso3,iso2,name,other_codes,other_names,region,income";

    fn read(table: &str, classes: &str) -> Result<Economies, String> {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("economies.csv"), folder.path().join("classes.csv"));
        fs::write(&first, table).unwrap();
        fs::write(&second, format!("economy,region,income,classified\n{classes}")).unwrap();
        let (mut all, _) = economies(&first).map_err(|error| error.to_string())?;
        classify(&second, &mut all).map_err(|error| error.to_string())?;
        Ok(all)
    }

    fn two() -> String {
        format!("{HEADER},classified\nKEN,KEN,KE,Kenya,,,AFR,LM,2022\nROU,ROU,RO,Romania,,,ECA,UM,2022\n")
    }

    #[test]
    fn a_dated_table_replaces_regions_and_income_groups() {
        let all = read(&two(), "KEN,AFE,LM,2025-07-01\nROM,ECA,H,2025-07-01\n");
        assert!(all.is_err_and(|error| error.contains("\"ROM\" is not in the table of economies")));
        let all = read(&two(), "KEN,AFE,LM,2025-07-01\nROU,ECA,H,2025-07-01\n").unwrap();
        assert_eq!(all.classified(), Some("2025-07-01"));
        let kenya = all.iter().next().unwrap();
        assert_eq!((kenya.region.as_str(), kenya.income.as_str()), ("AFE", "LM"));
    }

    #[test]
    fn two_dates_are_never_mixed() {
        for (classes, expected) in [
            ("KEN,AFE,LM,2025\n", "these economies are not classified: ROU"),
            ("KEN,AFE,LM,2025\nROU,ECA,H,2024\n", "of \"2024\" here and of \"2025\" above"),
            ("KEN,AFE,LM,\nROU,ECA,H,\n", "the date of the classification is missing"),
            ("KEN,AFE,LM,2025\nKEN,ECA,H,2025\n", "KEN stands there twice"),
        ] {
            let error = read(&two(), classes).unwrap_err();
            assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
        }
    }

    #[test]
    fn a_table_of_economies_without_a_date_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("economies.csv");
        fs::write(&path, format!("{HEADER}\nKEN,KEN,KE,Kenya,,,AFR,LM\n")).unwrap();
        assert_eq!(economies(&path).unwrap().0.classified(), None);
    }
}
