//! The bundled framework, an economy, and workbooks written as text tables.

use std::collections::BTreeMap;

use maturity::answer::{Answer, Missing};
use maturity::cell::{Address, Book, Cell, CellValue, Sheet};
use maturity::economy::{Economy, EconomyCode};
use maturity::finding::{Finding, Refusal};
use maturity::framework::{Date, Framework, FrameworkSources, Kind};
use maturity::id::Id;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::submission::{Collected, Field, Received, Response, Wave};
use questionnaire::{Entered, Recogniser, Request};

pub(crate) fn sources() -> FrameworkSources {
    FrameworkSources {
        framework: include_str!("../../../frameworks/gtmi-2022/framework.toml").to_owned(),
        indicators: include_str!("../../../frameworks/gtmi-2022/indicators.csv").to_owned(),
        survey: include_str!("../../../frameworks/gtmi-2022/survey.csv").to_owned(),
        choices: include_str!("../../../frameworks/gtmi-2022/choices.csv").to_owned(),
    }
}

pub(crate) fn framework() -> Framework {
    Framework::load(&sources()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What a workbook holds.
pub(crate) fn recognise(book: &Book, framework: &Framework) -> Result<Vec<Received>, Refusal> {
    Recogniser::of(framework).recognise(book)
}

/// These answers as those of an earlier wave.
pub(crate) fn previous(framework: &Framework, answers: &BTreeMap<Id, Answer>) -> PreviousAnswers {
    let date = Date { year: 2020, month: 11, day: 30 };
    PreviousAnswers::new(Wave(2020), date, answers.clone(), framework)
}

pub(crate) fn economy(code: &str, name: &str) -> Economy {
    Economy {
        code: EconomyCode::new(code),
        name: name.to_owned(),
        names: BTreeMap::new(),
        iso3: code.to_owned(),
        iso2: String::new(),
        other_codes: Vec::new(),
        other_names: Vec::new(),
        region: "AFR".to_owned(),
        income: "LM".to_owned(),
    }
}

/// An answer to every question, of each kind, with texts that look like something else.
pub(crate) fn answers(framework: &Framework) -> BTreeMap<Id, Answer> {
    let mut answers = BTreeMap::new();
    for (number, question) in framework.questions.iter().enumerate() {
        let codes: Vec<String> = framework
            .choices(question)
            .map(|list| list.choices.iter().map(|choice| choice.code.clone()).collect())
            .unwrap_or_default();
        let answer = match &question.kind {
            Kind::SelectOne(_) => Answer::Choice(codes[number % codes.len()].clone()),
            Kind::SelectMultiple(_) => Answer::Choices(codes[..2].to_vec()),
            Kind::Integer => Answer::Number(2016.0),
            Kind::Decimal => Answer::Number(0.25),
            Kind::Text if number % 3 == 0 => Answer::Text(format!("=SUM(A1) {number} & <é> 01")),
            Kind::Text => Answer::Text(format!("https://example.org/{number}")),
            Kind::External(_) => Answer::Missing(Missing::NotApplicable),
        };
        answers.insert(question.id.clone(), answer);
    }
    answers
}

pub(crate) fn request<'a>(
    framework: &'a Framework,
    economy: &'a Economy,
    language: &str,
    answers: &'a BTreeMap<Id, Answer>,
    entered: &'a Entered,
) -> Request<'a> {
    Request {
        framework,
        economy,
        language: Language::new(language),
        answers,
        entered,
        collected: Some(Collected::Survey),
        deadline: Some("30 June 2022".to_owned()),
        previous: None,
    }
}

/// Evidence for one question.
pub(crate) fn evidence(question: &str, text: &str) -> Entered {
    let mut entered = Entered::default();
    entered.insert(Id::from(question), Field::Evidence, text.to_owned());
    entered
}

/// A sheet from lines of cells between bars, starting at `start`; numbers become numbers.
pub(crate) fn sheet_at(name: &str, start: Address, table: &str) -> Sheet {
    let mut cells = Vec::new();
    for (row, line) in (start.row..).zip(table.trim().lines()) {
        let line = line.trim();
        let line = line.strip_prefix('|').unwrap_or(line);
        for (column, text) in (start.column..).zip(line.split('|')) {
            let text = text.trim();
            if !text.is_empty() {
                let value = text.parse().map_or_else(|_| CellValue::Text(text.to_owned()), CellValue::Number);
                cells.push(Cell { address: Address::new(row, column), value, formula: false });
            }
        }
    }
    Sheet::new(name, cells)
}

pub(crate) fn sheet(name: &str, table: &str) -> Sheet {
    sheet_at(name, Address::new(0, 0), table)
}

pub(crate) fn book(sheets: Vec<Sheet>) -> Book {
    Book { sheets, ..Book::default() }
}

/// `question field value place` of each response.
pub(crate) fn told(responses: &[Response]) -> Vec<String> {
    let line =
        |r: &Response| format!("{} {} [{}] {}", r.question, r.field.as_str(), r.value.display(), r.place);
    responses.iter().map(line).collect()
}

/// The responses of one question and field.
pub(crate) fn of<'a>(received: &'a Received, question: &str, field: Field) -> Vec<&'a Response> {
    received.responses.iter().filter(|r| r.question == question && r.field == field).collect()
}

/// `severity message` of what was noticed while reading.
pub(crate) fn noticed(received: &Received) -> Vec<String> {
    let english = Language::english();
    let line = |finding: &Finding| format!("{} {}", finding.severity.as_str(), finding.message(&english));
    received.findings.iter().map(line).collect()
}
