//! Questions that take several choices, in exports with a column for each choice: which of them are taken.

use std::collections::BTreeSet;

use maturity::cell::{Cell, CellValue};
use maturity::form::key;
use maturity::framework::{Choice, ChoiceList, Framework};
use maturity::id::Id;
use maturity::normalize::{matching_key, tidy};
use maturity::truth;

/// What the columns of a question's choices say together.
#[derive(Debug)]
pub(super) struct Taken {
    /// The codes that are taken; what one column says, if that is neither yes nor no.
    pub(super) value: CellValue,
    /// Whether formulas say so.
    pub(super) formula: bool,
    /// The first column that says something, or the one that says neither yes nor no.
    pub(super) column: u32,
    /// Whether a column says neither yes nor no.
    pub(super) is_odd: bool,
    /// Whether every column says that its choice is not taken.
    pub(super) is_nothing: bool,
}

/// What the columns of choices say, each with its code; none where no such column says anything.
pub(super) fn taken<'c>(
    framework: &Framework,
    question: &Id,
    options: impl Iterator<Item = (&'c str, &'c Cell)>,
) -> Option<Taken> {
    let told: Vec<(&str, &Cell)> =
        options.filter(|(_, cell)| !cell.value.is_blank() || cell.formula).collect();
    let (_, first) = told.first()?;
    let list = framework.question(question).and_then(|question| framework.choices(question));
    let choice = |code: &str| list.and_then(|list| list.choices.iter().find(|choice| choice.code == code));
    let says = |code: &str, cell: &Cell| is_taken(framework, &cell.value, choice(code));
    if let Some((code, odd)) = told.iter().find(|(code, cell)| says(code, cell).is_none()) {
        // Whoever judges the answer finds no choice in it, an error, or a formula without a result.
        let value = match &odd.value {
            value @ (CellValue::Blank | CellValue::Error(_)) => value.clone(),
            value => CellValue::Text(format!("{question}/{code} = {}", tidy(&value.display()))),
        };
        return Some(Taken {
            value,
            formula: odd.formula,
            column: odd.address.column,
            is_odd: true,
            is_nothing: false,
        });
    }
    let formula = told.iter().any(|(_, cell)| cell.formula);
    let is_mark = |value: &CellValue| framework.is_missing_mark(&tidy(&value.display()));
    let codes = told.iter().filter(|(code, cell)| says(code, cell) == Some(true));
    let codes: Vec<&str> = codes.map(|(code, _)| *code).collect();
    let is_nothing = codes.is_empty();
    let value = if told.iter().all(|(_, cell)| is_mark(&cell.value)) {
        first.value.clone()
    } else {
        CellValue::Text(codes.join(" "))
    };
    Some(Taken { value, formula, column: first.address.column, is_odd: false, is_nothing })
}

/// What people put into the column of a choice that they take.
const TICKS: [&str; 5] = ["x", "\u{2713}", "\u{2714}", "\u{2611}", "\u{2705}"];

/// Whether a cell says that its choice is taken. Some programs repeat the code or the label of the choice there.
fn is_taken(framework: &Framework, value: &CellValue, choice: Option<&Choice>) -> Option<bool> {
    let is_own = |text: &str| {
        let found = matching_key(text);
        choice.is_some_and(|choice| {
            matching_key(&choice.code) == found
                || choice.label.all().any(|label| matching_key(label) == found)
        })
    };
    let of_number = |number: f64| match number {
        0.0 => Some(false),
        1.0 => Some(true),
        _ => is_own(&number.to_string()).then_some(true),
    };
    match value {
        CellValue::Number(number) | CellValue::Percent(number) | CellValue::Masked(number) => {
            of_number(*number)
        }
        CellValue::Boolean(truth) => Some(*truth),
        CellValue::Text(text) => {
            let text = tidy(text);
            if framework.is_missing_mark(&text) {
                return Some(false);
            }
            let said = truth::said_by(&text).or_else(|| text.parse().ok().and_then(of_number));
            said.or_else(|| match matching_key(&text).as_str() {
                "yes" | "oui" | "si" => Some(true),
                "no" | "non" => Some(false),
                key => (TICKS.contains(&key) || is_own(&text)).then_some(true),
            })
        }
        CellValue::Blank | CellValue::Date(_) | CellValue::Error(_) => None,
    }
}

/// Whether the column of the answer as a whole names other choices than the columns of the choices, or anything that is
/// none. It may hold codes or labels.
pub(super) fn contradict(framework: &Framework, question: &Id, taken: &CellValue, whole: &CellValue) -> bool {
    if whole.is_blank() {
        return false;
    }
    let Some(list) = framework.question(question).and_then(|question| framework.choices(question)) else {
        return false;
    };
    // What is wrong in the columns of the choices is told of them.
    let Some(taken) = named(list, &taken.display()) else { return false };
    named(list, &whole.display()) != Some(taken)
}

/// What stands between the choices in one text.
const BETWEEN: [char; 6] = [' ', ',', ';', '|', '/', '+'];

/// The positions of the choices that a text names by codes and labels, if it names nothing else. Some servers put labels
/// one after the other with only a blank between them, so the longest that fits is taken each time.
pub(super) fn named(list: &ChoiceList, text: &str) -> Option<BTreeSet<usize>> {
    let names = list.choices.iter().enumerate().flat_map(|(at, choice)| {
        let labels = choice.label.all().map(matching_key);
        labels.chain([matching_key(&choice.code), key(&choice.code)]).map(move |name| (name, at))
    });
    let mut names: Vec<(String, usize)> = names.filter(|(name, _)| !name.is_empty()).collect();
    names.sort_by_key(|(name, at)| (std::cmp::Reverse(name.len()), *at));
    let whole = matching_key(text);
    let mut rest = whole.trim_matches(BETWEEN);
    let mut found = BTreeSet::new();
    while !rest.is_empty() {
        let behind = |name: &str| {
            let behind = rest.strip_prefix(name)?;
            // A program that keeps only floats.
            let behind = behind.strip_prefix(".0").unwrap_or(behind);
            (behind.is_empty() || behind.starts_with(BETWEEN)).then_some(behind)
        };
        let (behind, at) = names.iter().find_map(|(name, at)| Some((behind(name)?, *at)))?;
        found.insert(at);
        rest = behind.trim_start_matches(BETWEEN);
    }
    Some(found)
}
