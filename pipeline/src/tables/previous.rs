//! The answers of an earlier wave from a table: the wide one of the coded answers, or the long one that `gtmi export`
//! writes.
//!
//! An answer to a question that is no longer asked is left out. What cannot be read as an answer to its question, or names
//! a choice that there no longer is, is left out too, and is told: the table came from somewhere, and nobody sees a cell
//! that stays empty.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use maturity::answer::Answer;
use maturity::economy::{Economies, EconomyCode};
use maturity::framework::{ChoiceList, Framework, Kind, Question};
use maturity::id::Id;
use maturity::normalize::matching_key;
use maturity::previous::PreviousAnswers;

use super::{CodedTable, TableError, bytes, row_error, rows};
use crate::config::PreviousTable;
use crate::guard::unguarded;

/// What is told of the table, the rest being counted.
const TOLD: usize = 5;

/// What a table of an earlier wave holds.
#[derive(Debug, Clone, Default)]
pub struct PreviousTables {
    /// The answers by economy.
    pub answers: BTreeMap<EconomyCode, PreviousAnswers>,
    /// What of it could not be used, for people to read.
    pub left_out: Vec<String>,
}

/// Reads the table; an economy stands in it once.
pub fn previous_answers(
    table: &PreviousTable,
    framework: &Framework,
    economies: &Economies,
) -> Result<PreviousTables, TableError> {
    let path = &table.path;
    let mut reading = Reading { path, framework, answers: BTreeMap::new(), left_out: BTreeMap::new() };
    if !reading.long(economies)? {
        reading.wide(economies)?;
    }
    let left_out = reading.told();
    let known = |(economy, answers): (EconomyCode, BTreeMap<Id, Answer>)| {
        (economy, PreviousAnswers::new(table.wave, table.date, answers, framework))
    };
    Ok(PreviousTables { answers: reading.answers.into_iter().map(known).collect(), left_out })
}

/// Why answers to a question were left out, with how many and where the first of them stands.
type LeftOut = BTreeMap<(usize, &'static str), (usize, u64, String)>;

struct Reading<'a> {
    path: &'a Path,
    framework: &'a Framework,
    answers: BTreeMap<EconomyCode, BTreeMap<Id, Answer>>,
    left_out: LeftOut,
}

