//! Random expressions over six questions of all kinds, and random answers as people enter them. The same seed
//! every time: a difference is found by everyone or by no one.

#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use std::collections::HashMap;

use maturity::id::Id;
use maturity::logic::Expression;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_xlsxwriter::{Worksheet, XlsxError};

/// The questions in the order of their columns, with the codes of their choices. `one` is also what `.` means.
pub(super) const QUESTIONS: [(&str, &[&str]); 6] = [
    ("one", &["0", "1", "2"]),
    ("other", &["0", "2", "a-b", "10"]),
    ("many", &["1", "2", "12", "x"]),
    ("year", &[]),
    ("share", &[]),
    ("name", &[]),
];

/// The framework's marks for "no answer".
pub(super) const MARKS: [&str; 3] = ["-", "n/a", "…"];

/// The label of a choice. Labels hold what formulas treat in a special way.
pub(super) fn label(question: &str, code: &str) -> String {
    match code {
        "0" => format!("No \"{question}\", or not known?"),
        "1" => "Yes, only *inside*".to_owned(),
        other => format!("Choice ~{other}: «été» of {question}"),
    }
}

/// What stands in an answer cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    Blank,
    Text(String),
    Number(f64),
}

impl Entry {
    pub(super) fn write(&self, sheet: &mut Worksheet, row: u32, column: u16) -> Result<(), XlsxError> {
        match self {
            Self::Blank => {}
            Self::Text(text) => drop(sheet.write_string(row, column, text)?),
            Self::Number(number) => drop(sheet.write_number(row, column, *number)?),
        }
        Ok(())
    }
}

/// One answer: what was entered and what it means to expressions.
type Given = (Entry, String);

/// An expression and the answers to all questions.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) expression: Expression,
    pub(super) answers: Vec<Given>,
}

impl Case {
    /// The answers as expressions see them.
    pub(super) fn values(&self) -> HashMap<Id, String> {
        let pair = |((id, _), (_, value)): (&(&str, _), &Given)| (Id::from(*id), value.clone());
        QUESTIONS.iter().zip(&self.answers).map(pair).collect()
    }

    /// What the validator decides.
    pub(super) fn holds(&self) -> bool {
        let this = self.answers.first().map_or("", |(_, value)| value);
        self.expression.holds(this, &self.values())
    }
}

/// `count` cases, the same every time.
pub(super) fn cases(count: usize) -> Vec<Case> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"one expression, the same meaning");
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = (condition(3), answers());
    (0..count)
        .map(|_| {
            let (text, answers) = strategy.new_tree(&mut runner).unwrap().current();
            let expression = Expression::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(expression.bare_condition(), None, "{text}");
            Case { expression, answers }
        })
        .collect()
}

fn text(text: &str) -> Entry {
    Entry::Text(text.to_owned())
}

fn answers() -> impl Strategy<Value = Vec<Given>> {
    QUESTIONS.iter().map(|(question, codes)| answer(question, codes)).collect::<Vec<_>>()
}

