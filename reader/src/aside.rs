//! What hangs on cells without being their content: web addresses behind their texts, and notes.

use maturity::cell::{Address, Region, View};
use maturity::finding::Refusal;
use maturity::link::is_web;

use crate::budget::Budget;
use crate::grid::{COLUMNS, ROWS};

/// Up to how many cells of one region get its link each. Where somebody gave one to whole columns, only the first cell
/// has it.
const MOST_OF_ONE: u64 = 1_024;
/// How many characters of a note are kept: more than this program ever writes into one.
const NOTE: usize = 3_000;

/// The address that a formula makes a link to, given without its `=`, where it says so itself; what it would have to be computed
/// from is not followed.
pub(crate) fn of_formula(formula: &str) -> Option<String> {
    const NAME: &str = "HYPERLINK";
    let (name, rest) = formula.trim_start().split_at_checked(NAME.len())?;
    let rest = rest.trim_start().strip_prefix('(')?.trim_start().strip_prefix('"')?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let (mut address, mut characters) = (String::new(), rest.chars().peekable());
    while let Some(c) = characters.next() {
        if c == '"' && characters.next_if_eq(&'"').is_none() {
            let next = characters.find(|c| !c.is_whitespace());
            return matches!(next, Some(',' | ';' | ')')).then(|| address.trim().to_owned());
        }
        address.push(c);
    }
    None
}

/// Notes the web address `target` that lies behind the cells of `region`. Addresses of files, of mail and of places in the
/// workbook are none that anybody else can open.
pub(crate) fn link(
    view: &mut View,
    region: Region,
    target: &str,
    budget: &mut Budget<'_>,
) -> Result<(), Refusal> {
    if !is_web(target) {
        return Ok(());
    }
    for address in cells(region) {
        budget.charge(target.len())?;
        view.links.push((address, target.to_owned()));
    }
    Ok(())
}

/// The cells of a region behind which its link lies.
pub(crate) fn cells(region: Region) -> impl Iterator<Item = Address> {
    let Region { top_left: first, bottom_right: last } = region;
    let across = |first: u32, last: u32| u64::from(last.saturating_sub(first)) + 1;
    let count = across(first.row, last.row).saturating_mul(across(first.column, last.column));
    let last = if count > MOST_OF_ONE { first } else { last };
    let columns =
        move |row| (first.column..=last.column.min(COLUMNS - 1)).map(move |column| Address::new(row, column));
    (first.row..=last.row.min(ROWS - 1)).flat_map(columns)
}

/// Notes that a cell carries a note, of which what is longer than usual is cut.
pub(crate) fn note(
    view: &mut View,
    address: Address,
    text: &str,
    budget: &mut Budget<'_>,
) -> Result<(), Refusal> {
    let text: String = text.trim_start().chars().take(NOTE).collect();
    budget.charge(text.len())?;
    view.notes.push((address, text));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_a_formula_states_is_found() {
        let found = [
            (r#"HYPERLINK("https://law.example/1","The law")"#, Some("https://law.example/1")),
            (r#" hyperlink ( " https://law.example/1 " ; "The law")"#, Some("https://law.example/1")),
            (r#"HYPERLINK("https://law.example/1")"#, Some("https://law.example/1")),
            (r#"HYPERLINK("https://law.example/a""b")"#, Some("https://law.example/a\"b")),
            // Computed ones, others, and what is cut off.
            (r#"HYPERLINK("https://law.example/"&A1,"The law")"#, None),
            (r#"HYPERLINK(A1,"The law")"#, None),
            (r#"HYPERLINKS("https://law.example/1")"#, None),
            (r#"CONCAT("https://law.example/1")"#, None),
            (r#"HYPERLINK("https://law.example/1"#, None),
            (r#"HYPERLINK("https://law.example/1""#, None),
            ("é", None),
            ("", None),
        ];
        for (formula, address) in found {
            assert_eq!(of_formula(formula).as_deref(), address, "{formula}");
        }
    }
}
