//! The formulas of all cases in one workbook, computed once by `LibreOffice`.

#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use maturity::cell::{Address, CellValue};
use questionnaire::formula::{self, AnswerCell, Cells, Holds, Offered, Unsupported};
use rust_xlsxwriter::{Formula, Workbook, utility};

use super::cases::{Case, MARKS, QUESTIONS, cases, label};
use crate::office;

/// Enough that every operator and function meets every kind of answer.
const CASES: usize = 1500;
/// The column of the formula.
const RESULT: u16 = 8;

/// The answer cell of a question, from another sheet.
fn cell(row: usize, id: &str) -> Option<AnswerCell> {
    let column = QUESTIONS.iter().position(|(question, _)| *question == id)?;
    let (_, codes) = QUESTIONS[column];
    let offer = |(position, code): (usize, &&str)| Offered {
        code: (*code).to_owned(),
        label: Some(format!("Lists!${}${}", letter(column), position + 1)),
    };
    let offered = codes.iter().enumerate().map(offer).collect();
    let holds = match id {
        "one" | "other" => Holds::Choice(offered),
        "many" => Holds::Choices(offered),
        "year" | "share" => Holds::Number,
        _ => Holds::Text,
    };
    Some(AnswerCell { at: format!("Answers!${}${}", letter(column), row + 1), holds })
}

fn letter(column: usize) -> String {
    utility::column_number_to_name(u16::try_from(column).unwrap())
}

fn compiled(row: usize, case: &Case) -> Result<String, Unsupported> {
    let marks = MARKS.map(str::to_owned);
    let this = cell(row, "one");
    let question = |id: &maturity::id::Id| cell(row, id.as_str());
    formula::compile(&case.expression, &Cells { question: &question, this: this.as_ref(), marks: &marks })
}

fn workbook(cases: &[Case]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Answers").unwrap();
    for (row, case) in cases.iter().enumerate() {
        for (column, (entry, _)) in case.answers.iter().enumerate() {
            entry.write(sheet, u32::try_from(row).unwrap(), u16::try_from(column).unwrap()).unwrap();
        }
    }
    let sheet = book.add_worksheet().set_name("Lists").unwrap();
    for (column, (question, codes)) in (0_u16..).zip(QUESTIONS) {
        for (row, code) in (0_u32..).zip(codes) {
            sheet.write_string(row, column, label(question, code)).unwrap();
        }
    }
    let sheet = book.add_worksheet().set_name("Formulas").unwrap();
    for (row, case) in cases.iter().enumerate() {
        if let Ok(formula) = compiled(row, case) {
            sheet
                .write_formula(u32::try_from(row).unwrap(), RESULT, Formula::new(format!("={formula}")))
                .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn formulas_computed_by_a_spreadsheet_program_decide_as_the_validator_does() {
    let cases = cases(CASES);
    let Some(computed) = office::recalculated(&workbook(&cases)) else { return };
    let book = reader::read(&computed, &reader::Limits::default()).unwrap();
    let sheet = book.sheet("Formulas").unwrap();
    let (mut compared, mut held) = (0, 0);
    for (row, case) in cases.iter().enumerate() {
        let Ok(formula) = compiled(row, case) else { continue };
        let address = Address::new(u32::try_from(row).unwrap(), RESULT.into());
        let found = sheet.get(address).map(|cell| cell.value.clone());
        let holds = case.holds();
        assert_eq!(
            found,
            Some(CellValue::Boolean(holds)),
            "{}\n{:?}\n={formula}",
            case.expression,
            case.answers
        );
        compared += 1;
        held += usize::from(holds);
    }
    assert!(compared > CASES * 3 / 5, "only {compared} expressions have a formula");
    assert!(held > compared / 4 && held < compared * 3 / 4, "{held} of {compared} hold");
}

#[test]
fn only_what_is_documented_has_no_formula() {
    for (row, case) in cases(CASES).iter().enumerate() {
        let Err(reason) = compiled(row, case) else { continue };
        let documented = match &reason {
            Unsupported::Regex | Unsupported::Limit(_) => true,
            Unsupported::NoCell(_) => false,
            Unsupported::Meaning(what) => {
                ["the number in a text", "the number of several", "the text of", "reckoning with"]
                    .iter()
                    .any(|known| what.starts_with(known))
            }
        };
        assert!(documented, "{}: {reason}", case.expression);
    }
}