fn answer(question: &'static str, codes: &'static [&'static str]) -> BoxedStrategy<Given> {
    let nothing = prop_oneof![
        2 => Just((Entry::Blank, String::new())),
        1 => select(&MARKS[..]).prop_map(|mark| (text(mark), String::new())),
    ];
    let number = |number: f64, form: u8| {
        let written = number.to_string();
        (if form == 0 { text(&written) } else { Entry::Number(number) }, written)
    };
    let given = match question {
        "many" => (proptest::sample::subsequence(codes, 1..=codes.len()), 0_u8..4)
            .prop_map(move |(taken, form)| {
                let value = taken.join(" ");
                let entry = match (form, taken.as_slice()) {
                    (0, [one]) if one.parse::<f64>().is_ok() => Entry::Number(one.parse().unwrap()),
                    (1, [one]) => text(&label(question, one)),
                    (1, _) => text(&taken.join(",")),
                    (2, _) => text(&taken.join("; ")),
                    _ => text(&taken.join(", ")),
                };
                (entry, value)
            })
            .boxed(),
        "year" => (prop_oneof![Just(0), Just(5), 1990..2030_i32], 0_u8..4)
            .prop_map(move |(year, form)| number(f64::from(year), form))
            .boxed(),
        "share" => (-8..40_i32, 0_u8..4)
            .prop_map(move |(quarters, form)| number(f64::from(quarters) / 4.0, form))
            .boxed(),
        "name" => select(&["word", "two words", "2", "a-b x 12", "Word", "=1+1", "a \"b\" 'c", "été"][..])
            .prop_map(|name| (text(name), name.to_owned()))
            .boxed(),
        _ => (select(codes), 0_u8..3)
            .prop_map(move |(code, form)| {
                let entry = match form {
                    0 => text(code),
                    1 => code.parse().map_or_else(|_| text(code), Entry::Number),
                    _ => text(&label(question, code)),
                };
                (entry, code.to_owned())
            })
            .boxed(),
    };
    prop_oneof![1 => nothing, 3 => given].boxed()
}

fn reference() -> impl Strategy<Value = String> {
    select(&["${one}", "${other}", "${many}", "${year}", "${share}", "${name}", "."][..])
        .prop_map(str::to_owned)
}

/// An expression whose value is a number, or should be one.
fn number(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (0..20_u8).prop_map(|quarters| (f64::from(quarters) / 4.0).to_string()),
        select(&["${one}", "${other}", "${year}", "${share}", "."][..]).prop_map(str::to_owned),
        Just("count-selected(${many})".to_owned()),
        select(&["${name}", "${one}", "${year}", "${share}"][..])
            .prop_map(|id| format!("string-length({id})")),
        Just("count-selected(${name})".to_owned()),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let (inner, same) = (number(depth - 1), number(depth - 1));
    prop_oneof![
        3 => leaf,
        2 => (inner.clone(), select(&["+", "-", "*", "div", "mod"][..]), same.clone())
            .prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
        1 => (condition(depth - 1), inner.clone(), same).prop_map(|(c, a, b)| format!("if({c}, {a}, {b})")),
        1 => (reference(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
        1 => inner.prop_map(|a| format!("-{a}")),
    ]
    .boxed()
}

/// An expression whose value is a text, or should be one.
fn words(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => reference(),
        2 => select(&["''", "'0'", "'2'", "'10'", "'1 2'", "'word'", "'2010'", "'a \"b\"'", "\"'\""][..])
            .prop_map(str::to_owned),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let (inner, same) = (words(depth - 1), words(depth - 1));
    prop_oneof![
        4 => leaf,
        1 => (condition(depth - 1), inner.clone(), same.clone())
            .prop_map(|(c, a, b)| format!("if({c}, {a}, {b})")),
        1 => (inner, same).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
    ]
    .boxed()
}

/// An expression that is true or false.
fn condition(depth: u32) -> BoxedStrategy<String> {
    let below = depth.saturating_sub(1);
    let compared = prop_oneof![
        3 => (number(below), select(&["=", "!=", "<", "<=", ">", ">="][..]), number(below))
            .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        3 => (words(below), select(&["=", "!="][..]), words(below))
            .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        1 => (words(below), select(&["=", "!=", ">"][..]), number(below))
            .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        2 => (reference(), select(&["'1'", "'2'", "'12'", "'x'", "'7'", "'a-b'", "'word'", "'two'"][..]))
            .prop_map(|(a, code)| format!("selected({a}, {code})")),
        1 => select(&["${one}", "${other}", "."][..]).prop_map(|a| format!("regex({a}, '[1-9]|a.b')")),
        1 => select(&["true()", "false()"][..]).prop_map(str::to_owned),
    ];
    if depth == 0 {
        return compared.boxed();
    }
    let (inner, same) = (condition(below), condition(below));
    prop_oneof![
        4 => compared,
        3 => (inner.clone(), select(&["and", "or"][..]), same.clone())
            .prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
        1 => inner.clone().prop_map(|a| format!("not({a})")),
        1 => (inner.clone(), same.clone(), condition(below))
            .prop_map(|(c, a, b)| format!("if({c}, {a}, {b})")),
        1 => (inner, select(&["=", "!="][..]), same).prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
    ]
    .boxed()
}