impl Reading<'_> {
    fn wrong(&self, line: u64, what: String) -> TableError {
        TableError::Row { path: self.path.to_owned(), line, what }
    }

    /// A row for each economy.
    fn wide(&mut self, economies: &Economies) -> Result<(), TableError> {
        let table = CodedTable::read(self.path, self.framework, economies)?;
        let mut lines: BTreeMap<EconomyCode, u64> = BTreeMap::new();
        for row in table.rows()? {
            let row = row?;
            if let Some(first) = lines.insert(row.economy.clone(), row.line) {
                let what = format!("{} stands there twice, first on line {first} (keep one)", row.economy);
                return Err(self.wrong(row.line, what));
            }
            let mut answers = BTreeMap::new();
            for (question, text) in &row.answers {
                if let Some(answer) = self.answer(question, text, row.line) {
                    answers.insert(question.clone(), answer);
                }
            }
            self.answers.insert(row.economy, answers);
        }
        Ok(())
    }

    /// A row for each answer, as `gtmi export` writes them; tells whether the table is one of these.
    fn long(&mut self, economies: &Economies) -> Result<bool, TableError> {
        let bytes = bytes(self.path)?;
        let mut reader = rows(&bytes);
        let headings = reader.headers().map_err(|error| row_error(self.path, &error))?.clone();
        let column = |name: &str| headings.iter().position(|heading| heading == name);
        let columns = ["economy", "question", "code", "value", "text"].map(column);
        let [Some(economy), Some(question), Some(code), Some(value), Some(text)] = columns else {
            return Ok(false);
        };
        for record in reader.records() {
            let record = record.map_err(|error| row_error(self.path, &error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| record.get(at).unwrap_or_default();
            let Ok((known, _)) = economies.find(cell(economy)) else {
                let what = format!("the economy \"{}\" is not in the table of economies", cell(economy));
                return Err(self.wrong(line, what));
            };
            let id = Id::from(cell(question));
            // Before what a spreadsheet program would run, `gtmi export` puts an apostrophe.
            let given = [code, value, text].map(|at| unguarded(cell(at)));
            let given = given.into_iter().find(|text| !text.is_empty());
            let Some(answer) = given.and_then(|text| self.answer(&id, text, line)) else { continue };
            match self.answers.entry(known.code.clone()).or_default().entry(id) {
                Entry::Vacant(entry) => {
                    entry.insert(answer);
                }
                Entry::Occupied(entry) => {
                    let what = format!("{} of {} stands there twice (keep one)", entry.key(), known.code);
                    return Err(self.wrong(line, what));
                }
            }
        }
        Ok(true)
    }

    /// The answer that a text gives to a question that is asked; what is none is kept to be told.
    fn answer(&mut self, id: &Id, text: &str, line: u64) -> Option<Answer> {
        let framework = self.framework;
        let question = framework.question(id).filter(|question| question.is_asked())?;
        match understood(framework, question, text) {
            Ok(answer) => Some(answer),
            Err(why) => {
                let position = framework.position(id).unwrap_or_default();
                let told = self.left_out.entry((position, why)).or_insert((0, line, text.to_owned()));
                told.0 += 1;
                None
            }
        }
    }

    fn told(&self) -> Vec<String> {
        let told = |((position, why), (count, line, text)): (&(usize, &str), &(usize, u64, String))| {
            let question =
                self.framework.questions.get(*position).map_or("", |question| question.id.as_str());
            let answers = if *count == 1 { "1 answer" } else { &*format!("{count} answers") };
            let of = self.path.display();
            format!("{of}:{line}: {question}: {answers} left out: \"{text}\" {why}")
        };
        let mut all: Vec<String> = self.left_out.iter().take(TOLD).map(told).collect();
        let more = self.left_out.len() - all.len();
        if more > 0 {
            all.push(format!(
                "{}: {more} more questions have answers that were left out",
                self.path.display()
            ));
        }
        all
    }
}

/// A text as an answer, or why it is none.
fn understood(framework: &Framework, question: &Question, text: &str) -> Result<Answer, &'static str> {
    let list = || framework.choices(question).ok_or("has no list of choices");
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    match &question.kind {
        Kind::SelectOne(_) => {
            let code = code(list()?, text).ok_or("is no choice of its list")?;
            Ok(Answer::Choice(code))
        }
        Kind::SelectMultiple(_) => {
            let list = list()?;
            let codes = codes(list, text).ok_or("names what is no choice of its list")?;
            Ok(Answer::Choices(codes))
        }
        Kind::Integer => number()
            .filter(|number| number.fract() == 0.0)
            .map(Answer::Number)
            .ok_or("is no whole number (digits alone, without separators)"),
        Kind::Decimal => {
            number().map(Answer::Number).ok_or("is no number (digits, with a point for decimals)")
        }
        Kind::Text => Ok(Answer::Text(text.to_owned())),
        Kind::External(_) => Err("is not asked"),
    }
}

/// The choice that a text means: by its code, by the code as a spreadsheet wrote it (`2.0`), or by its label.
fn code(list: &ChoiceList, text: &str) -> Option<String> {
    if list.choice(text).is_some() {
        return Some(text.to_owned());
    }
    let whole = text.split_once('.').filter(|(_, decimals)| decimals.chars().all(|digit| digit == '0'));
    if let Some((whole, _)) = whole
        && list.choice(whole).is_some()
    {
        return Some(whole.to_owned());
    }
    let key = matching_key(text);
    let mut labelled =
        list.choices.iter().filter(|choice| choice.label.all().any(|label| matching_key(label) == key));
    match (labelled.next(), labelled.next()) {
        (Some(choice), None) => Some(choice.code.clone()),
        _ => None,
    }
}

