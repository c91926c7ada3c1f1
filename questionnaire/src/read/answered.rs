//! Which rows of a wide table hold answers although nothing says of whom. The answers tell: a sum or a mean is no choice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use maturity::cell::{Cell, CellValue};
use maturity::framework::{ChoiceList, Framework, Kind};
use maturity::normalize::{matching_key, tidy};

use super::dataset_columns::Columns;

/// What the questions of a framework are answered with.
#[derive(Debug)]
pub(super) struct Answered<'a> {
    framework: &'a Framework,
    /// By the ids of the questions that have choices: the matching keys of the codes and labels.
    choices: HashMap<&'a str, Rc<HashSet<String>>>,
    /// The ids of the questions that are answered with a number.
    numbers: HashSet<&'a str>,
}

impl<'a> Answered<'a> {
    /// For the tables of a framework.
    pub(super) fn of(framework: &'a Framework) -> Self {
        let mut lists: BTreeMap<&str, Rc<HashSet<String>>> = BTreeMap::new();
        let mut choices = HashMap::new();
        for question in &framework.questions {
            let (Kind::SelectOne(name) | Kind::SelectMultiple(name)) = &question.kind else { continue };
            let Some(list) = framework.choices(question) else { continue };
            let keys = lists.entry(name).or_insert_with(|| Rc::new(keys(list)));
            choices.insert(question.id.as_str(), Rc::clone(keys));
        }
        let numbers = framework
            .asked_questions()
            .filter(|question| matches!(question.kind, Kind::Integer | Kind::Decimal));
        let numbers = numbers.map(|question| question.id.as_str()).collect();
        Self { framework, choices, numbers }
    }

    /// Whether a row holds answers: at least so many choices and texts, and no fewer of them than of what is no choice
    /// where one belongs. Results of formulas and marks for what is missing tell nothing. A number counts only in a row that
    /// is named: else it may be a year, or a sum.
    pub(super) fn is(&self, cells: &[Cell], columns: &Columns, least: usize, is_named: bool) -> bool {
        let (mut fitting, mut others) = (0_usize, 0_usize);
        for cell in cells.iter().filter(|cell| !cell.value.is_blank() && !cell.formula) {
            let Some(id) = columns.question_at(cell.address.column).and_then(|at| columns.questions.get(at))
            else {
                continue;
            };
            let text = tidy(&cell.value.display());
            if self.framework.is_missing_mark(&text) {
                continue;
            }
            match self.choices.get(id.as_str()) {
                Some(choices) if names(choices, &text) => fitting += 1,
                Some(_) => others += 1,
                None if is_named && self.numbers.contains(id.as_str()) && text.parse::<f64>().is_ok() => {
                    fitting += 1;
                }
                None if matches!(cell.value, CellValue::Text(_)) && text.contains(char::is_alphabetic) => {
                    fitting += 1;
                }
                None => {}
            }
        }
        fitting >= least && fitting >= others
    }
}

fn keys(list: &ChoiceList) -> HashSet<String> {
    let choices = list.choices.iter();
    choices
        .flat_map(|choice| choice.label.all().map(matching_key).chain([matching_key(&choice.code)]))
        .collect()
}

/// Whether a text names choices: one, or several codes.
fn names(choices: &HashSet<String>, text: &str) -> bool {
    let key = matching_key(text);
    let is_one = |part: &str| choices.contains(part.strip_suffix(".0").unwrap_or(part));
    is_one(&key) || key.split([',', ';', '|', ' ']).filter(|part| !part.is_empty()).all(is_one)
}
