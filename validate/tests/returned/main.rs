//! Returned workbooks: what people do to a questionnaire before they send it back, saved by `LibreOffice` in three
//! formats, read by the reader and validated. Each row of the table says what was done, what has to be understood
//! and what has to be said.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare its workbooks has to stop")]

mod cases;
mod expectation;
mod instrument;
mod office;
mod sheets;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use maturity::cell::Book;
use maturity::economy::Economies;
use maturity::framework::Framework;
use pipeline::tables::ExternalIndices;
use questionnaire::Recogniser;
use reader::Limits;
use store::Validation;
use validate::{Instruments, Lookup, validate};

use cases::{Case, cases};
use expectation::{found_answers, found_rules};
use office::Saved;
use sheets::Sheets;

fn read(bytes: &[u8]) -> Book {
    reader::read(bytes, &Limits::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn validated(bytes: &[u8], framework: &Framework, economies: &Economies) -> Validation {
    let book = read(bytes);
    let received = Recogniser::of(framework).recognise(&book).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(received.len(), 1);
    let external_indices = ExternalIndices::default();
    let previous = BTreeMap::new();
    let instruments = Instruments {
        lookup: &Lookup::of(framework),
        economies,
        external_indices: &external_indices,
        previous: &previous,
        links: &BTreeMap::new(),
    };
    validate(&instruments, &received[0], None)
}

/// What differs from the expectation of a case.
fn differences(
    case: &Case,
    format: &str,
    bytes: &[u8],
    framework: &Framework,
    economies: &Economies,
) -> String {
    let validation = validated(bytes, framework, economies);
    let mut expected: BTreeMap<String, String> = instrument::answers();
    let (answers, wanted_rules) = case.expected(format);
    for (question, answer) in answers {
        expected.insert((*question).to_owned(), (*answer).to_owned());
    }
    let mut out = String::new();
    for (question, answer) in found_answers(&validation) {
        let wanted = expected.remove(&question).unwrap_or_default();
        if wanted != answer {
            let _ = writeln!(out, "{} ({format}): {question} is {answer:?}, not {wanted:?}", case.name);
        }
    }
    let rules = found_rules(&validation);
    if rules != wanted_rules {
        let _ = writeln!(out, "{} ({format}):\n  says     {rules:?}\n  expected {wanted_rules:?}", case.name);
    }
    out
}

#[test]
fn every_returned_workbook_is_understood_as_the_table_says() {
    let (framework, economies) = (instrument::framework(), instrument::economies());
    let cases = cases(&framework);
    assert!(cases.len() >= 60, "{} workbooks", cases.len());
    let mut wrong = String::new();
    for case in &cases {
        wrong += &differences(case, "as written", &case.bytes, &framework, &economies);
    }
    let workbooks = cases.iter().map(|case| (case.file_name(), case.bytes.as_slice()));
    if let Some(saved) = Saved::by_libreoffice(workbooks) {
        for case in &cases {
            for format in office::FORMATS {
                let bytes = saved.file(&case.file_name(), format);
                wrong += &differences(case, format, &bytes, &framework, &economies);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_table_saved_as_text_is_read_and_an_assumed_encoding_is_said() {
    let (framework, economies) = (instrument::framework(), instrument::economies());
    let mut sheets = Sheets::of(&read(&instrument::questionnaire(&framework, "fr")));
    let mut table = |separator| ["SYS", "LAW"].map(|name| sheets.sheet(name).as_csv(separator)).concat();
    let western = |text: String| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let (unmarked, marked, old): (Vec<u8>, Vec<u8>, Vec<u8>) = (
        table(',').into_bytes(),
        [b"\xEF\xBB\xBF".as_slice(), table('\t').as_bytes()].concat(),
        western(table(';')),
    );
    let missing = "error ECONOMY-001";
    for (bytes, rules) in
        [(unmarked, vec![missing]), (marked, vec![missing]), (old, vec![missing, "info READ-002"])]
    {
        let validation = validated(&bytes, &framework, &economies);
        let answers: BTreeMap<String, String> = found_answers(&validation).into_iter().collect();
        assert_eq!(answers, instrument::answers());
        assert_eq!(found_rules(&validation), rules);
    }
}

#[test]
fn the_table_in_the_documentation_is_the_table_of_these_tests() {
    let framework = instrument::framework();
    let table = cases::documented(&cases(&framework));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reading.md");
    let page = std::fs::read_to_string(path).unwrap();
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        let (head, rest) = page.split_once(cases::TABLE_START).unwrap();
        let (_, tail) = rest.split_once(cases::TABLE_END).unwrap();
        std::fs::write(path, format!("{head}{table}{tail}")).unwrap();
        return;
    }
    assert!(
        page.contains(&table),
        "docs/reading.md is stale: run this test with UPDATE_DOCUMENTATION=1\n{table}"
    );
}