/// Several choices, separated by semicolons, by commas, or as `gtmi export` writes their codes, by blanks.
fn codes(list: &ChoiceList, text: &str) -> Option<Vec<String>> {
    let parted = |separator: char| -> Option<Vec<String>> {
        let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| code(list, part)).collect()
    };
    code(list, text)
        .map(|code| vec![code])
        .or_else(|| [';', ',', ' '].into_iter().find_map(parted))
        .filter(|codes| !codes.is_empty())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use maturity::framework::Date;
    use maturity::submission::Wave;

    use super::*;
    use crate::tables::testing::{economies, framework};

    fn read(table: &str) -> Result<PreviousTables, TableError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("previous.csv");
        fs::write(&path, table).unwrap();
        let table = PreviousTable { path, wave: Wave(2028), date: Date { year: 2028, month: 6, day: 30 } };
        previous_answers(&table, &framework(), &economies())
    }

    fn of_ken(table: &str) -> Vec<(String, String)> {
        let read = read(table).unwrap();
        assert_eq!(read.left_out, Vec::<String>::new(), "{table}");
        let answers = read.answers[&EconomyCode::new("KEN")].answers.clone();
        answers
            .into_iter()
            .map(|(id, answer)| (id.to_string(), answer.expression_value().into_owned()))
            .collect()
    }

    #[test]
    fn an_answer_is_understood_in_every_form_that_spreadsheets_and_the_export_give_it() {
        let expected = [("Q1", "2"), ("Q2", "a b"), ("Q3", "2010"), ("Q4", "45.5")];
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(id, answer)| (id.to_owned(), answer.to_owned())).collect();
        for row in [
            "2,\"a,b\",2010,45.5",
            "2.0,a b,2010.0,45.50",
            "In force,Bus;Night bus,2010,4.55e1",
            "in force,\"bus, night bus\",2010,45.5",
        ] {
            assert_eq!(of_ken(&format!("economy,Q1,Q2,Q3,Q4\nKEN,{row}\n")), expected, "{row}");
        }
        let long = "wave,economy,question,code,value,text\n2028,KEN,Q1,2,,\n2028,KEN,Q2,a b,,\n\
                    2028,KEN,Q3,,2010,\n2028,KEN,Q4,,45.5,\n";
        assert_eq!(of_ken(long), expected);
        // As the export writes a text that a spreadsheet program would run.
        let guarded = "wave,economy,question,code,value,text\n2028,KEN,Q5,,,'+Cloud\n";
        assert_eq!(of_ken(guarded), [("Q5".to_owned(), "+Cloud".to_owned())]);
    }

    #[test]
    fn what_is_no_answer_to_its_question_is_told_with_its_line() {
        let found = read("economy,Q1,Q2,Q3,Q4,gone\nKEN,7,a foo,2010.5,\"45,5\",x\nPER,8,-,,45%,\n").unwrap();
        let told: Vec<&str> = found
            .left_out
            .iter()
            .filter_map(|told| told.split_once("previous.csv:").map(|(_, told)| told))
            .collect();
        assert_eq!(
            told,
            [
                "2: Q1: 2 answers left out: \"7\" is no choice of its list",
                "2: Q2: 1 answer left out: \"a foo\" names what is no choice of its list",
                "2: Q3: 1 answer left out: \"2010.5\" is no whole number (digits alone, without separators)",
                "2: Q4: 2 answers left out: \"45,5\" is no number (digits, with a point for decimals)",
            ]
        );
        assert!(found.answers.values().all(|known| known.answers.is_empty()));
    }

    #[test]
    fn an_economy_stands_there_once() {
        let twice = read("economy,Q1\nKEN,2\nKEN,0\n").unwrap_err().to_string();
        assert!(
            twice.ends_with("previous.csv:3: KEN stands there twice, first on line 2 (keep one)"),
            "{twice}"
        );
    }
}
